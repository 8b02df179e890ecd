import type { Cell } from '../core/cell.js'
import { checkDType, type DType } from '../core/dtype.js'
import { TraceError } from '../core/errors.js'
import { checkShape, formatShape, type Shape } from '../core/shape.js'
import { Tensor } from '../core/tensor.js'
import { baseTrace } from '../core/trace.js'

/**
 * The shape and dtype of a tensor without its elements: an argument for `evalShape`, `makeProgram` and `lower`, which
 * look at types alone. Whatever else reads it throws TraceError.
 */
export class ShapeDtypeStruct extends Tensor {
  constructor(shape: Shape, dtype: DType = 'float32') {
    super(
      {
        shape: [...checkShape('ShapeDtypeStruct', shape)],
        dtype: checkDType('ShapeDtypeStruct', dtype),
        weak: false,
      },
      baseTrace(),
      null,
    )
  }

  override cell(fn: string): Cell {
    throw new TraceError(
      `${fn}: a ShapeDtypeStruct of shape ${formatShape(this.shape)} has no elements; give a tensor, such as zeros([${this.shape.join(', ')}])`,
    )
  }

  override toString(): string {
    return `ShapeDtypeStruct(${this.dtype}${formatShape(this.shape)})`
  }
}
