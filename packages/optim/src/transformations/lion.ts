import type { DType, Tensor, TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { firstMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface LionOptions {
  /** How much of the update is the average of gradients; 0.9. */
  readonly b1?: TensorLike
  /** Decay of that average; 0.99. */
  readonly b2?: TensorLike
  /** In which dtype the average is kept; the parameters' own if absent. */
  readonly muDtype?: DType | undefined
}

/** The sign of a mix of the gradient and its average, so that every element moves equally far (Chen et al. 2023, algorithm 2). */
export const scaleByLion = ({ b1 = 0.9, b2 = 0.99, muDtype }: LionOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByLion',
    { b1, b2, muDtype },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params, muDtype) }),
      update: (updates, state: { readonly count: Tensor; readonly mu: unknown }) => {
        const {
          columns: [g, m],
          build,
        } = align('scaleByLion', updates, state.mu)
        const out = g!.map((x, i) => firstMoment(x, m![i]!, b1).sign())
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b2))
        return [build(out), { count: increment(state.count), mu: build(castAll(mu, muDtype)) }]
      },
    },
  )
