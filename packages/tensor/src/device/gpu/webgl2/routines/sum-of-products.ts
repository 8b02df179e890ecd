import { isFloat, type StoredDType } from '../../../../core/dtype.js'
import type { Expr, Kernel } from '../../../../kernel/ir.js'
import { accumulated, call } from '../build.js'

/** Products and sums of halves are float32, and rounded once. */
const wideOf = (dtype: StoredDType): StoredDType => (isFloat(dtype) ? 'float32' : dtype)

/** A kernel that sums x * y over the loops of `reduce`. */
export const sumOfProducts = (
  grid: readonly number[],
  reduce: readonly number[],
  x: Expr<number>,
  y: Expr<number>,
  inputs: readonly StoredDType[],
): Kernel<number> => {
  const dtype = inputs[0]!
  const wide = wideOf(dtype)
  return {
    grid,
    reduce,
    accumulators: [{ op: dtype === 'bool' ? 'or' : 'sum', dtype, value: call('mul', wide, x, y) }],
    inputs,
    outputs: [accumulated(dtype)],
  }
}
