import { batches, type Examples, shuffled, side } from 'digits/dataset'
import { makeMeter } from 'digits/program'
import { jit, np, optim, Optimizer, random, type Tensor, valueAndGrad } from 'linum'
import { accuracyOf } from '../accuracy.js'
import type { Watch } from '../example.js'
import type { RowReader } from './model.js'

/** How to train. */
export type TrainOptions = {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
}

const trainStep = jit((model: RowReader, optimizer: Optimizer<RowReader>, x: Tensor, y: Tensor) => {
  const lossFn = (model: RowReader): readonly [Tensor, Tensor] => {
    const logits = model.forward(x)
    return [optim.softmaxCrossEntropyWithIntegerLabels(logits, y).mean(), logits]
  }
  const [[loss, logits], grads] = valueAndGrad(lossFn, { hasAux: true })(model)
  optimizer.update(grads)
  return [loss, logits.argmax({ axis: -1 }).eq(y).sum()] as const
})

/** Trains `model` in place and gives the loss of every step. */
export const train = async (
  model: RowReader,
  examples: Examples,
  { epochs, batch, lr, seed }: TrainOptions,
  { progress, signal }: Watch,
): Promise<readonly number[]> => {
  const size = examples.labels.length
  const steps = Math.floor(size / batch)
  const schedule = optim.warmupCosineDecaySchedule(0, lr, Math.ceil((epochs * steps) / 10), epochs * steps)
  // Through 28 steps gradients can grow: their norm is kept to 1.
  const optimizer = new Optimizer(model, optim.chain(optim.clipByGlobalNorm(1), optim.adam(schedule)))
  const key = random.key(seed)
  const meter = makeMeter(progress, signal, batch)
  for (let epoch = 1; epoch <= epochs; epoch++) {
    meter.start(epoch, steps)
    for (const { x, y } of batches(examples, await shuffled(key, epoch, size), batch, 'drop')) {
      await meter.step(...trainStep(model, optimizer, np.array(x).reshape([batch, side, side]), np.array(y)))
    }
    await meter.finish()
  }
  return meter.losses
}

const classify = jit((model: RowReader, x: Tensor) => model.forward(x).argmax({ axis: -1 }))

/** The share of examples that the model reads right. */
export const test = (model: RowReader, examples: Examples, signal: AbortSignal): Promise<number> => {
  const predict = (x: Float32Array, size: number) =>
    classify(model, np.array(x).reshape([size, side, side])).data() as Promise<Int32Array>
  return accuracyOf(examples, predict, signal)
}
