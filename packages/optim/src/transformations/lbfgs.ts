import {
  add,
  arange,
  type ArrayOps,
  dynamicIndexInDim,
  dynamicUpdateIndexInDim,
  equal,
  greater,
  minimum,
  mod,
  reciprocal,
  scan,
  sub,
  type Tensor,
  where,
  zeros,
} from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { mapAligned, mapLeaves, zerosLikeTree } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation } from '../transformation.js'
import { addScaled, normTree, scaleTree, squaredNorm, vdotTree } from '../tree-sums.js'

export interface LbfgsMemoryOptions {
  /** How many differences are kept; 10. */
  readonly memorySize?: number
  /** Whether the identity that the approximation starts from is scaled by the last step's curvature; true. */
  readonly scaleInitPrecond?: boolean
}

interface LbfgsState {
  readonly count: Tensor
  readonly params: unknown
  readonly updates: unknown
  readonly diffParamsMemory: unknown
  readonly diffUpdatesMemory: unknown
  readonly weightsMemory: Tensor
}

const fn = 'scaleByLbfgs'

const entry = (memory: unknown, index: Tensor): unknown =>
  mapLeaves((x) => dynamicIndexInDim(x, index, { keepdims: false }), memory)

const store = (memory: unknown, index: Tensor, value: unknown): unknown =>
  mapAligned(fn, (m, x) => dynamicUpdateIndexInDim(m!, x!, index, { axis: 0 }), memory, value)

interface Memory {
  readonly params: unknown
  readonly updates: unknown
  readonly weights: Tensor
}

/** The two-loop recursion: the inverse Hessian's approximation times the updates (Nocedal and Wright 2006, algorithm 7.4). */
const precondition = (
  updates: unknown,
  { params, updates: changes, weights }: Memory,
  identityScale: Tensor | null,
  oldest: Tensor,
): unknown => {
  const n = weights.shape[0]!
  const order = mod(add(arange(n, { dtype: 'int32' }), oldest), n)
  const weight = (index: Tensor): Tensor => dynamicIndexInDim(weights, index, { keepdims: false })
  const [right, alphas] = scan(
    (vec: unknown, index: Tensor) => {
      const alpha = weight(index).mul(vdotTree(fn, entry(params, index), vec))
      return [addScaled(fn, vec, alpha.neg(), entry(changes, index)), alpha] as const
    },
    updates,
    order,
    { reverse: true },
  )
  const [left] = scan(
    (vec: unknown, [index, alpha]: readonly [Tensor, Tensor]) => {
      const beta = weight(index).mul(vdotTree(fn, entry(changes, index), vec))
      return [addScaled(fn, vec, alpha.sub(beta), entry(params, index)), null] as const
    },
    identityScale === null ? right : scaleTree(identityScale, right),
    [order, alphas] as const,
  )
  return left
}

const identityScaling = (updates: unknown, diffUpdates: unknown, curvature: Tensor, started: Tensor): Tensor => {
  const denominator = squaredNorm(diffUpdates)
  const scale = where(greater(denominator, 0), curvature.div(denominator), 1)
  return where(started, scale, minimum(1, reciprocal(normTree(updates))))
}

/**
 * Updates times an approximation of the inverse Hessian from the last `memorySize` steps, of which only differences of
 * parameters and gradients are kept (Nocedal 1980). Needs `params` at `update`, and should be followed by a line
 * search. Throws RangeError unless `memorySize` is a positive integer.
 */
export const scaleByLbfgs = ({
  memorySize = 10,
  scaleInitPrecond = true,
}: LbfgsMemoryOptions = {}): GradientTransformation => {
  if (!Number.isInteger(memorySize) || memorySize < 1)
    throw new RangeError(`${fn}: memorySize must be >= 1, got ${memorySize}; give the number of differences to keep`)
  const memory = (params: unknown): unknown =>
    mapLeaves((p) => zeros([memorySize, ...p.shape], { dtype: p.dtype }), params)
  return new GradientTransformation(
    fn,
    { memorySize, scaleInitPrecond },
    {
      init: (params) => ({
        count: zeroCount(),
        params: zerosLikeTree(params),
        updates: zerosLikeTree(params),
        diffParamsMemory: memory(params),
        diffUpdatesMemory: memory(params),
        weightsMemory: zeros([memorySize]),
      }),
      update: (updates, state: LbfgsState, params) => {
        const current = requireParams(fn, params)
        const started = greater(state.count, 0)
        const since = (now: unknown, before: unknown): unknown =>
          mapAligned(fn, (x: ArrayOps, y: ArrayOps) => where(started, sub(x, y), 0), now, before)
        const diffParams = since(current, state.params)
        const diffUpdates = since(updates, state.updates)
        const curvature = vdotTree(fn, diffUpdates, diffParams)
        // The inner choice keeps the derivative where there is no curvature from being NaN.
        const none = equal(curvature, 0)
        const weight = where(none, 0, reciprocal(where(none, 1, curvature))).astype(state.weightsMemory.dtype)
        const last = mod(sub(state.count, 1), memorySize)
        const next: Memory = {
          params: store(state.diffParamsMemory, last, diffParams),
          updates: store(state.diffUpdatesMemory, last, diffUpdates),
          weights: dynamicUpdateIndexInDim(state.weightsMemory, weight, last, { axis: 0 }),
        }
        const scale = scaleInitPrecond ? identityScaling(updates, diffUpdates, curvature, started) : null
        return [
          precondition(updates, next, scale, mod(state.count, memorySize)),
          {
            count: increment(state.count),
            params: current,
            updates,
            diffParamsMemory: next.params,
            diffUpdatesMemory: next.updates,
            weightsMemory: next.weights,
          },
        ]
      },
    },
  )
}
