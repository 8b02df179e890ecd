import { checkDType, type DType, dtypeBytes, isFloat, isInteger, isSigned, type StoredDType } from '../../core/dtype.js'
import { DtypeError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { convert } from '../operand.js'

/** Whether every number of one dtype's kind can be asked for in another: as wide, and no sign or fraction lost. */
const widens = (from: DType, to: DType): boolean => {
  if (dtypeBytes(to) < dtypeBytes(from)) return false
  if (isFloat(to)) return isFloat(from) || isInteger(from)
  return isInteger(from) && isInteger(to) && (isSigned(to) || !isSigned(from))
}

/**
 * The operands of a product in the dtype that its sums and result shall have. Throws DtypeError for one that is
 * narrower, or an integer type for floats.
 */
export const widenOperands = (
  fn: string,
  x: Tensor,
  y: Tensor,
  preferred: DType | undefined,
): readonly [Tensor, Tensor] => {
  if (preferred === undefined || preferred === x.dtype) return [x, y]
  const dtype = checkDType(fn, preferred)
  if (!widens(x.dtype, dtype))
    throw new DtypeError(
      `${fn}: preferredElementType must be as wide as the operands and of their kind, got ${dtype} for ${x.dtype}; convert the operands with astype`,
    )
  return [convert(x, dtype as StoredDType), convert(y, dtype as StoredDType)]
}
