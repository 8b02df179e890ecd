import { makeMeter, type Meter } from 'digits/program'
import { jit, np, optim, Optimizer, random, type Tensor, valueAndGrad } from 'linum'
import type { Watch } from '../example.js'
import type { Gpt } from './model.js'

/** How to train. */
export type TrainOptions = {
  readonly steps: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
}

/** The mean cross entropy of every character of windows [n, length + 1] but the first, given those before it. */
const lossOf = (model: Gpt, windows: Tensor): Tensor =>
  optim.softmaxCrossEntropyWithIntegerLabels(model.forward(windows.slice(':', ':-1')), windows.slice(':', '1:')).mean()

/** `batch` pieces from anywhere in the text, one character longer than the model reads. */
const drawWindows = (text: Tensor, key: Tensor, batch: number, time: number): Tensor => {
  const starts = random.randint(key, [batch, 1], 0, text.size - time)
  return np.take(text, starts.add(np.arange(time + 1)))
}

/** One compiled step: draws windows, differentiates, updates. */
const makeStep = (batch: number) =>
  jit((model: Gpt, optimizer: Optimizer<Gpt>, text: Tensor, key: Tensor) => {
    const windows = drawWindows(text, random.foldIn(key, optimizer.step.value), batch, model.sizes.time)
    const [loss, grads] = valueAndGrad((model: Gpt) => lossOf(model, windows))(model)
    optimizer.update(grads)
    return loss
  })

/** AdamW with a warm-up over the first tenth, then a cosine; gradients of a norm above 1 are scaled down to it. */
const transformation = (lr: number, steps: number): optim.GradientTransformation =>
  optim.chain(
    optim.clipByGlobalNorm(1),
    optim.adamw(optim.warmupCosineDecaySchedule(0, lr, Math.ceil(steps / 10), steps, { endValue: lr / 10 }), {
      b2: 0.99,
      weightDecay: 0.01,
    }),
  )

/** Trains `model` in place on `tokens`; `afterPart` is called after each of `parts` stretches of equal length. */
export const train = async (
  model: Gpt,
  tokens: Int32Array,
  { steps, batch, lr, seed }: TrainOptions,
  parts: number,
  { progress, signal }: Watch,
  afterPart: (part: number) => Promise<void>,
): Promise<Meter['losses']> => {
  const optimizer = new Optimizer(model, transformation(lr, steps))
  const [text, key] = [np.array(tokens), random.key(seed)]
  const step = makeStep(batch)
  const meter = makeMeter(progress, signal, batch, 'part')
  for (let part = 1; part <= parts; part++) {
    const count = Math.floor((steps * part) / parts) - Math.floor((steps * (part - 1)) / parts)
    meter.start(part, count)
    for (let i = 0; i < count; i++) await meter.step(step(model, optimizer, text, key))
    await meter.finish()
    await afterPart(part)
  }
  return meter.losses
}

const evaluate = jit((model: Gpt, windows: Tensor) => lossOf(model, windows))

/** The loss on the first windows of a text that lie side by side, at most `limit`. */
export const test = async (model: Gpt, tokens: Int32Array, limit = 64): Promise<number> => {
  const { time } = model.sizes
  const count = Math.min(limit, Math.floor((tokens.length - 1) / time))
  const rows = np
    .arange(count)
    .mul(time)
    .reshape([count, 1])
    .add(np.arange(time + 1))
  return Number((await evaluate(model, np.take(np.array(tokens), rows)).data())[0])
}
