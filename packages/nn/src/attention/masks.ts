import {
  broadcastTo,
  type DType,
  expandDims,
  iota,
  logicalAnd,
  multiply,
  ShapeError,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'

export interface MaskDtypeOptions {
  /** The dtype of the mask; float32 by default, where 1 stands for true. */
  readonly dtype?: DType
}

export interface CausalMaskOptions extends MaskDtypeOptions {
  /** How many axes of extent 1 to put in front. */
  readonly extraBatchDims?: number
}

export interface AttentionMaskOptions extends CausalMaskOptions {
  /** Combines what stands at a query's place with what stands at a key's; `multiply` by default. */
  readonly pairwiseFn?: (query: Tensor, key: Tensor) => Tensor
}

const checkRank = (fn: string, parameter: string, x: Tensor): Tensor => {
  if (x.ndim > 0) return x
  throw new ShapeError(`${fn}: ${parameter} must have an axis of positions, got shape ${formatShape(x.shape)}`)
}

const checkExtraDims = (fn: string, n: number): number => {
  if (Number.isInteger(n) && n >= 0) return n
  throw new RangeError(`${fn}: extraBatchDims must be a whole number from 0 on, got ${n}`)
}

const withLeadingAxes = (x: Tensor, n: number): Tensor =>
  n === 0 ? x : x.reshape([...Array<number>(n).fill(1), ...x.shape])

/**
 * A mask for every pair of a query and a key: of [..., q] and [..., k] it makes [..., 1, q, k], which broadcasts over the
 * heads. With 1 for tokens and 0 for padding it lets tokens see tokens.
 */
export const makeAttentionMask = (
  queryInput: TensorLike,
  keyInput: TensorLike,
  { pairwiseFn = multiply, extraBatchDims = 0, dtype = 'float32' }: AttentionMaskOptions = {},
): Tensor => {
  const query = checkRank('makeAttentionMask', 'queryInput', toTensor('makeAttentionMask', queryInput))
  const key = checkRank('makeAttentionMask', 'keyInput', toTensor('makeAttentionMask', keyInput))
  const extra = checkExtraDims('makeAttentionMask', extraBatchDims)
  const pairs = pairwiseFn(expandDims(query, -1), expandDims(key, -2))
  return withLeadingAxes(expandDims(pairs, -3), extra).astype(dtype)
}

/** Whether each query of a row of T may see each of S keys: those at its own position and before it, as bool [T, S]. */
export const causal = (T: number, S: number): Tensor => iota([T, 1], 0).ge(iota([1, S], 1))

/** A mask [..., 1, n, n] for sequences [..., n], by which a position sees itself and those before it. */
export const makeCausalMask = (
  x: TensorLike,
  { extraBatchDims = 0, dtype = 'float32' }: CausalMaskOptions = {},
): Tensor => {
  const { shape } = checkRank('makeCausalMask', 'x', toTensor('makeCausalMask', x))
  const extra = checkExtraDims('makeCausalMask', extraBatchDims)
  const n = shape.at(-1)!
  return withLeadingAxes(broadcastTo(causal(n, n), [...shape.slice(0, -1), 1, n, n]), extra).astype(dtype)
}

/**
 * True where all of the masks are; masks that are null or undefined are left out, and of none null is made. Throws
 * ShapeError where the masks differ in rank.
 */
export const combineMasks = (
  masks: readonly (TensorLike | null | undefined)[],
  { dtype = 'float32' }: MaskDtypeOptions = {},
): Tensor | null => {
  const given = masks.flatMap((m) => (m === null || m === undefined ? [] : [toTensor('combineMasks', m)]))
  const [first] = given
  if (first === undefined) return null
  if (given.some((m) => m.ndim !== first.ndim)) {
    throw new ShapeError(
      `combineMasks: masks must have the same rank, got shapes ${given.map((m) => formatShape(m.shape)).join(', ')}; add axes of extent 1`,
    )
  }
  return given.reduce((all, m) => logicalAnd(all, m)).astype(dtype)
}
