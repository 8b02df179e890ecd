import { setImmediate } from 'node:timers/promises'
import type { Tensor } from 'linum'
import { TrainingError } from './failure.js'
import type { Progress, Standing } from './report/progress.js'

/** The display is told, and signals are heard, this often. */
const pauseMs = 80

/** Follows a training: `start` an epoch, give it the results of every `step`, `finish` the epoch. */
export type Meter = {
  /** The loss of every step so far. */
  readonly losses: readonly number[]
  readonly start: (epoch: number, steps: number) => void
  /** The loss of a step and, where there is such a thing, how many of its examples were right. */
  readonly step: (loss: Tensor, right?: Tensor) => Promise<void>
  readonly finish: () => Promise<Standing>
}

/**
 * Reads the results of steps late and together, so that a device can work ahead.
 *
 * @param batch - examples in a step, of which some are right
 * @param unit - what a stretch of training is called
 * @throws {@link TrainingError} at `step` or `finish` if a loss is not finite; the reason of `signal` when that aborts
 */
export const makeMeter = (progress: Progress, signal: AbortSignal, batch = 1, unit = 'epoch'): Meter => {
  const losses: number[] = []
  let unread: (readonly [loss: Tensor, right: Tensor | undefined])[] = []
  let [epoch, first, taken, right, counted] = [0, 0, 0, 0, false]
  let [started, paused] = [performance.now(), performance.now()]

  const read = async (): Promise<Standing> => {
    for (const [loss, hits] of unread) {
      const value = Number((await loss.data())[0])
      if (!Number.isFinite(value)) {
        throw new TrainingError(
          `the loss became ${value} in step ${losses.length - first + 1} of ${unit} ${epoch}; try a smaller --lr`,
        )
      }
      losses.push(value)
      if (hits === undefined) continue
      counted = true
      right += Number((await hits.data())[0])
    }
    unread = []
    const steps = losses.length - first
    return {
      loss: losses.slice(first).reduce((sum, value) => sum + value, 0) / steps,
      ...(counted ? { accuracy: right / (steps * batch) } : {}),
      stepsPerSecond: (1000 * steps) / (performance.now() - started),
    }
  }

  return {
    losses,
    start: (number, steps) => {
      ;[epoch, first, taken, right, counted] = [number, losses.length, 0, 0, false]
      started = performance.now()
      progress.start(epoch, steps)
    },
    step: async (loss, hits) => {
      unread.push([loss, hits])
      taken += 1
      if (performance.now() - paused < pauseMs) return
      progress.update(taken, await read())
      await setImmediate()
      signal.throwIfAborted()
      paused = performance.now()
    },
    finish: async () => {
      const standing = await read()
      progress.finish(standing)
      return standing
    },
  }
}
