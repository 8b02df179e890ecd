import { dtypeBytes } from '../../../core/dtype.js'
import type { DotPlan } from '../../../program/routines.js'
import { blockDepth, blockRows, leftArea } from './areas.js'
import { arithmeticOf, isNative, panelColumns, tileRows } from './arithmetic.js'
import type { Operand } from './operand.js'
import { isVectorType } from './vector.js'

/** How a product of at least one step is computed; all ways give the same bits. */
export type Method =
  /** One operand is a vector; the rows of the other are summed, each times a number of it, or multiplied with it. */
  | {
      readonly kind: 'combine' | 'rows'
      readonly vector: Operand
      readonly matrix: Operand
      readonly packVector: boolean
    }
  | { readonly kind: 'tiles'; readonly packLeft: boolean; readonly packRight: boolean }

const vectorMethod = (plan: DotPlan, left: Operand, right: Operand): Method | null => {
  if ((plan.m === 1) === (plan.n === 1) || !isVectorType(left.dtype)) return null
  const [vector, matrix] = plan.m === 1 ? [left, right] : [right, left]
  const bytes = dtypeBytes(matrix.dtype)
  const kind = matrix.across === bytes ? 'combine' : matrix.along === bytes ? 'rows' : null
  if (kind === null) return null
  const x = arithmeticOf(vector.dtype)
  const packVector = !isNative(vector.dtype) || vector.along !== x.bytes
  if (packVector && (plan.k + 4 * panelColumns(x)) * x.bytes > leftArea.bytes) return null
  return { kind, vector, matrix, packVector }
}

/** What the first cache holds of an operand that is read in place. */
const near = 1 << 15

export const methodOf = (plan: DotPlan, left: Operand, right: Operand, fma: boolean): Method => {
  const vector = vectorMethod(plan, left, right)
  if (vector !== null) return vector
  const x = arithmeticOf(left.dtype)
  const native = isNative(left.dtype)
  const depth = Math.min(plan.k, blockDepth)
  // Packing costs about a product with 8 rows or columns; read in place, far strides miss the caches.
  const leftInPlace =
    left.along === x.bytes ||
    plan.n <= 2 * panelColumns(x) ||
    left.along * depth + left.across * Math.min(plan.m, blockRows) <= near
  const rightInPlace = right.across === x.bytes && (plan.m <= 2 * tileRows(x, fma) || right.along * depth <= 2 * near)
  return { kind: 'tiles', packLeft: !(native && leftInPlace), packRight: !(native && rightInPlace) }
}

/**
 * How the result is divided: unit u is rows (or columns) (u mod perItem) * size and the `size` - 1 after it, as far as
 * there are, of item floor(u / perItem) of the batch.
 */
export interface Split {
  readonly by: 'rows' | 'columns'
  readonly size: number
  readonly perItem: number
  readonly units: number
  readonly grain: number
}

/** Multiplications that are worth another thread, and that a chunk has at least. */
const worthwhile = 1 << 16
/** Rows or columns of a chunk for which packing the other operand again costs a twentieth. */
const repacking = 64
/** Columns of a chunk whose rows memory streams well. */
const streaming = 128

/** Bytes of a right operand that are worth packing for all chunks beforehand. */
const prepackable = 1 << 23

export interface Division {
  readonly split: Split
  /** Whether the right operand is packed by a part of its own. */
  readonly prepacks: boolean
}

/** Divides a product: `by` what is given, or else so that little is packed more than once. */
export const divide = (plan: DotPlan, method: Method, left: Operand, fma: boolean, by?: Split['by']): Division => {
  const { batch, m, n, k } = plan
  const x = arithmeticOf(left.dtype)
  const [packsLeft, packsRight] = method.kind === 'tiles' ? [method.packLeft, method.packRight] : [false, false]
  const chosen = by ?? (n >= (packsLeft ? 2 * m : m) ? 'columns' : 'rows')
  const size = chosen === 'columns' || method.kind !== 'tiles' ? panelColumns(x) : tileRows(x, fma)
  const perItem = Math.ceil((chosen === 'columns' ? n : m) / size)
  const units = batch * perItem
  const work = batch * m * n * k
  const chunks = Math.max(1, Math.min(Math.floor(work / worthwhile), work < 1 << 24 ? 8 : 16))
  const repacks = chosen === 'columns' ? packsLeft : packsRight
  const prepacks = chosen === 'rows' && repacks && batch === 1 && chunks > 1 && k * n * x.bytes <= prepackable
  const least = method.kind === 'combine' ? streaming : repacks && !prepacks ? repacking : size
  const grain = Math.max(Math.ceil(units / chunks), Math.min(perItem, Math.ceil(least / size)))
  const whole = grain > perItem ? Math.ceil(grain / perItem) * perItem : grain
  return { split: { by: chosen, size, perItem, units, grain: whole }, prepacks }
}
