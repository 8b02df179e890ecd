import {
  add,
  array,
  div,
  equal,
  finfo,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  pow,
  sqrt,
  square,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { lowestFloat } from '../dtypes.js'
import { requireValue } from '../extra.js'
import { align, zerosLikeTree } from '../leaves.js'
import { oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation } from '../transformation.js'
import { squaredNorm, vdotTree } from '../tree-sums.js'
import { rateAt } from './prodigy.js'

export interface MomoOptions {
  /** Decay of the averages; 0.9. */
  readonly beta?: TensorLike
  /** What the loss cannot fall below; 0. */
  readonly lowerBound?: TensorLike
  /** 0. */
  readonly weightDecay?: TensorLike
  /** Whether the lower bound is estimated on the way. */
  readonly adaptLowerBound?: boolean
}

interface MomoState {
  readonly expAvg: unknown
  readonly barf: Tensor
  readonly gamma: Tensor
  readonly lb: Tensor
  readonly count: Tensor
}

const start = (params: unknown, lowerBound: TensorLike): object => {
  const dtype = lowestFloat(params)
  return {
    expAvg: zerosLikeTree(params),
    barf: array(0, { dtype }),
    gamma: array(0, { dtype }),
    lb: toTensor('momo', lowerBound).astype(dtype),
    count: zeroCount(),
  }
}

/** What the model of the loss says of a step. */
interface Model {
  readonly barf: Tensor
  readonly gamma: Tensor
  readonly iprod: Tensor
  readonly norm: Tensor
  /** 1 + alpha weightDecay. */
  readonly grown: Tensor
  /** What the lower bound counts as, early on. */
  readonly correction: TensorLike
}

const boundBelow = ({ barf, gamma, iprod, grown, correction }: Model, lb: Tensor, lowerBound: TensorLike): Tensor => {
  const cap = mul(grown, sub(barf, gamma)).add(iprod)
  const scaled = mul(grown, correction)
  return where(less(cap, mul(scaled, lb)), maximum(cap.div(mul(scaled, 2)), lowerBound), lb)
}

const stepLength = ({ barf, gamma, iprod, norm, grown, correction }: Model, lb: Tensor, alpha: TensorLike): Tensor => {
  const gap = maximum(mul(grown, sub(barf, mul(lb, correction)).sub(gamma)).add(iprod), 0)
  return minimum(where(lessEqual(norm, finfo('float32').eps), 0, gap.div(norm)), alpha)
}

const nextBound = ({ barf, gamma, iprod, norm, correction }: Model, tau: Tensor, lowerBound: TensorLike): Tensor =>
  maximum(barf.add(iprod).sub(gamma).sub(mul(tau, norm).mul(0.5)).div(correction), lowerBound)

/**
 * MoMo (Schaipp et al. 2024): momentum whose steps, up to `learningRate`, come from a model of the loss. Needs `params`
 * at `update`, and `value`, the loss, among the extra arguments.
 */
export const momo = (
  learningRate: ScalarOrSchedule = 1,
  { beta = 0.9, lowerBound = 0, weightDecay = 0, adaptLowerBound = false }: MomoOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    'momo',
    { learningRate, beta, lowerBound, weightDecay, adaptLowerBound },
    {
      init: (params) => start(params, lowerBound),
      update: (updates, state: MomoState, given, extra) => {
        const params = requireParams('momo', given)
        const {
          columns: [g, p, m],
          build,
        } = align('momo', updates, params, state.expAvg)
        const { dtype } = state.barf
        const value = toTensor('momo', requireValue('momo', extra)).astype(dtype)
        const b = where(equal(state.count, 0), 0, beta).astype(dtype)
        const alpha = rateAt('momo', learningRate, state.count, dtype)
        const average = (old: Tensor, x: Tensor): Tensor =>
          mul(old, b)
            .add(mul(x, sub(1, b)))
            .astype(dtype)
        const expAvg = g!.map((x, i) => mul(m![i]!, b).add(mul(x, sub(1, b))))
        const decay = mul(alpha, weightDecay)
        const model: Model = {
          barf: average(state.barf, value),
          gamma: average(state.gamma, vdotTree('momo', updates, params)),
          iprod: vdotTree('momo', expAvg, p!),
          norm: squaredNorm(expAvg),
          grown: decay.add(1),
          correction: 1,
        }
        const lb = adaptLowerBound ? boundBelow(model, state.lb, lowerBound) : state.lb
        const tau = stepLength(model, lb, alpha)
        const out = expAvg.map((x, i) => mul(p![i]!, div(decay, model.grown).neg()).sub(mul(x, tau)))
        return [
          build(out),
          {
            expAvg: build(expAvg),
            barf: model.barf,
            gamma: model.gamma,
            lb: adaptLowerBound ? nextBound(model, tau, lowerBound).astype(dtype) : state.lb,
            count: increment(state.count),
          },
        ]
      },
    },
  )

export interface MomoAdamOptions extends Omit<MomoOptions, 'beta'> {
  /** Decay of the average of gradients; 0.9. */
  readonly b1?: TensorLike
  /** Decay of the average of squared gradients; 0.999. */
  readonly b2?: TensorLike
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
}

interface MomoAdamState extends MomoState {
  readonly expAvgSq: unknown
}

/**
 * MoMo-Adam (Schaipp et al. 2024): Adam whose steps, up to `learningRate`, come from a model of the loss. Needs `params`
 * at `update`, and `value`, the loss, among the extra arguments.
 */
export const momoAdam = (
  learningRate: ScalarOrSchedule = 1e-2,
  { b1 = 0.9, b2 = 0.999, eps = 1e-8, lowerBound = 0, weightDecay = 0, adaptLowerBound = false }: MomoAdamOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    'momoAdam',
    { learningRate, b1, b2, eps, lowerBound, weightDecay, adaptLowerBound },
    {
      init: (params) => ({ ...start(params, lowerBound), expAvgSq: zerosLikeTree(params) }),
      update: (updates, state: MomoAdamState, given, extra) => {
        const params = requireParams('momoAdam', given)
        const {
          columns: [g, p, m, v],
          build,
        } = align('momoAdam', updates, params, state.expAvg, state.expAvgSq)
        const { dtype } = state.barf
        const value = toTensor('momoAdam', requireValue('momoAdam', extra)).astype(dtype)
        const count = increment(state.count)
        const t = count.astype('float32')
        const [bc1, bc2] = [sub(1, pow(b1, t)).astype(dtype), sub(1, pow(b2, t)).astype(dtype)]
        const alpha = rateAt('momoAdam', learningRate, state.count, dtype)
        const average = (old: TensorLike, x: TensorLike): Tensor => mul(old, b1).add(mul(x, oneMinus(b1)))
        const expAvg = g!.map((x, i) => average(m![i]!, x))
        const expAvgSq = g!.map((x, i) => mul(v![i]!, b2).add(mul(square(x), oneMinus(b2))))
        const precond = expAvgSq.map((x) => add(sqrt(x.div(bc2)), eps))
        const decay = mul(alpha, weightDecay)
        const model: Model = {
          barf: average(state.barf, value).astype(dtype),
          gamma: average(state.gamma, vdotTree('momoAdam', updates, params)).astype(dtype),
          iprod: vdotTree('momoAdam', expAvg, p!),
          norm: vdotTree(
            'momoAdam',
            expAvg,
            expAvg.map((x, i) => x.div(precond[i]!)),
          ),
          grown: decay.add(1),
          correction: bc1,
        }
        const lb = adaptLowerBound ? boundBelow(model, state.lb, lowerBound) : state.lb
        const tau = stepLength(model, lb, div(alpha, bc1))
        const out = expAvg.map((x, i) => mul(p![i]!, div(decay, model.grown).neg()).sub(mul(x, tau).div(precond[i]!)))
        return [
          build(out),
          {
            expAvg: build(expAvg),
            expAvgSq: build(expAvgSq),
            barf: model.barf,
            gamma: model.gamma,
            lb: adaptLowerBound ? nextBound(model, tau, lowerBound).astype(dtype) : state.lb,
            count,
          },
        ]
      },
    },
  )
