import { jit, np, optim, Optimizer, random, valueAndGrad, type Tensor } from 'linum'
import { batches } from './dataset/batches.js'
import { pixels } from './dataset/digits.js'
import { shuffled } from './dataset/shuffled.js'
import type { Examples } from './dataset/split.js'
import { makeMeter } from './meter.js'
import type { Classifier } from './model.js'
import type { Progress } from './report/progress.js'

/** How to train. */
export type TrainOptions = {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** What training left behind besides the trained model. */
export type History = { readonly losses: readonly number[]; readonly seconds: number }

const trainStep = jit((model: Classifier, optimizer: Optimizer<Classifier>, x: Tensor, y: Tensor) => {
  const lossFn = (model: Classifier): readonly [Tensor, Tensor] => {
    const logits = model.forward(x)
    return [optim.softmaxCrossEntropyWithIntegerLabels(logits, y).mean(), logits]
  }
  const [[loss, logits], grads] = valueAndGrad(lossFn, { hasAux: true })(model)
  optimizer.update(grads)
  return [loss, logits.argmax({ axis: -1 }).eq(y).sum()] as const
})

/**
 * Trains `model` in place with Adam, its rate rising over the first tenth of the steps and then falling along a cosine.
 * Examples that do not fill a batch are left out of that epoch. The same seed, data and device give the same weights.
 *
 * @throws {@link TrainingError} if the loss is no longer finite; the reason of `signal` when that aborts
 */
export const train = async (model: Classifier, examples: Examples, options: TrainOptions): Promise<History> => {
  const { epochs, batch, lr, seed, progress, signal } = options
  const size = examples.labels.length
  const steps = Math.floor(size / batch)
  const schedule = optim.warmupCosineDecaySchedule(0, lr, Math.ceil((epochs * steps) / 10), epochs * steps)
  const optimizer = new Optimizer(model, optim.adam(schedule))
  const key = random.key(seed)
  const meter = makeMeter(progress, signal, batch)
  const started = performance.now()
  model.train()
  for (let epoch = 1; epoch <= epochs; epoch++) {
    meter.start(epoch, steps)
    for (const { x, y } of batches(examples, await shuffled(key, epoch, size), batch, 'drop')) {
      const [loss, right] = trainStep(model, optimizer, np.array(x).reshape([batch, pixels]), np.array(y))
      await meter.step(loss, right)
    }
    await meter.finish()
  }
  return { losses: meter.losses, seconds: (performance.now() - started) / 1000 }
}
