import { type ArrayOps, type DType, mul, type Tensor, type TensorLike } from '@linum/tensor'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

export interface TraceOptions {
  /** Whether the updates look one step ahead. */
  readonly nesterov?: boolean
  /** In which dtype the trace is kept; the parameters' own if absent. */
  readonly accumulatorDtype?: DType | undefined
}

const accumulate = (g: ArrayOps, trace: ArrayOps, decay: TensorLike): Tensor => mul(trace, decay).add(g)

/** Momentum without damping: t' = g + decay t. The updates are t', with `nesterov` g + decay t'. */
export const trace = (
  decay: TensorLike,
  { nesterov = false, accumulatorDtype }: TraceOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    'trace',
    { decay, nesterov, accumulatorDtype },
    {
      init: (params) => ({ trace: zerosLikeTree(params, accumulatorDtype) }),
      update: (updates, state: { readonly trace: unknown }) => {
        const {
          columns: [g, t],
          build,
        } = align('trace', updates, state.trace)
        const next = g!.map((x, i) => accumulate(x, t![i]!, decay))
        const out = nesterov ? g!.map((x, i) => accumulate(x, next[i]!, decay)) : next
        return [build(out), { trace: build(castAll(next, accumulatorDtype)) }]
      },
    },
  )
