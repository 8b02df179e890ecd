import { type ArrayOps, ShapeError, type Tensor, tree } from '@linum/tensor'
import { checkAxes, formatShape } from '@linum/tensor/core'
import { isArray, isLevel, isPlain } from '../level.js'

/** Which axes of a parameter make up the rows of a matrix (what a layer sums over) and which its columns; any others are a batch. */
export interface MuonDimensionNumbers {
  /** 0. */
  readonly reductionAxis?: number | readonly number[]
  /** 1. */
  readonly outputAxis?: number | readonly number[]
}

// Written as a method, so that a function of a more precise type of tree is one too.
interface TreeMaker {
  of(params: unknown): unknown
}

/**
 * The dimension numbers of each leaf: one for all, a tree of them in which null stands for a leaf that is not a matrix,
 * or a function from the parameters to such a tree.
 */
export type WeightDimensionNumbers =
  | MuonDimensionNumbers
  | null
  | readonly WeightDimensionNumbers[]
  | { readonly [key: string]: WeightDimensionNumbers }
  | TreeMaker['of']

/** Axes, not negative. */
interface Axes {
  readonly rows: readonly number[]
  readonly columns: readonly number[]
}

const isNumbers = (x: unknown): x is MuonDimensionNumbers =>
  isPlain(x) && (Object.hasOwn(x, 'reductionAxis') || Object.hasOwn(x, 'outputAxis'))

const lookUp = (numbers: unknown, path: tree.Path): MuonDimensionNumbers | null => {
  let current = numbers
  for (const key of path) {
    if (isNumbers(current) || current === null || current === undefined) break
    current = isArray(current) ? current[key as number] : isLevel(current) ? current[key] : null
  }
  return isNumbers(current) ? current : null
}

/** The dimension numbers of every leaf of a tree, null for a leaf that has none. Without any, matrices have theirs. */
export const dimensionNumbersOf = (
  numbers: WeightDimensionNumbers | undefined,
  t: unknown,
): readonly (MuonDimensionNumbers | null)[] => {
  const leaves = tree.leavesWithPath(t)
  if (numbers === undefined) return leaves.map(([, leaf]) => ((leaf as ArrayOps).ndim === 2 ? {} : null))
  const resolved: unknown = typeof numbers === 'function' ? numbers(t) : numbers
  return leaves.map(([path]) => lookUp(resolved, path))
}

const axesOf = (fn: string, x: ArrayOps, { reductionAxis = 0, outputAxis = 1 }: MuonDimensionNumbers): Axes => {
  if (x.ndim < 2)
    throw new ShapeError(
      `${fn}: Muon optimized parameters must have rank >= 2, got shape ${formatShape(x.shape)}; give null as their dimension numbers`,
    )
  const [rows, columns] = [checkAxes(fn, reductionAxis, x.ndim), checkAxes(fn, outputAxis, x.ndim)]
  if (rows.some((axis) => columns.includes(axis)))
    throw new ShapeError(
      `${fn}: reduction axes and output axes must be disjoint, got ${rows.join(', ')} and ${columns.join(', ')} for shape ${formatShape(x.shape)}; give each axis once`,
    )
  return { rows, columns }
}

const product = (x: ArrayOps, axes: readonly number[]): number => axes.reduce((n, axis) => n * x.shape[axis]!, 1)

/** The extents of a leaf as a matrix. */
export const matrixShape = (
  fn: string,
  x: ArrayOps,
  numbers: MuonDimensionNumbers,
): readonly [rows: number, columns: number] => {
  const { rows, columns } = axesOf(fn, x, numbers)
  return [product(x, rows), product(x, columns)]
}

/** `f` of a leaf as matrices [batch, rows, columns], back in the leaf's own shape. */
export const throughMatrices = (
  fn: string,
  x: Tensor,
  numbers: MuonDimensionNumbers,
  f: (matrices: Tensor) => Tensor,
): Tensor => {
  const { rows, columns } = axesOf(fn, x, numbers)
  const batch = x.shape.map((_, i) => i).filter((i) => !rows.includes(i) && !columns.includes(i))
  const order = [...batch, ...rows, ...columns]
  const inverse = order.map((_, axis) => order.indexOf(axis))
  const out = f(x.transpose(order).reshape([product(x, batch), product(x, rows), product(x, columns)]))
  return out.reshape(order.map((axis) => x.shape[axis]!)).transpose(inverse)
}
