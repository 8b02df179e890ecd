import type { DType, Tensor, TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { debias as divide, debiasDivisor, firstMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface EmaOptions {
  /** Whether the average is corrected for its start at 0; true. */
  readonly debias?: boolean
  /** In which dtype the average is kept; the parameters' own if absent. */
  readonly accumulatorDtype?: DType | undefined
}

interface EmaState {
  readonly count: Tensor
  readonly ema: unknown
}

/** The average of updates so far, where each counts `decay` times as much as the next one. */
export const ema = (decay: TensorLike, { debias = true, accumulatorDtype }: EmaOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'ema',
    { decay, debias, accumulatorDtype },
    {
      init: (params) => ({ count: zeroCount(), ema: zerosLikeTree(params, accumulatorDtype) }),
      update: (updates, state: EmaState) => {
        const {
          columns: [g, m],
          build,
        } = align('ema', updates, state.ema)
        const count = increment(state.count)
        const next = g!.map((x, i) => firstMoment(x, m![i]!, decay))
        const divisor = debiasDivisor(decay, count)
        const out = debias ? next.map((x) => divide(x, divisor)) : next
        return [build(out), { count, ema: build(castAll(next, accumulatorDtype)) }]
      },
    },
  )
