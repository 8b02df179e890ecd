import { grad, jvp } from '@linum/autodiff'
import {
  clip,
  cond,
  div,
  equal,
  maximum,
  mod,
  mul,
  random,
  type Tensor,
  type TensorLike,
  tree,
  type ArrayOps,
  where,
} from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { requireFunction } from '../extra.js'
import { align, castAll, mapAligned, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, firstMoment } from '../moment.js'
import type { Mask } from '../mask.js'
import { requireParams } from '../params.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'
import type { AdamOptions } from '../transformations/adam.js'
import { descendWithDecay } from './descend.js'

const hutchinson = 'hutchinsonEstimatorDiagHessian'

const signs = (key: Tensor, params: unknown): unknown => {
  const [leaves, def] = tree.flatten(params)
  const keys = random.split(key, Math.max(leaves.length, 1))
  return tree.unflatten(
    def,
    (leaves as readonly ArrayOps[]).map((p, i) =>
      where(random.bernoulli(keys.slice(i), { p: 0.5, shape: p.shape }), 1, -1).astype(p.dtype),
    ),
  )
}

/**
 * Hutchinson's estimate of the diagonal of the Hessian: H z times z for random signs z. Needs `params` at `update` and
 * `objFn`, the loss as a function of the parameters, among the extra arguments. `key` is a random key or the seed of one.
 */
export const hutchinsonEstimatorDiagHessian = (key: Tensor | number = 0): GradientTransformation =>
  new GradientTransformation(
    hutchinson,
    { key },
    {
      init: () => ({ key: typeof key === 'number' ? random.key(key) : key }),
      update: (_, state: { readonly key: Tensor }, given, extra) => {
        const params = requireParams(hutchinson, given)
        const objFn = requireFunction<(params: unknown) => Tensor>(hutchinson, 'objFn', extra)
        const keys = random.split(state.key)
        const z = signs(keys.slice(1), params)
        const [, product] = jvp(grad(objFn) as (p: unknown) => unknown, [params], [z] as never)
        return [mapAligned(hutchinson, (h, s) => mul(h!, s!), product, z), { key: keys.slice(0) }]
      },
    },
  )

export interface SophiaScaling extends Omit<AdamOptions, 'epsRoot' | 'nesterov'> {
  /** Weight of the curvature; 0.01. */
  readonly gamma?: TensorLike
  /** What an element of an update is at most; 1, null for no limit. */
  readonly clipThreshold?: TensorLike | null
  /** Every how many steps the curvature is estimated; 10. */
  readonly updateInterval?: number
  /** How: a transformation whose updates are the diagonal of the Hessian. */
  readonly hessianDiagonalFn?: GradientTransformation
}

interface SophiaState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
  readonly hessianFnState: TransformationState
}

const fn = 'scaleBySophia'

/** The average of gradients over that of the Hessian's diagonal, clipped (Liu et al. 2024). `b1` is 0.965, `b2` 0.99. Needs what its estimate needs. */
export const scaleBySophia = ({
  b1 = 0.965,
  b2 = 0.99,
  eps = 1e-8,
  gamma = 0.01,
  clipThreshold = 1,
  updateInterval = 10,
  hessianDiagonalFn = hutchinsonEstimatorDiagHessian(),
  muDtype,
}: SophiaScaling = {}): GradientTransformation =>
  new GradientTransformation(
    fn,
    { b1, b2, eps, gamma, clipThreshold, updateInterval, hessianDiagonalFn, muDtype },
    {
      init: (params) => ({
        count: zeroCount(),
        mu: zerosLikeTree(params, muDtype),
        nu: zerosLikeTree(params),
        hessianFnState: hessianDiagonalFn.init(params),
      }),
      update: (updates, state: SophiaState, given, extra) => {
        const params = requireParams(fn, given)
        const {
          columns: [g, m, v],
          build,
        } = align(fn, updates, state.mu, state.nu)
        const count = increment(state.count)
        const divisor = debiasDivisor(b1, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const out = mu.map((x, i) => {
          const step = div(debias(x, divisor), maximum(mul(v![i]!, gamma), eps))
          return clipThreshold === null
            ? step
            : clip(step, typeof clipThreshold === 'number' ? -clipThreshold : mul(clipThreshold, -1), clipThreshold)
        })
        const [nu, hessianFnState] = cond(
          equal(mod(state.count, updateInterval), 0),
          () => {
            const [diagonal, next] = hessianDiagonalFn.update(updates, state.hessianFnState, params, extra)
            const averaged = mapAligned(
              fn,
              (h, old) => firstMoment(h!, old!, b2).astype(old!.dtype),
              diagonal,
              state.nu,
            )
            return [averaged, next] as const
          },
          () => [state.nu, state.hessianFnState] as const,
        )
        return [build(out), { count, mu: build(castAll(mu, muDtype)), nu, hessianFnState }]
      },
    },
  )

export interface SophiaOptions extends SophiaScaling {
  /** Multiplied by the learning rate too; 1e-4. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which parameters decay; all if absent. */
  readonly weightDecayMask?: Mask | undefined
}

/** Sophia (Liu et al. 2024): steps by the curvature of the loss. Needs `params` at `update` and `objFn`, the loss as a function of them, among the extra arguments. */
export const sophia = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 1e-4, weightDecayMask, ...options }: SophiaOptions = {},
): GradientTransformation =>
  descendWithDecay('sophia', learningRate, scaleBySophia(options), weightDecay, weightDecayMask)
