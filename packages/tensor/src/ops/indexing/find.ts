import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxis, checkShape, formatShape, type Shape, sizeOf, stridesOf } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { alongAxis, checkPositions, type TakeMode } from './along-axis.js'
import { at } from './at.js'
import { counting } from '../constant.js'
import { clip, floorDivide, greaterEqual, notEqual, remainder } from '../elementwise/elementwise.js'
import { maskPositions } from './index-list.js'
import { slice, take } from './indexing.js'
import { broadcastArrays, stack } from '../shape/join.js'
import { convert, literalLike, promoteOperands, toTensor } from '../operand.js'
import { cumsum } from '../reduce/reduce.js'
import { moveaxis, ravel, reshape } from '../shape/shape.js'
import { argsort } from '../order/sort.js'
import { where as choice } from '../elementwise/where.js'

export interface FindOptions {
  /** How many positions to give: needed inside a trace. Those that are missing get `fillValue`. */
  readonly size?: number
  /** Default 0. One number, or one per axis. */
  readonly fillValue?: number | readonly number[]
}

const checkSize = (fn: string, size: number): number => {
  if (!Number.isInteger(size) || size < 0)
    throw new RangeError(`${fn}: size must be a non-negative integer, got ${size}`)
  return size
}

const truth = (fn: string, x: TensorLike): Tensor => {
  const t = toTensor(fn, x)
  return t.dtype === 'bool' ? t : notEqual(t, 0)
}

/** Row-major positions of the first `size` true elements; the number of elements for those that are missing. */
const firstPositions = (mask: Tensor, size: number): Tensor => {
  // How many elements come before the first true one, between it and the second, ...
  const passed = cumsum(convert(mask, 'int32'))
  const gaps = at(bind1('full', [], { shape: [size], value: 0, dtype: 'int32', weak: false }), passed).add(1)
  return cumsum(gaps)
}

const fillsOf = (fn: string, fill: FindOptions['fillValue'], ndim: number): readonly number[] => {
  const fills = typeof fill === 'object' ? fill : Array.from({ length: ndim }, () => fill ?? 0)
  if (fills.length !== ndim)
    throw new ShapeError(`${fn}: needs one fill value per axis, got ${fills.length} for ${ndim} axes`)
  return fills
}

const find = (fn: string, x: TensorLike, options: FindOptions): Tensor[] => {
  const mask = truth(fn, x)
  if (mask.ndim === 0) throw new ShapeError(`${fn}: a scalar has no positions, got shape (); use atleast1d(x).${fn}()`)
  if (options.size === undefined) return maskPositions(fn, mask)
  const size = checkSize(fn, options.size)
  const fills = fillsOf(fn, options.fillValue, mask.ndim)
  if (mask.size === 0 || size === 0)
    return fills.map(() => bind1('full', [], { shape: [size], value: 0, dtype: 'int32', weak: false }))
  const flat = firstPositions(ravel(mask), size)
  const missing = greaterEqual(flat, mask.size)
  const strides = stridesOf(mask.shape)
  return mask.shape.map((d, i) =>
    convert(choice(missing, fills[i]!, remainder(floorDivide(flat, strides[i]!), d)), 'int32'),
  )
}

/**
 * Where the elements are not zero: one tensor of int32 positions per axis, in row-major order. Inside a trace give `size`.
 */
export const nonzero = (x: TensorLike, options: FindOptions = {}): Tensor[] => find('nonzero', x, options)

/** The row-major positions of the elements that are not zero. Inside a trace give `size`. */
export const flatnonzero = (x: TensorLike, options: FindOptions = {}): Tensor =>
  find('flatnonzero', ravel(x), options)[0]!

/** The positions of the elements that are not zero as rows. Inside a trace give `size`. */
export const argwhere = (x: TensorLike, options: FindOptions = {}): Tensor => {
  const t = toTensor('argwhere', x)
  if (t.ndim > 0) return stack(find('argwhere', t, options), { axis: 1 })
  const rows = options.size ?? maskPositions('argwhere', reshape(truth('argwhere', t), [1]))[0]!.size
  return bind1('full', [], { shape: [checkSize('argwhere', rows), 0], value: 0, dtype: 'int32', weak: false })
}

interface Where {
  /** `a` where the condition holds, else `b`; all three broadcast. Both sides are computed. */
  (condition: TensorLike, a: TensorLike, b: TensorLike): Tensor
  /** The positions where the condition holds, as `nonzero`. */
  (condition: TensorLike, options?: FindOptions): Tensor[]
}

const isOptions = (x: unknown): x is FindOptions => typeof x === 'object' && x !== null && !('asTensor' in x)

/** `a` where the condition holds, else `b`; with the condition alone its positions, as `nonzero`. */
export const where: Where = ((condition: TensorLike, a?: TensorLike | FindOptions, b?: TensorLike) => {
  if (b === undefined && (a === undefined || isOptions(a))) return find('where', condition, a ?? {})
  if (a === undefined || b === undefined || isOptions(a))
    throw new TypeError('where: needs both values or none; write where(condition, a, b)')
  return choice(condition, a, b)
}) as Where

export interface CompressOptions {
  /** Null or absent: all elements in a row. */
  readonly axis?: number | null
  /** How many entries to give: needed inside a trace. */
  readonly size?: number
  /** What stands in for missing entries. Default 0. */
  readonly fillValue?: number
}

/** The entries of an axis for which a condition of one axis holds. Inside a trace give `size`. */
export const compress = (condition: TensorLike, x: TensorLike, options: CompressOptions = {}): Tensor => {
  const c = truth('compress', condition)
  if (c.ndim !== 1)
    throw new ShapeError(`compress: the condition must have one axis, got shape ${formatShape(c.shape)}`)
  const given = toTensor('compress', x)
  const flat = options.axis === undefined || options.axis === null
  const axis = flat ? 0 : checkAxis('compress', options.axis as number, given.ndim)
  const t = flat ? ravel(given) : moveaxis(given, axis, 0)
  const n = Math.min(c.size, t.shape[0]!)
  const [mask, entries] = [slice(c, [0, n]), slice(t, [0, n])]
  if (options.size === undefined) {
    const positions = maskPositions('compress', c)[0]!
    if (positions.size > 0 && c.size > t.shape[0]! && Number(positions.slice(-1).item()) >= t.shape[0]!)
      throw new ShapeError(
        `compress: the condition holds beyond the end of axis ${axis} of size ${t.shape[0]}, got ${c.size} elements`,
      )
    return moveaxis(take(entries, positions, { axis: 0, mode: 'clip' }), 0, axis)
  }
  const size = checkSize('compress', options.size)
  if (size > n) throw new RangeError(`compress: size must be at most ${n}, got ${size}`)
  const column = reshape(mask, [n, ...entries.shape.slice(1).map(() => 1)])
  const kept = choice(column, entries, literalLike(options.fillValue ?? 0, entries.dtype).astype(entries.dtype))
  const order = slice(argsort(mask, { descending: true }), [0, size])
  return moveaxis(n === 0 ? kept : take(kept, order, { axis: 0, mode: 'clip' }), 0, axis)
}

/** The elements for which a condition of as many elements holds. Inside a trace give `size`. */
export const extract = (condition: TensorLike, x: TensorLike, options: Omit<CompressOptions, 'axis'> = {}): Tensor =>
  compress(ravel(condition), ravel(x), options)

export interface ChooseOptions {
  /** What an index outside the choices does: an error (only where it can be read), the nearest, or counted around. */
  readonly mode?: 'raise' | 'clip' | 'wrap'
}

/** At each place the element of the choice that `indices` numbers there; all broadcast. */
export const choose = (
  indices: TensorLike,
  choices: readonly TensorLike[] | Tensor,
  options: ChooseOptions = {},
): Tensor => {
  const idx = checkPositions('choose', indices)
  const list = Array.isArray(choices) ? choices : slicesOf(choices as Tensor)
  const n = list.length
  if (n === 0) throw new TypeError('choose: needs at least one choice')
  const { mode = 'raise' } = options
  if (mode === 'raise') {
    const seen = idx.cell('choose').peekOrThrow('choose')
    const outside = seen.find((i) => i < 0 || i >= n)
    if (outside !== undefined)
      throw new RangeError(
        `choose: index ${outside} is out of bounds for ${n} choices; give { mode: 'clip' } or 'wrap'`,
      )
  } else if (mode !== 'clip' && mode !== 'wrap')
    throw new RangeError(`choose: unknown mode, got '${String(mode)}'; use 'raise', 'clip' or 'wrap'`)
  const inside = mode === 'wrap' ? remainder(idx, n) : clip(idx, 0, n - 1)
  const [which, ...all] = broadcastArrays(inside, ...promoteOperands('choose', list))
  const positions = which!.shape.map((_, i) => counting(which!.shape, i))
  return bind1('gather', [stack(all), which!, ...positions], {
    axes: Array.from({ length: which!.ndim + 1 }, (_, i) => i),
    mode: 'clip',
    fill: 0,
  })
}

const slicesOf = (x: Tensor): readonly Tensor[] => Array.from({ length: x.shape[0] ?? 0 }, (_, i) => slice(x, i))

/** `x` with `values` at `indices` along an axis (-1; null takes all elements in a row); positions outside are dropped. */
export const putAlongAxis = (
  x: TensorLike,
  indices: TensorLike,
  values: TensorLike,
  options: { readonly axis?: number | null; readonly mode?: TakeMode } = {},
): Tensor => {
  const given = toTensor('putAlongAxis', x)
  const t = options.axis === null ? ravel(given) : given
  const axis = options.axis === null ? 0 : checkAxis('putAlongAxis', options.axis ?? -1, t.ndim)
  const positions = alongAxis('putAlongAxis', t.shape, indices, axis, options.mode ?? 'fill')
  return reshape(
    // Negative positions have been counted from the end already.
    at(t, ...positions).set(values, { mode: options.mode === 'clip' ? 'clip' : 'drop', wrapNegativeIndices: false }),
    given.shape,
  )
}

/** Row-major positions as one tensor per axis of `shape`; positions outside count as the first or last. */
export const unravelIndex = (indices: TensorLike, shape: Shape): Tensor[] => {
  const idx = checkPositions('unravelIndex', indices)
  const total = sizeOf(checkShape('unravelIndex', shape))
  const inside = clip(convert(idx, 'int32'), -total, total - 1)
  const strides = stridesOf(shape)
  return shape.map((d, i) => floorDivide(remainder(inside, strides[i]! * d), strides[i]!))
}

/** One tensor per axis of `dims` as row-major positions (`order: 'F'`: the first axis runs fastest). */
export const ravelMultiIndex = (
  multiIndex: readonly TensorLike[],
  dims: Shape,
  options: { readonly mode?: 'raise' | 'clip' | 'wrap'; readonly order?: 'C' | 'F' } = {},
): Tensor => {
  checkShape('ravelMultiIndex', dims)
  if (multiIndex.length !== dims.length)
    throw new ShapeError(`ravelMultiIndex: needs one index per axis of ${formatShape(dims)}, got ${multiIndex.length}`)
  const { mode = 'raise', order = 'C' } = options
  if (order !== 'C' && order !== 'F')
    throw new RangeError(`ravelMultiIndex: unknown order, got '${String(order)}'; use 'C' or 'F'`)
  const positions = multiIndex.map((index, axis) => {
    const idx = checkPositions('ravelMultiIndex', index)
    const d = dims[axis]!
    if (mode === 'clip') return clip(idx, 0, d - 1)
    if (mode === 'wrap') return remainder(idx, d)
    if (mode !== 'raise')
      throw new RangeError(`ravelMultiIndex: unknown mode, got '${String(mode)}'; use 'raise', 'clip' or 'wrap'`)
    const outside = idx
      .cell('ravelMultiIndex')
      .peekOrThrow('ravelMultiIndex')
      .find((v) => v < 0 || v >= d)
    if (outside !== undefined)
      throw new RangeError(
        `ravelMultiIndex: index ${outside} is out of bounds for axis ${axis} of size ${d}; give { mode: 'clip' } or 'wrap'`,
      )
    return idx
  })
  const strides = order === 'C' ? stridesOf(dims) : stridesOf([...dims].reverse()).reverse()
  const start: Tensor = literalLike(0, 'int32').astype('int32')
  return positions.reduce<Tensor>((total, p, i) => total.add(convert(p, 'int32').multiply(strides[i]!)), start)
}
