import type { ArrayOps } from '../../core/array-ops.js'
import { isInteger } from '../../core/dtype.js'
import { dtypeOfArray } from '../../core/host.js'
import { DtypeError, ShapeError, TraceError } from '../../core/errors.js'
import { formatShape, type Shape, stridesOf } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { baseTrace } from '../../core/trace.js'
import { integers } from '../constant.js'
import { stack } from '../shape/join.js'
import { flattenNested } from '../create/nested.js'
import { literalLike } from '../operand.js'

/**
 * One index per axis: a number, a range as text (`'1:3'`, `'::-1'`) or as a flat array of 1 to 3 numbers or nulls,
 * `'...'` for the axes between, null for a new axis.
 */
export type BasicIndex = number | string | null | readonly (number | null)[]

/** Integers or booleans nested at least two deep: an index array of that shape, or a mask. */
export type NestedIndices = readonly (readonly (number | boolean)[] | NestedIndices)[]

/** An integer array or a mask of booleans, as a tensor, a typed array, a flat array of booleans or a nested array. */
export type ArrayIndex = ArrayOps | ArrayBufferView | readonly boolean[] | NestedIndices

/** What selects along one axis (a mask: along as many as it has). */
export type Index = BasicIndex | ArrayIndex

export interface Range {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number
}

/** An index that is understood: of one axis, or of none for a new axis. */
export type Selector =
  | { readonly kind: 'new' }
  | { readonly kind: 'all' }
  | { readonly kind: 'number'; readonly at: number }
  | { readonly kind: 'range'; readonly range: Range }
  | { readonly kind: 'array'; readonly index: Tensor }

const show = (index: unknown): string => JSON.stringify(index) ?? String(index)

const parseRange = (fn: string, index: string | readonly (number | null)[]): Range => {
  const parts = typeof index === 'string' ? index.split(':').map((s) => (s.trim() === '' ? null : Number(s))) : index
  const legal =
    typeof index === 'string' ? parts.length === 2 || parts.length === 3 : parts.length >= 1 && parts.length <= 3
  if (!legal || parts.some((p) => p !== null && !Number.isInteger(p))) {
    throw new TypeError(
      `${fn}: a range is 'start:stop:step' of integers, got ${show(index)}; write '1:3', '::-1' or [1, 3], and Int32Array.of(...) for a list of positions`,
    )
  }
  const step = parts[2] ?? 1
  if (step === 0) throw new RangeError(`${fn}: the step cannot be zero, got ${show(index)}`)
  return parts.length === 1
    ? { start: null, stop: parts[0] ?? null, step }
    : { start: parts[0] ?? null, stop: parts[1] ?? null, step }
}

const isArrayOps = (x: object): x is ArrayOps => 'asTensor' in x

/** The positions where a mask holds, one index array per axis of it. */
export const maskPositions = (fn: string, mask: Tensor): Tensor[] => {
  if (mask.trace.level > 0)
    throw new TraceError(
      `${fn}: a traced mask has no number of true elements yet, got shape ${formatShape(mask.shape)} inside ${mask.trace.label}; use where(mask, x, 0), or nonzero(mask, { size })`,
    )
  const data = mask.cell(fn).peekOrThrow(fn)
  const found: number[] = []
  data.forEach((v, i) => v !== 0 && found.push(i))
  const strides = stridesOf(mask.shape)
  return mask.shape.map((d, axis) => integers(Int32Array.from(found, (i) => Math.floor(i / strides[axis]!) % d)))
}

const arraySelectors = (fn: string, index: Tensor, shape: Shape, axis: number): Selector[] => {
  if (isInteger(index.dtype)) return [{ kind: 'array', index }]
  if (index.dtype !== 'bool')
    throw new DtypeError(
      `${fn}: indices must be integers or booleans, got ${index.dtype}; make them with { dtype: 'int32' }`,
    )
  if (index.ndim === 0)
    throw new ShapeError(`${fn}: a mask must have at least one axis, got a scalar; use where(mask, x, y)`)
  const covered = shape.slice(axis, axis + index.ndim)
  if (covered.length < index.ndim || index.shape.some((d, i) => d !== covered[i]))
    throw new ShapeError(
      `${fn}: a mask must have the shape of the axes that it selects from, got ${formatShape(index.shape)} for ${formatShape(covered)} of shape ${formatShape(shape)}`,
    )
  return maskPositions(fn, index).map((positions) => ({ kind: 'array', index: positions }))
}

const isRange = (index: readonly unknown[]): boolean => index.every((e) => e === null || typeof e === 'number')

const refuse = (fn: string, index: unknown): never => {
  throw new TypeError(
    `${fn}: an index is a number, a range, null, '...', an integer array or a mask, got ${typeof index}; write x.slice('1:3', 0, null, indices)`,
  )
}

const holdsTensor = (x: unknown): boolean =>
  Array.isArray(x) ? x.some(holdsTensor) : typeof x === 'object' && x !== null && isArrayOps(x)

/** Rows that hold tensors are stacked, so that traced integers may take part. */
const stacked = (fn: string, x: unknown): Tensor => {
  if (Array.isArray(x)) return stack(x.map((y) => stacked(fn, y)))
  if (typeof x === 'number' && Number.isInteger(x)) return literalLike(x, 'int32')
  return typeof x === 'object' && x !== null && isArrayOps(x) ? x.asTensor() : refuse(fn, x)
}

const ofTypedArray = (fn: string, data: ArrayBufferView): Tensor => {
  const dtype = dtypeOfArray(data)
  if (dtype === null || !isInteger(dtype))
    throw new DtypeError(
      `${fn}: indices must be integers or booleans, got a ${data.constructor.name}; use an Int32Array`,
    )
  return integers(data instanceof Uint32Array ? data : Int32Array.from(data as unknown as ArrayLike<number>))
}

const ofNested = (fn: string, data: readonly unknown[]): Tensor => {
  const { shape, elements } = flattenNested(fn, data)
  const mask = elements.length > 0 && elements.every((v) => typeof v === 'boolean')
  const odd = elements.find((v) => !mask && !Number.isInteger(v))
  if (odd !== undefined)
    throw new DtypeError(`${fn}: an index array holds integers, or booleans for a mask, got ${String(odd)}`)
  if (!mask) return integers(Int32Array.from(elements as readonly number[]), shape)
  return baseTrace().upload(Uint8Array.from(elements, Number), { shape, dtype: 'bool', weak: false })
}

/** An index array, or null for another kind of index. */
const arrayOf = (fn: string, index: Index): Tensor | null => {
  if (typeof index !== 'object' || index === null) return null
  if (ArrayBuffer.isView(index)) return ofTypedArray(fn, index)
  if (isArrayOps(index)) return index.asTensor()
  if (!Array.isArray(index) || isRange(index)) return null
  return holdsTensor(index) ? stacked(fn, index) : ofNested(fn, index)
}

/** The indices of `x[i, j, ...]` for an array of `shape`; what is not said is taken whole. */
export const parseIndices = (fn: string, shape: Shape, indices: readonly Index[]): readonly Selector[] => {
  if (indices.filter((i) => i === '...').length > 1) throw new TypeError(`${fn}: an index can only have one '...'`)
  const arrays = indices.map((index) => arrayOf(fn, index))
  const spans = indices.map((index, k) =>
    index === null || index === '...' ? 0 : arrays[k]?.dtype === 'bool' ? arrays[k].ndim : 1,
  )
  const used = spans.reduce((a, b) => a + b, 0)
  if (used > shape.length)
    throw new ShapeError(`${fn}: too many indices: array is ${shape.length}-dimensional, but ${used} were indexed`)
  const rest = (): Selector[] => Array.from({ length: shape.length - used }, () => ({ kind: 'all' }))
  let axis = 0
  const selectors = indices.flatMap((index, k): Selector[] => {
    const from = axis
    axis += index === '...' ? shape.length - used : spans[k]!
    const list = arrays[k]
    if (list != null) return arraySelectors(fn, list, shape, from)
    if (index === null) return [{ kind: 'new' }]
    if (index === '...') return rest()
    if (typeof index === 'number') {
      if (!Number.isInteger(index)) throw new TypeError(`${fn}: an index must be an integer, got ${index}`)
      return [{ kind: 'number', at: index }]
    }
    if (typeof index === 'string' || Array.isArray(index))
      return [{ kind: 'range', range: parseRange(fn, index as string | readonly (number | null)[]) }]
    return refuse(fn, index)
  })
  return indices.includes('...') ? selectors : [...selectors, ...rest()]
}

/** Whether something stands between the index arrays and numbers of `x[i, j, ...]`, so that their axes lead the result. */
export const isSeparated = (indices: readonly Index[]): boolean => {
  const advanced = indices.flatMap((index, k) => (typeof index === 'number' || arrayKind(index) ? [k] : []))
  return advanced.some((k, i) => i > 0 && k !== advanced[i - 1]! + 1)
}

const arrayKind = (index: Index): boolean =>
  typeof index === 'object' && index !== null && !(Array.isArray(index) && isRange(index))
