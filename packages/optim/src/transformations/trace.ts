import { type ArrayOps, mul, type Tensor } from '@linum/tensor'
import { align, zerosLikeTree } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

export interface TraceOptions {
  /** Whether the updates look one step ahead. */
  readonly nesterov?: boolean
}

const accumulate = (g: ArrayOps, trace: ArrayOps, decay: number): Tensor => mul(trace, decay).add(g)

/** Momentum without damping: t' = g + decay t. The updates are t', with `nesterov` g + decay t'. */
export const trace = (decay: number, { nesterov = false }: TraceOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'trace',
    { decay, nesterov },
    {
      init: (params) => ({ trace: zerosLikeTree(params) }),
      update: (updates, state: { readonly trace: unknown }) => {
        const {
          columns: [g, t],
          build,
        } = align('trace', updates, state.trace)
        const next = g!.map((x, i) => accumulate(x, t![i]!, decay))
        const out = nesterov ? g!.map((x, i) => accumulate(x, next[i]!, decay)) : next
        return [build(out), { trace: build(next) }]
      },
    },
  )
