import { equal, mod, mul, sub, type Tensor, type TensorLike, where } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, mapAligned } from '../leaves.js'
import { isLevel } from '../level.js'
import { oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'

/** Two copies of the parameters: gradients are taken at the fast ones, the slow ones follow and are what is trained. */
export interface LookaheadParams<P = unknown> {
  readonly fast: P
  readonly slow: P
}

/** Both copies equal, to begin with. */
export const lookaheadParams = <P>(params: P): LookaheadParams<P> => ({ fast: params, slow: params })

const isPair = (params: unknown): params is LookaheadParams => isLevel(params) && 'fast' in params && 'slow' in params

export interface LookaheadOptions {
  /** Whether the state of the fast optimizer starts over at each synchronization; false. */
  readonly resetState?: boolean
}

interface LookaheadState {
  readonly fastState: TransformationState
  readonly stepsSinceSync: Tensor
}

const moves = (
  updates: unknown,
  sync: Tensor,
  { fast, slow }: LookaheadParams,
  slowStepSize: TensorLike,
): LookaheadParams => {
  const {
    columns: [u, f, s],
    build,
  } = align('lookahead', updates, fast, slow)
  const ahead = u!.map((x, i) => sub(f![i]!.add(x), s![i]!))
  return {
    fast: build(u!.map((x, i) => where(sync, sub(x, mul(ahead[i]!, oneMinus(slowStepSize))), x))),
    slow: build(ahead.map((x) => where(sync, mul(x, slowStepSize), 0))),
  }
}

/**
 * Every `syncPeriod` steps of the fast optimizer the slow parameters go `slowStepSize` of the way to the fast ones, and
 * these start from there (Zhang et al. 2019). Parameters and updates are `LookaheadParams`; gradients are those at the
 * fast parameters. Throws RangeError unless `syncPeriod` is a positive integer.
 */
export const lookahead = (
  fastOptimizer: GradientTransformation,
  syncPeriod: number,
  slowStepSize: TensorLike,
  { resetState = false }: LookaheadOptions = {},
): GradientTransformation => {
  if (!Number.isInteger(syncPeriod) || syncPeriod < 1)
    throw new RangeError(
      `lookahead: Synchronization period must be >= 1, got ${syncPeriod}; give the number of fast steps between two slow ones`,
    )
  return new GradientTransformation(
    'lookahead',
    { fastOptimizer, syncPeriod, slowStepSize, resetState },
    {
      init: (params) => ({
        fastState: fastOptimizer.init(isPair(params) ? params.fast : params),
        stepsSinceSync: zeroCount(),
      }),
      update: (updates, state: LookaheadState, given, extra) => {
        const params = requireParams('lookahead', given)
        if (!isPair(params))
          throw new TypeError(
            'lookahead: expected LookaheadParams as parameters, got something without fast and slow; start from lookaheadParams(params)',
          )
        const [changed, stepped] = fastOptimizer.update(updates, state.fastState, params.fast, extra)
        const sync = equal(state.stepsSinceSync, syncPeriod - 1)
        const fastState = resetState
          ? mapAligned('lookahead', (now, start) => where(sync, start!, now!), stepped, fastOptimizer.init(params.fast))
          : stepped
        return [
          moves(changed, sync, params, slowStepSize),
          { fastState, stepsSinceSync: mod(increment(state.stepsSinceSync), syncPeriod) },
        ]
      },
    },
  )
}
