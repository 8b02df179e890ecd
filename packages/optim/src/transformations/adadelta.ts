import { add, type TensorLike } from '@linum/tensor'
import { align, zerosLikeTree } from '../leaves.js'
import { secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface AdadeltaScaling {
  /** Decay of the averages of squares; 0.9. */
  readonly rho?: TensorLike
  /** Added inside both square roots; 1e-6. */
  readonly eps?: TensorLike
}

interface AdadeltaState {
  readonly eG: unknown
  readonly eX: unknown
}

/** Updates by the ratio of the root mean squares of past updates and of gradients, so that units agree (Zeiler 2012). */
export const scaleByAdadelta = ({ rho = 0.9, eps = 1e-6 }: AdadeltaScaling = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdadelta',
    { rho, eps },
    {
      init: (params) => ({ eG: zerosLikeTree(params), eX: zerosLikeTree(params) }),
      update: (updates, state: AdadeltaState) => {
        const {
          columns: [g, squares, moved],
          build,
        } = align('scaleByAdadelta', updates, state.eG, state.eX)
        const eG = g!.map((x, i) => secondMoment(x, squares![i]!, rho))
        const out = g!.map((x, i) => add(moved![i]!, eps).sqrt().div(eG[i]!.add(eps).sqrt()).mul(x))
        const eX = out.map((x, i) => secondMoment(x, moved![i]!, rho))
        return [build(out), { eG: build(eG), eX: build(eX) }]
      },
    },
  )
