import { equal, mod, neg, sub, type Tensor, where } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { requireFunction } from '../extra.js'
import { applyUpdates, mapAligned, mapLeaves } from '../leaves.js'
import { requireParams } from '../params.js'
import { type Extra, GradientTransformation, type TransformationState } from '../transformation.js'

export interface SamOptions {
  /** How many steps, the last of which is the real one; 2. */
  readonly syncPeriod?: number
  /** Whether the adversary starts over after each real step; true. */
  readonly resetState?: boolean
  /** True: one call of `update` is a whole period, and takes `gradFn` of the extra arguments, the gradients by parameters and number of step. */
  readonly opaqueMode?: boolean
}

interface SamState {
  readonly stepsSinceSync: Tensor
  readonly optState: TransformationState
  readonly advState: TransformationState
  readonly cache: unknown
}

const fn = 'sam'

const pick = (condition: Tensor, a: unknown, b: unknown): unknown =>
  mapAligned(fn, (x, y) => where(condition, x!, y!).astype(y!.dtype), a, b)

const negated = (t: unknown): unknown => mapLeaves((x) => neg(x), t)

/**
 * Sharpness-aware minimization (Foret et al. 2021): `advOptimizer` climbs for `syncPeriod - 1` steps, then `optimizer`
 * descends from where that began, by the gradients found on top. Needs `params` at `update`. Throws RangeError unless
 * `syncPeriod` is a positive integer.
 */
export const sam = (
  optimizer: GradientTransformation,
  advOptimizer: GradientTransformation,
  { syncPeriod = 2, resetState = true, opaqueMode = false }: SamOptions = {},
): GradientTransformation => {
  if (!Number.isInteger(syncPeriod) || syncPeriod < 1)
    throw new RangeError(
      `${fn}: Synchronization period must be >= 1, got ${syncPeriod}; give the number of steps of a period, the real one included`,
    )
  const step = (updates: unknown, state: SamState, params: unknown): readonly [unknown, SamState] => {
    const first = equal(state.stepsSinceSync, 0)
    const last = equal(state.stepsSinceSync, syncPeriod - 1)
    const [climb, advState] = advOptimizer.update(updates, state.advState, params)
    // At the first step of a period there is nothing to go back to yet, and nothing of this is used.
    const [descent, optState] = optimizer.update(updates, state.optState, state.cache)
    const back = mapAligned(fn, (c, p, u) => sub(c!, p!).add(u!), state.cache, params, descent)
    return [
      pick(last, back, negated(climb)),
      {
        stepsSinceSync: mod(increment(state.stepsSinceSync), syncPeriod),
        optState: pick(last, optState, state.optState) as TransformationState,
        advState: pick(last, resetState ? advOptimizer.init(params) : state.advState, advState) as TransformationState,
        cache: pick(first, params, state.cache),
      },
    ]
  }
  const period = (updates: unknown, state: SamState, params: unknown, extra: Extra): readonly [unknown, SamState] => {
    const gradFn = requireFunction<(params: unknown, step: number) => unknown>(fn, 'gradFn', extra)
    let current = { params, updates, state: state.advState }
    for (let i = 0; i < syncPeriod - 1; i++) {
      const [climb, advState] = advOptimizer.update(current.updates, current.state, current.params)
      const on = applyUpdates(current.params, negated(climb))
      current = { params: on, updates: gradFn(on, i), state: advState }
    }
    const [descent, optState] = optimizer.update(current.updates, state.optState, params)
    return [
      descent,
      {
        stepsSinceSync: state.stepsSinceSync,
        optState,
        advState: resetState ? advOptimizer.init(params) : current.state,
        cache: null,
      },
    ]
  }
  return new GradientTransformation(
    fn,
    { optimizer, advOptimizer, syncPeriod, resetState, opaqueMode },
    {
      init: (params) => ({
        stepsSinceSync: zeroCount(),
        optState: optimizer.init(params),
        advState: advOptimizer.init(params),
        cache: opaqueMode ? null : mapLeaves((p) => p.asTensor(), params),
      }),
      update: (updates, state: SamState, given, extra) => {
        const params = requireParams(fn, given)
        return opaqueMode ? period(updates, state, params, extra) : step(updates, state, params)
      },
    },
  )
}
