import { Intermediate, type Module } from '@linum/graph'
import {
  add,
  divide,
  dotGeneral,
  finfo,
  logicalAnd,
  multiply,
  promoteTypes,
  random,
  ShapeError,
  softmax,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'
import { floatOperand } from '../operand.js'
import { type FloatDType, promoteDtype } from '../promote-dtype.js'
import { causal } from './masks.js'

export interface AttentionOptions {
  /** Added to the logits; broadcasts to [...batch, heads, q, k]. */
  readonly bias?: TensorLike | null
  /** Where it is false or 0 a query does not see the key; broadcasts to [...batch, heads, q, k]. */
  readonly mask?: TensorLike | null
  /** Whether queries see only keys at their own position and before it. */
  readonly isCausal?: boolean
  /** One dropout mask [q, k] for all batches and heads; true by default. */
  readonly broadcastDropout?: boolean
  /** The key that dropout draws from. */
  readonly dropoutRng?: Tensor | null
  /** The share of weights that are set to 0; 0 by default. */
  readonly dropoutRate?: number
  /** True: no dropout. */
  readonly deterministic?: boolean
  /** The dtype of the computation; that of the operands together by default. */
  readonly dtype?: FloatDType | null
  /** The Module that sows the weights, as an Intermediate `attentionWeights`. */
  readonly module?: Module | null
}

/** How operands become an attention's result; what MultiHeadAttention takes as `attentionFn`. */
export type AttentionFunction = (
  query: TensorLike,
  key: TensorLike,
  value: TensorLike,
  options?: AttentionOptions,
) => Tensor

const shapesOf = (xs: readonly Tensor[]): string => xs.map((x) => formatShape(x.shape)).join(', ')

/** The operands in one dtype, checked to be [...batch, length, heads, depth] of one batch. */
const operands = (
  fn: string,
  names: string,
  xs: readonly TensorLike[],
  dtype: FloatDType | null = null,
): readonly Tensor[] => {
  const typed: readonly Tensor[] = promoteDtype(
    xs.map((x) => floatOperand(fn, x)),
    { dtype },
  )
  const [query] = typed
  if (typed.some((x) => x.ndim !== query!.ndim))
    throw new ShapeError(`${fn}: ${names} must have the same rank, got shapes ${shapesOf(typed)}`)
  if (query!.ndim < 3)
    throw new ShapeError(
      `${fn}: ${names} must have shape [...batch, length, heads, depth], got shapes ${shapesOf(typed)}; reshape them`,
    )
  const batch = (x: Tensor): string => x.shape.slice(0, -3).join()
  if (typed.some((x) => batch(x) !== batch(query!)))
    throw new ShapeError(`${fn}: the batch axes of ${names} must match, got shapes ${shapesOf(typed)}`)
  return typed
}

/** How many heads of a query share one of `few`. */
const headsPerGroup = (fn: string, what: string, heads: number, few: number): number => {
  if (few > 0 && heads % few === 0) return heads / few
  throw new ShapeError(
    `${fn}: query heads (${heads}) must be a multiple of ${what} heads (${few}), got shapes of ${heads} and ${few} heads`,
  )
}

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

const swapLast = (x: Tensor, ...order: readonly number[]): Tensor => {
  const lead = x.ndim - order.length
  return x.transpose([...upTo(lead), ...order.map((axis) => lead + axis)])
}

/** q·k for every query and key: [...batch, heads, q, k]. */
const productsOf = (fn: string, query: Tensor, key: Tensor): Tensor => {
  const [length, heads, depth] = query.shape.slice(-3) as [number, number, number]
  const [keys, groups] = key.shape.slice(-3) as [number, number]
  if (depth !== key.shape.at(-1))
    throw new ShapeError(`${fn}: the depths of query and key must match, got shapes ${shapesOf([query, key])}`)
  const lead = query.shape.slice(0, -3)
  const n = lead.length
  const batch = [...upTo(n), n + 1]
  // Sums and softmax of half floats are taken in float32.
  const wide = { preferredElementType: promoteTypes(query.dtype, 'float32') }
  if (heads === groups) return dotGeneral(query, key, { contract: [[n + 2], [n + 2]], batch: [batch, batch], ...wide })
  const shared = headsPerGroup(fn, 'key', heads, groups)
  // The heads of a group are further rows of one product, so that keys are not repeated.
  const grouped = swapLast(query.reshape([...lead, length, groups, shared, depth]), 1, 2, 0, 3)
  const products = dotGeneral(grouped, key, { contract: [[n + 3], [n + 2]], batch: [upTo(n + 1), batch], ...wide })
  return products.reshape([...lead, heads, length, keys])
}

const checkBroadcast = (fn: string, name: string, x: TensorLike, { shape }: Tensor): Tensor => {
  const t = toTensor(fn, x)
  const skip = shape.length - t.ndim
  if (skip >= 0 && t.shape.every((extent, axis) => extent === 1 || extent === shape[skip + axis])) return t
  throw new ShapeError(
    `${fn}: ${name} must broadcast to the shape of the weights [...batch, heads, q, k], ${formatShape(shape)}, got shape ${formatShape(t.shape)}`,
  )
}

/** The logits of keys that no query may see become the least number, so that a row of these alone gives equal weights. */
const masked = (fn: string, logits: Tensor, { mask, isCausal = false }: AttentionOptions): Tensor => {
  const given = mask === undefined || mask === null ? null : checkBroadcast(fn, 'mask', mask, logits)
  if (given === null && !isCausal) return logits
  const [T, S] = logits.shape.slice(-2) as [number, number]
  // An index comparison, which fuses into the softmax: no mask of [T, S] is ever stored.
  const seen = !isCausal ? given! : given === null ? causal(T, S) : logicalAnd(given, causal(T, S))
  return where(seen, logits, finfo(logits.dtype).min)
}

const dropped = (
  fn: string,
  weights: Tensor,
  { dropoutRate = 0, dropoutRng, broadcastDropout = true, deterministic = false }: AttentionOptions,
): Tensor => {
  if (!(dropoutRate >= 0 && dropoutRate <= 1))
    throw new RangeError(`${fn}: dropoutRate must be a number from 0 to 1, got ${dropoutRate}`)
  if (deterministic || dropoutRate === 0) return weights
  if (dropoutRng === undefined || dropoutRng === null)
    throw new TypeError(
      `${fn}: dropoutRng must be a random key where dropoutRate is not 0, got ${dropoutRng}; pass { dropoutRng: rngs.key('dropout') }, or { deterministic: true }`,
    )
  const { shape, ndim, dtype } = weights
  const keep = 1 - dropoutRate
  const drawn = random.bernoulli(dropoutRng, {
    p: keep,
    shape: broadcastDropout ? [...Array<number>(ndim - 2).fill(1), ...shape.slice(-2)] : shape,
  })
  return multiply(weights, divide(drawn.astype(dtype), keep))
}

const weightsOf = (fn: string, query: Tensor, key: Tensor, options: AttentionOptions): Tensor => {
  // The scale is left to the kernel of the softmax.
  const logits = multiply(productsOf(fn, query, key), 1 / Math.sqrt(query.shape.at(-1)!))
  const { bias } = options
  const biased =
    bias === undefined || bias === null
      ? logits
      : add(logits, checkBroadcast(fn, 'bias', bias, logits)).astype(logits.dtype)
  const weights = softmax(masked(fn, biased, options)).astype(query.dtype)
  options.module?.sow(Intermediate, 'attentionWeights', weights)
  return dropped(fn, weights, options)
}

/**
 * The weights softmax(q·k / sqrt(depth)) of [...batch, q, heads, depth] queries for [...batch, k, groups, depth] keys:
 * [...batch, heads, q, k]. Heads are a multiple of groups; neighbouring heads share a group. Throws ShapeError where the
 * operands do not fit, TypeError for dropout without a key. Vaswani et al. 2017.
 */
export const dotProductAttentionWeights = (
  query: TensorLike,
  key: TensorLike,
  options: AttentionOptions = {},
): Tensor => {
  const fn = 'dotProductAttentionWeights'
  const [q, k] = operands(fn, 'query and key', [query, key], options.dtype)
  return weightsOf(fn, q!, k!, options)
}

/**
 * Values averaged with the weights of `dotProductAttentionWeights`: of values [...batch, k, groups, depth] it makes
 * [...batch, q, heads, depth]. Throws as that does.
 */
export const dotProductAttention: AttentionFunction = (query, key, value, options = {}) => {
  const fn = 'dotProductAttention'
  const [q, k, v] = operands(fn, 'query, key and value', [query, key, value], options.dtype) as [Tensor, Tensor, Tensor]
  if (k.shape.at(-3) !== v.shape.at(-3))
    throw new ShapeError(`${fn}: the lengths of key and value must match, got shapes ${shapesOf([k, v])}`)
  const weights = weightsOf(fn, q, k, options)
  const [heads, length, keys] = weights.shape.slice(-3) as [number, number, number]
  const [groups, depth] = v.shape.slice(-2) as [number, number]
  const lead = v.shape.slice(0, -3)
  const n = lead.length
  const rows = headsPerGroup(fn, 'value', heads, groups) * length
  const sums = dotGeneral(weights.reshape([...lead, groups, rows, keys]), v, {
    contract: [[n + 2], [n]],
    batch: [upTo(n + 1), [...upTo(n), n + 1]],
  })
  return swapLast(sums.reshape([...lead, heads, length, depth]), 1, 0, 2)
}
