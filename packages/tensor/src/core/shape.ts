import { ShapeError } from './errors.js'

export type Shape = readonly number[]

/** More elements than this cannot be addressed by a device's 32-bit offsets. */
const maxSize = 2 ** 31 - 1

export const sizeOf = (shape: Shape): number => {
  let n = 1
  for (const d of shape) n *= d
  return n
}

/** Row-major strides in elements. */
export const stridesOf = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length)
  let s = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = s
    s *= shape[i]!
  }
  return strides
}

export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** As Python prints a tuple: `()`, `(3,)`, `(2, 3)`. */
export const formatShape = (shape: Shape): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`)

/** `shape`, checked to be a list of non-negative integers whose product can be addressed. */
export const checkShape = (fn: string, shape: unknown): Shape => {
  if (!Array.isArray(shape)) {
    throw new ShapeError(
      `${fn}: a shape is an array of non-negative integers, got ${typeof shape === 'number' ? shape : String(shape)}; write [${typeof shape === 'number' ? shape : '2, 3'}]`,
    )
  }
  for (const d of shape as readonly unknown[]) {
    if (typeof d !== 'number' || !Number.isInteger(d) || d < 0) {
      throw new ShapeError(
        `${fn}: a shape is an array of non-negative integers, got [${(shape as readonly unknown[]).join(', ')}]`,
      )
    }
  }
  const n = sizeOf(shape as Shape)
  if (!(n <= maxSize))
    throw new ShapeError(
      `${fn}: shape ${formatShape(shape as Shape)} has ${n} elements; at most ${maxSize} can be addressed`,
    )
  return shape as Shape
}

/** NumPy broadcasting of any number of shapes. */
export const broadcastShapes = (fn: string, shapes: readonly Shape[]): Shape => {
  const first = shapes[0]
  if (first !== undefined && shapes.every((s) => sameShape(s, first))) return first
  const ndim = Math.max(0, ...shapes.map((s) => s.length))
  const out = new Array<number>(ndim).fill(1)
  for (const s of shapes) {
    for (let i = 0; i < s.length; i++) {
      const d = s[s.length - 1 - i]!
      const k = ndim - 1 - i
      if (d === 1 || d === out[k]) continue
      if (out[k] !== 1) {
        throw new ShapeError(
          `${fn}: Incompatible shapes for broadcasting: shapes=[${shapes.map(formatShape).join(', ')}]`,
        )
      }
      out[k] = d
    }
  }
  return out
}

/** A non-negative axis from one that may count from the end. */
export const checkAxis = (fn: string, axis: number, ndim: number): number => {
  if (!Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new ShapeError(`${fn}: axis ${axis} is out of bounds for array of dimension ${ndim}`)
  }
  return axis < 0 ? axis + ndim : axis
}

/** Sorted, non-negative, distinct axes; all of them where `axis` is null or absent. */
export const checkAxes = (
  fn: string,
  axis: number | readonly number[] | null | undefined,
  ndim: number,
): readonly number[] => {
  if (axis === null || axis === undefined) return Array.from({ length: ndim }, (_, i) => i)
  const axes = (typeof axis === 'number' ? [axis] : axis).map((a) => checkAxis(fn, a, ndim))
  if (new Set(axes).size !== axes.length)
    throw new ShapeError(`${fn}: duplicate value in axis, got [${axes.join(', ')}]`)
  return [...axes].sort((a, b) => a - b)
}
