import type { TensorLike } from '../../core/array-ops.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { toTensor } from '../operand.js'

/** The same elements in a buffer of their own. A function only: `copy` of a Variable is a Variable. */
export const copy = (x: TensorLike): Tensor => bind1('rev', [toTensor('copy', x)], { axes: [] })
