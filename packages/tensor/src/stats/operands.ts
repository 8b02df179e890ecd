import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { divide, subtract } from '../ops/elementwise/elementwise.js'
import { promoteFloats } from '../ops/operand.js'

/** Arguments of a distribution's function in their common floating-point type. */
export const floats = (fn: string, ...xs: readonly TensorLike[]): Tensor[] => [...promoteFloats(fn, xs)]

/** (x - loc) / scale. */
export const standardized = (x: Tensor, loc: Tensor, scale: Tensor): Tensor => divide(subtract(x, loc), scale)
