import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { promoteOperands } from '../operand.js'
import { where } from './where.js'

/**
 * The choice of the first condition that holds, `defaultValue` where none does; everything broadcasts. Throws
 * ShapeError for lists of different lengths or without elements.
 */
export const select = (
  conditions: readonly TensorLike[],
  choices: readonly TensorLike[],
  defaultValue: TensorLike = 0,
): Tensor => {
  if (conditions.length !== choices.length)
    throw new ShapeError(
      `select: condlist must have length equal to choicelist (${conditions.length} vs ${choices.length})`,
    )
  if (conditions.length === 0) throw new ShapeError('select: condlist must be non-empty')
  const [otherwise, ...values] = promoteOperands('select', [defaultValue, ...choices])
  return conditions.reduceRight((rest: Tensor, c, i) => where(c, values[i]!, rest), otherwise!)
}
