import { clip, div, greater, maximum, neg, pow, sqrt, type Tensor, type TensorLike, where } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { firstMoment, secondMoment } from '../moment.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation } from '../transformation.js'
import type { AdamOptions } from '../transformations/adam.js'
import { descend } from './descend.js'

export interface AdoptOptions extends Omit<AdamOptions, 'epsRoot'> {
  /** Whether normalized gradients are clipped, as for the first step they must be; true. */
  readonly useClipping?: boolean
  /** To what, by the number of steps done before; its fourth root. */
  readonly clipValueFn?: (count: Tensor) => TensorLike
}

interface AdoptState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

const fourthRoot = (count: Tensor): Tensor => pow(count.astype('float32'), 0.25)

/** The average of gradients, each over the root of the average of squares before it (Taniguchi et al. 2024). `b2` is 0.9999, `eps` 1e-6. */
export const scaleByAdopt = ({
  b1 = 0.9,
  b2 = 0.9999,
  eps = 1e-6,
  muDtype,
  nesterov = false,
  useClipping = true,
  clipValueFn = fourthRoot,
}: AdoptOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdopt',
    { b1, b2, eps, muDtype, nesterov, useClipping, clipValueFn },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params, muDtype), nu: zerosLikeTree(params) }),
      update: (updates, state: AdoptState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByAdopt', updates, state.mu, state.nu)
        const started = greater(state.count, 0)
        const decay1 = where(started, b1, 1)
        const decay2 = where(started, b2, 0)
        const limit = useClipping ? toTensor('scaleByAdopt', clipValueFn(state.count)) : null
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, decay2.astype(x.dtype)).astype(v![i]!.dtype))
        const normalized = g!.map((x, i) => {
          const y = div(x, maximum(sqrt(v![i]!), eps))
          return limit === null ? y : clip(y, neg(limit), limit)
        })
        const next = normalized.map((x, i) => firstMoment(x, m![i]!, decay1.astype(x.dtype)))
        const out = nesterov ? normalized.map((x, i) => firstMoment(x, next[i]!, decay1.astype(x.dtype))) : next
        return [build(out), { count: increment(state.count), mu: build(castAll(next, muDtype)), nu: build(nu) }]
      },
    },
  )

/** ADOPT (Taniguchi et al. 2024): Adam that converges for any `b2`. `b2` is 0.9999, `eps` 1e-6. */
export const adopt = (learningRate: ScalarOrSchedule, options: AdoptOptions = {}): GradientTransformation =>
  descend('adopt', learningRate, scaleByAdopt(options))
