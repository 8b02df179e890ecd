import type { TensorLike } from '../../core/array-ops.js'
import { isInteger, type StoredDType } from '../../core/dtype.js'
import { DtypeError, ShapeError, TraceError } from '../../core/errors.js'
import { checkAxis, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { add, clip, greaterEqual } from '../elementwise/elementwise.js'
import { counting, integers } from '../constant.js'
import { maskPositions } from '../indexing/index-list.js'
import { rangePositions } from '../indexing/index-plan.js'
import { take } from '../indexing/indexing.js'
import { concatenate } from './join.js'
import { convert, literalLike, toTensor } from '../operand.js'
import { broadcastTo, moveaxis, ravel, reshape } from './shape.js'
import { where } from '../elementwise/where.js'

/** Places on an axis: a number, a list, a range as `x.slice` takes it, a tensor of integers, or for `delete` a mask. */
export type Places = number | string | readonly number[] | Tensor

interface AxisOption {
  /** Null or absent: all elements in a row. */
  readonly axis?: number | null
}

const along = (fn: string, x: TensorLike, options: AxisOption): readonly [Tensor, number] => {
  const t = toTensor(fn, x)
  if (options.axis === undefined || options.axis === null) return [ravel(t), 0]
  return [t, checkAxis(fn, options.axis, t.ndim)]
}

/** The numbers of a concrete list of places, and whether it is a single one. */
const readPlaces = (
  fn: string,
  places: Places,
  n: number,
): { readonly list: readonly number[]; readonly single: boolean } => {
  if (typeof places === 'number') return { list: [places], single: true }
  if (typeof places === 'string') return { list: rangePositions(fn, places, n), single: false }
  if (Array.isArray(places)) return { list: places as readonly number[], single: false }
  const t = toTensor(fn, places as Tensor)
  if (t.ndim > 1) throw new ShapeError(`${fn}: places must have at most one axis, got shape ${formatShape(t.shape)}`)
  if (t.dtype === 'bool') {
    if (fn === 'insert' || t.size !== n)
      throw new ShapeError(`${fn}: a mask must have ${n} elements, got shape ${formatShape(t.shape)}`)
    return { list: Array.from(maskPositions(fn, t)[0]!.dataSync()), single: false }
  }
  if (!isInteger(t.dtype))
    throw new DtypeError(`${fn}: places must be integers, got ${t.dtype}; make them with { dtype: 'int32' }`)
  if (t.trace.level > 0)
    throw new TraceError(
      `${fn}: traced places have no values yet inside ${t.trace.label}; give numbers${fn === 'delete' ? ', or a single traced scalar' : ''}`,
    )
  return { list: Array.from(t.cell(fn).peekOrThrow(fn)), single: t.ndim === 0 }
}

/** Places within 0 and `top`; negative ones count from the end of `n`. */
const placesWithin = (fn: string, list: readonly number[], n: number, top: number): readonly number[] =>
  list.map((p) => {
    const place = p < 0 ? p + n : p
    if (!Number.isInteger(p)) throw new TypeError(`${fn}: a place must be an integer, got ${p}`)
    if (place < 0 || place > top) throw new RangeError(`${fn}: place ${p} is out of bounds for axis of size ${n}`)
    return place
  })

const isTraced = (places: Places): places is Tensor =>
  typeof places === 'object' && 'trace' in places && places.trace.level > 0

/**
 * Without the entries at the given places of an axis. Throws RangeError for places outside, TraceError for traced places
 * other than a single integer, which is clamped.
 */
const remove = (x: TensorLike, places: Places, options: AxisOption = {}): Tensor => {
  const [t, axis] = along('delete', x, options)
  const n = t.shape[axis]!
  if (isTraced(places) && places.ndim === 0 && isInteger(places.dtype)) {
    if (n === 0) throw new ShapeError(`delete: nothing to delete from axis of size 0 of shape ${formatShape(t.shape)}`)
    const at = clip(where(places.less(0), add(places, n), places), 0, n - 1)
    const kept = counting([n - 1])
    return take(t, where(greaterEqual(kept, at), add(kept, 1), kept), { axis, mode: 'clip' })
  }
  const gone = new Set(placesWithin('delete', readPlaces('delete', places, n).list, n, n - 1))
  if (gone.size === 0) return t
  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => !gone.has(i))
  return take(t, integers(Int32Array.from(kept)), { axis, mode: 'clip' })
}
export { remove as delete }

/**
 * `values` before the given places of an axis, counted before anything is inserted. Values are converted to the array's
 * dtype and broadcast; at a single place as many are inserted as there are. Throws RangeError for places outside.
 */
export const insert = (x: TensorLike, places: Places, values: TensorLike, options: AxisOption = {}): Tensor => {
  const [t, axis] = along('insert', x, options)
  const n = t.shape[axis]!
  const { list, single } = readPlaces('insert', places, n)
  const raw = typeof values === 'object' ? toTensor('insert', values) : literalLike(Number(values), t.dtype)
  const typed = convert(raw, t.dtype as StoredDType)
  const full = reshape(typed, [...Array.from({ length: Math.max(0, t.ndim - typed.ndim) }, () => 1), ...typed.shape])
  if (full.ndim > t.ndim)
    throw new ShapeError(`insert: values must have at most ${t.ndim} axes, got shape ${formatShape(raw.shape)}`)
  // A single place takes the first axis of the values for the one that it inserts along.
  const lined = single ? moveaxis(full, 0, axis) : full
  const count = list.length === 1 ? lined.shape[axis]! : list.length
  const fresh = broadcastTo(
    lined,
    t.shape.map((d, i) => (i === axis ? count : d)),
  )
  const at = placesWithin('insert', list.length === 1 ? Array.from({ length: count }, () => list[0]!) : list, n, n)
  const order = [
    ...at.map((place, k) => ({ place, source: n + k })),
    ...Array.from({ length: n }, (_, i) => ({ place: i, source: i })),
  ].sort((a, b) => a.place - b.place)
  const both = concatenate([t, fresh], { axis })
  return order.length === 0
    ? both
    : take(both, integers(Int32Array.from(order, (o) => o.source)), { axis, mode: 'clip' })
}
