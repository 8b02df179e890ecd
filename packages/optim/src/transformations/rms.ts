import { type ArrayOps, mul, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, fullLikeTree, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, firstMoment, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface RmsOptions {
  /** Decay of the averages; 0.9. */
  readonly decay?: TensorLike
  /** 1e-8. */
  readonly eps?: TensorLike
  /** What the average of squares starts from; 0. */
  readonly initialScale?: TensorLike
  /** Whether `eps` is added before the square root is taken, the default, or after. */
  readonly epsInSqrt?: boolean
  /** Whether averages are corrected for their start at 0. */
  readonly biasCorrection?: boolean
}

const inverseRoot = (x: Tensor, eps: TensorLike, inside: boolean): Tensor =>
  inside ? x.add(eps).rsqrt() : x.sqrt().add(eps).reciprocal()

interface RmsState {
  readonly count?: Tensor
  readonly mu?: unknown
  readonly nu: unknown
}

const corrected = (moments: readonly Tensor[], divisor: Tensor | null): readonly Tensor[] =>
  divisor === null ? moments : moments.map((m) => debias(m, divisor))

const scaled = (
  name: string,
  centered: boolean,
  { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, biasCorrection = false }: RmsOptions,
): GradientTransformation =>
  new GradientTransformation(
    name,
    { decay, eps, initialScale, epsInSqrt, biasCorrection },
    {
      init: (params) => ({
        ...(biasCorrection ? { count: zeroCount() } : {}),
        ...(centered ? { mu: zerosLikeTree(params) } : {}),
        nu: fullLikeTree(params, initialScale),
      }),
      update: (updates, state: RmsState) => {
        const {
          columns: [g, v, m],
          build,
        } = align(name, updates, state.nu, ...(centered ? [state.mu] : []))
        const count = biasCorrection ? increment(state.count as ArrayOps) : null
        const divisor = count === null ? null : debiasDivisor(decay, count)
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, decay))
        const mu = centered ? g!.map((x, i) => firstMoment(x, m![i]!, decay)) : null
        const squares = corrected(nu, divisor)
        const means = mu === null ? null : corrected(mu, divisor)
        const out = g!.map((x, i) =>
          mul(inverseRoot(means === null ? squares[i]! : squares[i]!.sub(means[i]!.square()), eps, epsInSqrt), x),
        )
        return [
          build(out),
          { ...(count === null ? {} : { count }), ...(mu === null ? {} : { mu: build(mu) }), nu: build(nu) },
        ]
      },
    },
  )

/** Updates over the root of the average of their squares (Hinton 2012). */
export const scaleByRms = (options: RmsOptions = {}): GradientTransformation => scaled('scaleByRms', false, options)

/** Updates over their standard deviation: `scaleByRms` with the square of the average taken off (Graves 2013). */
export const scaleByStddev = (options: RmsOptions = {}): GradientTransformation =>
  scaled('scaleByStddev', true, options)
