import type { TensorLike } from '../core/array-ops.js'
import { isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { checkAxis, formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind1 } from '../core/trace.js'
import { add, less, remainder } from './elementwise.js'
import { literalLike, toTensor } from './operand.js'
import { expandDims, flip, moveaxis, reshape } from './shape.js'
import { where } from './where.js'

/**
 * One index per axis: a number, a range as text (`'1:3'`, `'::-1'`) or as an array of 1 to 3 numbers or nulls,
 * `'...'` for the axes between, null for a new axis.
 */
export type BasicIndex = number | string | null | readonly (number | null)[]

interface Range {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number
}

const parseRange = (index: string | readonly (number | null)[]): Range => {
  const parts = typeof index === 'string' ? index.split(':').map((s) => (s.trim() === '' ? null : Number(s))) : index
  const legal =
    typeof index === 'string' ? parts.length === 2 || parts.length === 3 : parts.length >= 1 && parts.length <= 3
  if (!legal || parts.some((p) => p !== null && !Number.isInteger(p))) {
    throw new TypeError(
      `slice: a range is 'start:stop:step' of integers, got ${JSON.stringify(index)}; write '1:3', '::-1' or [1, 3]`,
    )
  }
  const step = parts[2] ?? 1
  if (step === 0) throw new RangeError(`slice: the step cannot be zero, got ${JSON.stringify(index)}`)
  return parts.length === 1
    ? { start: null, stop: parts[0] ?? null, step }
    : { start: parts[0] ?? null, stop: parts[1] ?? null, step }
}

/** Start, exclusive limit and positive stride of a range on an axis, and whether it runs backwards. */
const resolve = (
  { start, stop, step }: Range,
  n: number,
): { readonly from: number; readonly to: number; readonly stride: number; readonly reversed: boolean } => {
  const clampTo = (v: number, low: number, high: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high)
  if (step > 0) {
    const from = start === null ? 0 : clampTo(start, 0, n)
    const to = stop === null ? n : clampTo(stop, 0, n)
    return { from, to: Math.max(from, to), stride: step, reversed: false }
  }
  const first = start === null ? n - 1 : clampTo(start, -1, n - 1)
  const end = stop === null ? -1 : clampTo(stop, -1, n - 1)
  const count = Math.max(0, Math.ceil((first - end) / -step))
  const from = count === 0 ? 0 : first - (count - 1) * -step
  return { from, to: count === 0 ? 0 : first + 1, stride: -step, reversed: true }
}

/** The part of `x` that the indices select, as Python's `x[i, j, ...]`; out of range numbers clamp, ranges are cut. */
export const slice = (x: TensorLike, ...indices: BasicIndex[]): Tensor => {
  const t = toTensor('slice', x)
  const axes = indices.filter((i) => i !== null && i !== '...').length
  if (axes > t.ndim)
    throw new ShapeError(`slice: too many indices: array is ${t.ndim}-dimensional, but ${axes} were indexed`)
  const dots = indices.filter((i) => i === '...').length
  if (dots > 1) throw new TypeError("slice: an index can only have one '...'")
  const rest = Array.from({ length: t.ndim - axes }, (): BasicIndex => ':')
  const full = dots === 1 ? indices.flatMap((i) => (i === '...' ? rest : [i])) : [...indices, ...rest]

  const start: number[] = []
  const limit: number[] = []
  const stride: number[] = []
  const reversed: number[] = []
  const shape: number[] = []
  for (const index of full) {
    if (index === null) {
      shape.push(1)
      continue
    }
    const axis = start.length
    const n = t.shape[axis]!
    if (typeof index === 'number') {
      if (!Number.isInteger(index)) throw new TypeError(`slice: an index must be an integer, got ${index}`)
      if (n === 0) throw new ShapeError(`slice: index ${index} into axis ${axis} of size 0`)
      const at = Math.min(Math.max(index < 0 ? index + n : index, 0), n - 1)
      start.push(at)
      limit.push(at + 1)
      stride.push(1)
      continue
    }
    if (typeof index !== 'string' && !Array.isArray(index))
      throw new TypeError(
        `slice: an index is a number, a range, null or '...', got ${typeof index}; use take(x, indices) for index lists`,
      )
    const r = resolve(parseRange(index), n)
    start.push(r.from)
    limit.push(r.to)
    stride.push(r.stride)
    shape.push(Math.ceil((r.to - r.from) / r.stride))
    if (r.reversed) reversed.push(axis)
  }
  const whole = start.every((s, i) => s === 0 && limit[i] === t.shape[i] && stride[i] === 1)
  const cut = whole ? t : bind1('slice', [t], { start, limit, stride })
  return reshape(reversed.length === 0 ? cut : flip(cut, { axis: reversed }), shape)
}

/** What an index outside the axis gives: the nearest element, NaN or 0 (`fill`), or the one counted around (`wrap`). */
export type TakeMode = 'fill' | 'clip' | 'wrap'

export interface TakeOptions {
  readonly axis?: number | null
  readonly mode?: TakeMode
  readonly fillValue?: number
}

const checkIndices = (fn: string, indices: TensorLike): Tensor => {
  const t =
    typeof indices === 'number' && Number.isInteger(indices) ? literalLike(indices, 'int32') : toTensor(fn, indices)
  if (!isInteger(t.dtype))
    throw new DtypeError(`${fn}: indices must be integers, got ${t.dtype}; make them with { dtype: 'int32' }`)
  return t
}

/** Indices with negatives counted from the end once, or any counted around. */
const normalize = (indices: Tensor, n: number, mode: TakeMode): Tensor => {
  if (mode === 'wrap') return remainder(indices, n)
  return mode === 'clip' || indices.dtype === 'uint32' ? indices : where(less(indices, 0), add(indices, n), indices)
}

/** What `fill` gives where nothing is said: NaN, the smallest integer, or true. */
const defaultFill = (t: Tensor): number =>
  t.dtype === 'float32' ? NaN : t.dtype === 'int32' ? -(2 ** 31) : t.dtype === 'uint32' ? 2 ** 32 - 1 : 1

/** Elements along an axis (of all elements in a row where none is given) at integer positions of any shape. Default mode: fill. */
export const take = (x: TensorLike, indices: TensorLike, options: TakeOptions = {}): Tensor => {
  const t = toTensor('take', x)
  const flat = options.axis === undefined || options.axis === null
  const operand = flat ? reshape(t, [t.size]) : t
  const axis = flat ? 0 : checkAxis('take', options.axis as number, t.ndim)
  const mode = options.mode ?? 'fill'
  if (!['fill', 'clip', 'wrap'].includes(mode))
    throw new RangeError(`take: unknown mode, got '${String(mode)}'; use 'fill', 'clip' or 'wrap'`)
  const idx = checkIndices('take', indices)
  const n = operand.shape[axis]!
  if (n === 0 && idx.size > 0)
    throw new ShapeError(`take: cannot take from axis ${axis} of size 0 of shape ${formatShape(t.shape)}`)
  const at = normalize(idx, n, mode)
  const picked = bind1('gather', [operand, at], {
    axes: [axis],
    mode: mode === 'fill' ? 'fill' : 'clip',
    fill: options.fillValue ?? defaultFill(t),
  })
  // The gather puts the indices' axes first; they belong where the indexed axis was.
  return moveaxis(
    picked,
    at.shape.map((_, i) => i),
    at.shape.map((_, i) => axis + i),
  )
}

/** Per position along the other axes, the elements of `axis` at `indices`; extents of 1 broadcast. */
export const takeAlongAxis = (
  x: TensorLike,
  indices: TensorLike,
  options: { readonly axis?: number; readonly mode?: TakeMode } = {},
): Tensor => {
  const t = toTensor('takeAlongAxis', x)
  const idx = checkIndices('takeAlongAxis', indices)
  const axis = checkAxis('takeAlongAxis', options.axis ?? -1, t.ndim)
  if (idx.ndim !== t.ndim)
    throw new ShapeError(
      `takeAlongAxis: indices and array must have the same number of dimensions, got ${idx.ndim} and ${t.ndim}`,
    )
  const shape = t.shape.map((d, i) => {
    const k = idx.shape[i]!
    if (i !== axis && d !== k && d !== 1 && k !== 1)
      throw new ShapeError(
        `takeAlongAxis: Incompatible shapes for broadcasting: shapes=[${formatShape(t.shape)}, ${formatShape(idx.shape)}]`,
      )
    return i === axis ? k : Math.max(d, k)
  })
  const mode = options.mode ?? 'fill'
  const positions = t.shape.map((d, i) => {
    if (i === axis) return normalize(idx, d, mode).broadcastTo(shape)
    const own = bind1('iota', [], { shape: [d], axis: 0, dtype: 'int32' })
    const lifted = expandDims(
      own,
      shape.map((_, k) => k).filter((k) => k !== i),
    )
    return d === 1 && shape[i] !== 1
      ? bind1('full', [], { shape, value: 0, dtype: 'int32', weak: false })
      : lifted.broadcastTo(shape)
  })
  const typed = positions.map((p) => p.astype('int32'))
  return bind1('gather', [t, ...typed], {
    axes: t.shape.map((_, i) => i),
    mode: mode === 'fill' ? 'fill' : 'clip',
    fill: defaultFill(t),
  })
}
