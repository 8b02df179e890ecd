import { setImmediate } from 'node:timers/promises'
import { jit, np, optim, Optimizer, random, valueAndGrad, type Tensor } from 'linum'
import { batches, type Arrangement } from './dataset/batches.js'
import { pixels } from './dataset/digits.js'
import type { Examples } from './dataset/split.js'
import { TrainingError } from './failure.js'
import type { Classifier } from './model.js'
import type { Progress, Standing } from './report/progress.js'

/** The display is told, and signals are heard, this often. */
const pauseMs = 80

/** Every image is moved by up to so many pixels down or right, anew in each epoch: worth 1 % of accuracy. */
const maxShift = 1

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

const arrange = async (key: Tensor, epoch: number, size: number): Promise<Arrangement> => {
  const [orderKey, shiftKey] = [random.foldIn(key, 2 * epoch), random.foldIn(key, 2 * epoch + 1)]
  const order = await random.permutation(orderKey, size).data()
  const shifts = await random.randint(shiftKey, [size, 2], -maxShift, maxShift + 1).data()
  return { order: Int32Array.from(order), shifts: Int32Array.from(shifts) }
}

/** Reads the results of steps late and together, so that a device can work ahead. */
const meter = (epoch: number, batch: number) => {
  const started = performance.now()
  const losses: number[] = []
  let unread: (readonly [Tensor, Tensor])[] = []
  let hits = 0
  return {
    losses,
    add: (loss: Tensor, hit: Tensor): void => {
      unread.push([loss, hit])
    },
    read: async (): Promise<Standing> => {
      for (const [loss, hit] of unread) {
        const value = Number((await loss.data())[0])
        if (!Number.isFinite(value)) {
          throw new TrainingError(
            `the loss became ${value} in step ${losses.length + 1} of epoch ${epoch}; try a smaller --lr`,
          )
        }
        losses.push(value)
        hits += Number((await hit.data())[0])
      }
      unread = []
      return {
        loss: losses.reduce((sum, value) => sum + value, 0) / losses.length,
        accuracy: hits / (losses.length * batch),
        stepsPerSecond: (1000 * losses.length) / (performance.now() - started),
      }
    },
  }
}

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
  const losses: number[] = []
  const started = performance.now()
  let paused = started
  model.train()
  for (let epoch = 1; epoch <= epochs; epoch++) {
    progress.start(epoch, steps)
    const epochMeter = meter(epoch, batch)
    let step = 0
    for (const { x, y } of batches(examples, await arrange(key, epoch, size), batch, 'drop')) {
      const [loss, hit] = trainStep(model, optimizer, np.array(x).reshape([batch, pixels]), np.array(y))
      epochMeter.add(loss, hit)
      step += 1
      if (performance.now() - paused < pauseMs) continue
      progress.update(step, await epochMeter.read())
      await setImmediate()
      signal.throwIfAborted()
      paused = performance.now()
    }
    progress.finish(await epochMeter.read())
    losses.push(...epochMeter.losses)
  }
  return { losses, seconds: (performance.now() - started) / 1000 }
}
