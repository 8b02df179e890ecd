import type { Tensor } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { firstMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface LionOptions {
  /** How much of the update is the average of gradients; 0.9. */
  readonly b1?: number
  /** Decay of that average; 0.99. */
  readonly b2?: number
}

/** The sign of a mix of the gradient and its average, so that every element moves equally far (Chen et al. 2023, algorithm 2). */
export const scaleByLion = ({ b1 = 0.9, b2 = 0.99 }: LionOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByLion',
    { b1, b2 },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params) }),
      update: (updates, state: { readonly count: Tensor; readonly mu: unknown }) => {
        const {
          columns: [g, m],
          build,
        } = align('scaleByLion', updates, state.mu)
        const out = g!.map((x, i) => firstMoment(x, m![i]!, b1).sign())
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b2))
        return [build(out), { count: increment(state.count), mu: build(mu) }]
      },
    },
  )
