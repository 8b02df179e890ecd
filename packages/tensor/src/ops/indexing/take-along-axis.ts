import type { TensorLike } from '../../core/array-ops.js'
import { checkAxis } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { toTensor } from '../operand.js'
import { reshape } from '../shape/shape.js'
import { alongAxis, checkTakeMode, type TakeMode } from './along-axis.js'
import { defaultFill } from './at.js'

export interface AlongAxisOptions {
  /** Default -1; null takes all elements in a row. */
  readonly axis?: number | null
  readonly mode?: TakeMode
  readonly fillValue?: number
}

/** Per position along the other axes, the elements of `axis` at `indices`; extents of 1 broadcast. Default mode: fill. */
export const takeAlongAxis = (x: TensorLike, indices: TensorLike, options: AlongAxisOptions = {}): Tensor => {
  const given = toTensor('takeAlongAxis', x)
  const t = options.axis === null ? reshape(given, [given.size]) : given
  const axis = options.axis === null ? 0 : checkAxis('takeAlongAxis', options.axis ?? -1, t.ndim)
  const mode = options.mode ?? 'fill'
  checkTakeMode('takeAlongAxis', mode)
  const positions = alongAxis('takeAlongAxis', t.shape, indices, axis, mode)
  return bind1('gather', [t, ...positions], {
    axes: t.shape.map((_, i) => i),
    mode: mode === 'fill' ? 'fill' : 'clip',
    fill: options.fillValue ?? defaultFill(t.dtype),
  })
}
