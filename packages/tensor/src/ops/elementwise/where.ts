import type { TensorLike } from '../../core/array-ops.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { convert, promoteOperands, toTensor } from '../operand.js'

/** `a` where the condition holds, else `b`; all three broadcast. Both sides are computed. */
export const where = (condition: TensorLike, a: TensorLike, b: TensorLike): Tensor => {
  const c = convert(toTensor('where', condition), 'bool')
  const keys = [a, b].map((x) => (typeof x === 'object' ? x.asTensor() : null))
  const [x, y] = keys.every((k) => k?.dtype === 'key') ? (keys as readonly Tensor[]) : promoteOperands('where', [a, b])
  return bind1('select', [c, x!, y!], null)
}
