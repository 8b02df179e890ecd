import { type Content, makeChart } from './chart.js'
import { makeCurve, type Point, smooth, thin } from './curve.js'
import { find } from './find.js'

/** The curves of a training. */
export interface Curves {
  readonly clear: () => void
  readonly add: (steps: number, losses: Float32Array, accuracies: Float32Array) => void
  readonly addTest: (steps: number, accuracy: number) => void
  /** The loss of the last steps; null before the first. */
  readonly loss: () => number | null
}

const limit = 600
const span = 12

const percent = (share: number): string => `${Math.round(100 * share)} %`
const short = (loss: number): string => String(Number(loss.toPrecision(2)))

const lossContent = (steps: number, points: readonly Point[]): Content => {
  const mean = smooth(points, span)
  const greatest = Math.max(0.01, ...mean.map(({ value }) => value))
  const high = Number.isFinite(greatest) ? 1.08 * greatest : 1
  return {
    lines: [
      { points, colour: '--accent', width: 1, opacity: 0.3, dot: false },
      { points: mean, colour: '--accent', width: 2, opacity: 1, dot: true },
    ],
    steps,
    low: 0,
    high,
    format: short,
  }
}

const accuracyContent = (steps: number, batches: readonly Point[], tests: readonly Point[]): Content => {
  const mean = smooth(batches, span)
  const least = Math.min(0.9, ...mean.map(({ value }) => value), ...tests.map(({ value }) => value))
  return {
    lines: [
      { points: mean, colour: '--muted', width: 1.25, opacity: 0.7, dot: false },
      { points: tests, colour: '--second', width: 2, opacity: 1, dot: true },
    ],
    steps,
    low: Math.max(0, Math.min(3, Math.floor(least * 4))) / 4,
    high: 1,
    format: percent,
  }
}

/** The charts of loss and accuracy. */
export const makeCurves = (): Curves => {
  let [losses, accuracies] = [makeCurve(limit), makeCurve(limit)]
  let tests: readonly Point[] = []
  let steps = 0
  const charts = [
    makeChart(find('loss-chart', HTMLCanvasElement), () => lossContent(steps, losses.points())),
    makeChart(find('accuracy-chart', HTMLCanvasElement), () => accuracyContent(steps, accuracies.points(), tests)),
  ]
  const show = (): void => charts.forEach((redraw) => redraw())
  return {
    clear: () => {
      ;[losses, accuracies, tests, steps] = [makeCurve(limit), makeCurve(limit), [], 0]
      show()
    },
    add: (now, newLosses, newAccuracies) => {
      steps = now
      newLosses.forEach(losses.push)
      newAccuracies.forEach(accuracies.push)
      show()
    },
    addTest: (at, accuracy) => {
      tests = thin([...tests, { step: at, value: accuracy }], limit)
      show()
    },
    loss: () => smooth(losses.points(), span).at(-1)?.value ?? null,
  }
}
