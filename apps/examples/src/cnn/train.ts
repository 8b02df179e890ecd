import { batches, type Examples, shuffled, side } from 'digits/dataset'
import { makeMeter } from 'digits/program'
import { jit, np, optim, Optimizer, random, type Tensor, valueAndGrad } from 'linum'
import { accuracyOf } from '../accuracy.js'
import type { Watch } from '../example.js'
import type { Cnn } from './model.js'

/** How to train. */
export type TrainOptions = {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
}

const trainStep = jit((model: Cnn, optimizer: Optimizer<Cnn>, x: Tensor, y: Tensor) => {
  const lossFn = (model: Cnn): readonly [Tensor, Tensor] => {
    const logits = model.forward(x)
    return [optim.softmaxCrossEntropyWithIntegerLabels(logits, y).mean(), logits]
  }
  const [[loss, logits], grads] = valueAndGrad(lossFn, { hasAux: true })(model)
  optimizer.update(grads)
  return [loss, logits.argmax({ axis: -1 }).eq(y).sum()] as const
})

/** Trains `model` in place and gives the loss of every step. */
export const train = async (
  model: Cnn,
  examples: Examples,
  { epochs, batch, lr, seed }: TrainOptions,
  { progress, signal }: Watch,
): Promise<readonly number[]> => {
  const size = examples.labels.length
  const steps = Math.floor(size / batch)
  const schedule = optim.warmupCosineDecaySchedule(0, lr, Math.ceil((epochs * steps) / 10), epochs * steps)
  const optimizer = new Optimizer(model, optim.adam(schedule))
  const key = random.key(seed)
  const meter = makeMeter(progress, signal, batch)
  model.train()
  for (let epoch = 1; epoch <= epochs; epoch++) {
    meter.start(epoch, steps)
    for (const { x, y } of batches(examples, await shuffled(key, epoch, size), batch, 'drop')) {
      const images = np.array(x).reshape([batch, side, side, 1])
      await meter.step(...trainStep(model, optimizer, images, np.array(y)))
    }
    await meter.finish()
  }
  return meter.losses
}

const classify = jit((model: Cnn, x: Tensor) => model.forward(x).argmax({ axis: -1 }))

/** The share of examples that the model reads right, without dropout. */
export const test = (model: Cnn, examples: Examples, signal: AbortSignal): Promise<number> => {
  model.eval()
  const predict = (x: Float32Array, size: number) =>
    classify(model, np.array(x).reshape([size, side, side, 1])).data() as Promise<Int32Array>
  return accuracyOf(examples, predict, signal)
}
