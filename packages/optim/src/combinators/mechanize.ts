import {
  abs,
  add,
  array,
  clip,
  div,
  full,
  maximum,
  mul,
  neg,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  zeros,
} from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { lowestFloat } from '../dtypes.js'
import { align, mapLeaves } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'
import { normTree, vdotTree } from '../tree-sums.js'

export interface MechanizeOptions {
  /** Weight decay of the learned scale; 0.01. */
  readonly weightDecay?: TensorLike
  /** 1e-8. */
  readonly eps?: TensorLike
  /** The first scale; 1e-6. */
  readonly sInit?: number
  /** How many scales of decays 1 - 0.1^i are learned and summed up; 6. */
  readonly numBetas?: number
}

interface MechanicState {
  readonly baseOptimizerState: TransformationState
  readonly count: Tensor
  readonly r: Tensor
  readonly m: Tensor
  readonly v: Tensor
  readonly s: Tensor
  readonly x0: unknown
}

const fn = 'mechanize'

/** `baseOptimizer` with a factor of its updates that is learned (Cutkosky, Defazio and Mehta 2023). Needs `params` at `update`. */
export const mechanize = (
  baseOptimizer: GradientTransformation,
  { weightDecay = 0.01, eps = 1e-8, sInit = 1e-6, numBetas = 6 }: MechanizeOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    fn,
    { baseOptimizer, weightDecay, eps, sInit, numBetas },
    {
      init: (params) => {
        const dtype = lowestFloat(params)
        const none = zeros([numBetas], { dtype })
        return {
          baseOptimizerState: baseOptimizer.init(params),
          count: zeroCount(),
          r: none,
          m: none,
          v: none,
          s: full([numBetas], sInit, { dtype }),
          x0: mapLeaves((p) => p.asTensor(), params),
        }
      },
      update: (updates, state: MechanicState, given, extra) => {
        const params = requireParams(fn, given)
        const { dtype } = state.s
        const [moves, baseOptimizerState] = baseOptimizer.update(updates, state.baseOptimizerState, params, extra)
        const {
          columns: [g, p, x0, u],
          build,
        } = align(fn, updates, params, state.x0, moves)
        const total = sum(state.s)
        const pull = mul(total, weightDecay)
          .mul(normTree(updates))
          .div(add(normTree(params), eps))
        const decayed = g!.map((x, i) => add(x, mul(p![i]!, pull)))
        const before = p!.map((x, i) => div(sub(x0![i]!, x), add(total, eps)))
        const delta = before.map((x, i) => sub(x, u![i]!))
        const h = vdotTree(fn, decayed, before).astype(dtype)
        const betas = array(
          Array.from({ length: numBetas }, (_, i) => 1 - 0.1 ** (i + 1)),
          { dtype },
        )
        const clipped = clip(h, neg(state.m), state.m)
        const m = maximum(mul(betas, state.m), add(abs(h), eps))
        const v = mul(square(betas), state.v).add(square(h))
        const r = mul(betas, state.r).add(mul(clipped, state.s))
        const wealth = mul(m, sInit / numBetas).add(maximum(r, 0))
        const s = wealth.div(sqrt(v).add(eps))
        const scale = sum(s)
        const out = delta.map((x, i) => sub(x0![i]!, mul(x, scale)).sub(p![i]!))
        return [build(out), { baseOptimizerState, count: increment(state.count), r, m, v, s, x0: state.x0 }]
      },
    },
  )
