import type { TensorLike } from '@linum/tensor'
import { zerosLikeTree } from '../leaves.js'
import { rawTree } from '../raw.js'
import { GradientTransformation, stateless, type TransformationState } from '../transformation.js'
import { ema, type EmaOptions } from '../transformations/ema.js'

// Written as a method, so that a function of a more precise type of tree is one too.
interface MeasureFunction {
  of(updates: never): unknown
}

/** What is measured of updates: a tree of tensors. */
export type Measure = MeasureFunction['of']

const apply = (measure: Measure, t: unknown): unknown => measure(t as never)

/** Keeps `measure(updates)` in the state, under that name; updates pass through. The first one is of the parameters. */
export const snapshot = (measureName: string, measure: Measure): GradientTransformation =>
  new GradientTransformation(
    'snapshot',
    { measureName, measure },
    {
      init: (params) => ({ measurement: { [measureName]: apply(measure, rawTree(params)) } }),
      update: (updates) => [updates, { measurement: { [measureName]: apply(measure, updates) } }],
    },
  )

interface MonitorState {
  readonly measurements: Readonly<Record<string, unknown>>
  readonly measureStates: readonly TransformationState[]
}

/**
 * Keeps what functions or transformations make of the updates in the state, each under its name; updates pass through.
 * Before the first step they are 0.
 */
export const monitor = (
  measures: Readonly<Record<string, GradientTransformation | Measure>>,
): GradientTransformation => {
  const links = Object.entries(measures).map(
    ([name, measure]) =>
      [
        name,
        measure instanceof GradientTransformation
          ? measure
          : stateless('measure', { measure }, (updates) => apply(measure, updates)),
      ] as const,
  )
  return new GradientTransformation(
    'monitor',
    { measures: { ...measures } },
    {
      init: (params) => {
        const raw = rawTree(params)
        const states = links.map(([, link]) => link.init(raw))
        const first = links.map(([name, link], i) => {
          const [measured] = link.update(zerosLikeTree(raw), states[i], raw)
          return [name, zerosLikeTree(measured)] as const
        })
        return { measurements: Object.fromEntries(first), measureStates: states }
      },
      update: (updates, { measureStates }: MonitorState, params, extra) => {
        const measured = links.map(([, link], i) => link.update(updates, measureStates[i], params, extra))
        return [
          updates,
          {
            measurements: Object.fromEntries(links.map(([name], i) => [name, measured[i]![0]])),
            measureStates: measured.map(([, state]) => state),
          },
        ]
      },
    },
  )
}

/** The average over steps of `measure(updates)`, for `monitor`: its updates are the measurement. */
export const measureWithEma = (
  measure: Measure,
  decay: TensorLike,
  options: EmaOptions = {},
): GradientTransformation => {
  const average = ema(decay, options)
  return new GradientTransformation(
    'measureWithEma',
    { measure, ...average.hyperparameters },
    {
      init: (params) => average.init(apply(measure, rawTree(params))),
      update: (updates, state: TransformationState) => average.update(apply(measure, updates), state),
    },
  )
}
