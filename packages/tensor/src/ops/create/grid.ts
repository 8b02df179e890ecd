import type { TensorLike } from '../../core/array-ops.js'
import type { DType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { broadcastShapes as broadcast, checkShape, formatShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { counting, integers } from '../constant.js'
import { stack } from '../shape/join.js'
import { toTensor } from '../operand.js'
import { broadcastTo, reshape } from '../shape/shape.js'
import { nonzero } from '../indexing/find.js'

/** The shape that arrays of the given shapes broadcast to. */
export const broadcastShapes = (...shapes: readonly Shape[]): number[] => {
  for (const shape of shapes) checkShape('broadcastShapes', shape)
  return [...broadcast('broadcastShapes', shapes)]
}

/** A shape with extent `n` on one axis and 1 elsewhere. */
const only = (ndim: number, axis: number, n: number): number[] =>
  Array.from({ length: ndim }, (_, i) => (i === axis ? n : 1))

const oneAxis = (fn: string, x: TensorLike): Tensor => {
  const t = toTensor(fn, x)
  if (t.ndim > 1) throw new ShapeError(`${fn}: arrays must have one axis, got shape ${formatShape(t.shape)}`)
  return t
}

export interface MeshgridOptions {
  /** `'xy'` (default): the first two axes swapped, as plots have them. `'ij'`: as matrices. */
  readonly indexing?: 'xy' | 'ij'
  /** Extents of 1 instead of repetitions. */
  readonly sparse?: boolean
}

/** The coordinates of a grid: for each array its elements along an axis of their own, the same on the others. */
export const meshgrid = (arrays: readonly TensorLike[], options: MeshgridOptions = {}): Tensor[] => {
  const { indexing = 'xy', sparse = false } = options
  if (indexing !== 'xy' && indexing !== 'ij')
    throw new RangeError(`meshgrid: unknown indexing, got '${String(indexing)}'; use 'xy' or 'ij'`)
  const given = arrays.map((x) => oneAxis('meshgrid', x))
  const axisOf = (i: number): number => (indexing === 'xy' && given.length > 1 && i < 2 ? 1 - i : i)
  const shape: number[] = []
  given.forEach((t, i) => (shape[axisOf(i)] = t.size))
  return given.map((t, i) => {
    const own = reshape(t, only(given.length, axisOf(i), t.size))
    return sparse ? own : broadcastTo(own, shape)
  })
}

export interface IndicesOptions {
  readonly dtype?: DType
}

/** The positions of a grid of `shape`: one int32 tensor along each axis, on a new leading axis. */
export const indices = (shape: Shape, options: IndicesOptions = {}): Tensor => {
  checkShape('indices', shape)
  const dtype = options.dtype ?? 'int32'
  if (shape.length === 0) return reshape(integers(new Int32Array(0)).astype(dtype), [0])
  return stack(shape.map((_, axis) => counting(shape, axis).astype(dtype)))
}

/** As `indices`, with extents of 1 instead of repetitions: one tensor per axis. */
export const sparseIndices = (shape: Shape, options: IndicesOptions = {}): Tensor[] =>
  checkShape('sparseIndices', shape).map((n, axis) =>
    counting(only(shape.length, axis, n), axis).astype(options.dtype ?? 'int32'),
  )

/**
 * Index arrays for a selection of rows, columns ...: `x.slice(...ix(rows, columns))`. A mask stands for its positions,
 * and cannot be a traced value.
 */
export const ix = (...arrays: readonly TensorLike[]): Tensor[] =>
  arrays.map((x, axis) => {
    const t = oneAxis('ix', x)
    const positions = t.dtype === 'bool' ? nonzero(t)[0]! : t
    return reshape(positions, only(arrays.length, axis, positions.size))
  })

export interface TriangleOptions {
  /** Above the main diagonal if positive. */
  readonly k?: number
  /** Columns; as many as rows if absent. */
  readonly m?: number
}

const triangle = (
  fn: string,
  n: number,
  { k = 0, m = n }: TriangleOptions,
  keep: (i: number, j: number, k: number) => boolean,
): Tensor[] => {
  checkShape(fn, [n, m])
  const rows: number[] = []
  const columns: number[] = []
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      if (!keep(i, j, k)) continue
      rows.push(i)
      columns.push(j)
    }
  }
  return [integers(Int32Array.from(rows)), integers(Int32Array.from(columns))]
}

/** Rows and columns of the elements on and below the k-th diagonal of an n by m matrix. */
export const trilIndices = (n: number, options: TriangleOptions = {}): Tensor[] =>
  triangle('trilIndices', n, options, (i, j, k) => j <= i + k)
/** Rows and columns of the elements on and above the k-th diagonal of an n by m matrix. */
export const triuIndices = (n: number, options: TriangleOptions = {}): Tensor[] =>
  triangle('triuIndices', n, options, (i, j, k) => j >= i + k)

/** The positions of the main diagonal of an array with `ndim` (2) axes of extent n: one tensor per axis. */
export const diagIndices = (n: number, options: { readonly ndim?: number } = {}): Tensor[] => {
  checkShape('diagIndices', [n])
  return Array.from({ length: options.ndim ?? 2 }, () => counting([n]))
}
