import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { baseTrace, bind1 } from '../core/trace.js'

/** A tensor of int32 or uint32 numbers of the host. For what is not worth the checks of `array`. */
export const integers = (data: Int32Array | Uint32Array, shape: Shape = [data.length]): Tensor =>
  baseTrace().upload(data, { shape, dtype: data instanceof Int32Array ? 'int32' : 'uint32', weak: false })

/** 0, 1, 2 ... along an axis. */
export const counting = (shape: Shape, axis = 0): Tensor =>
  bind1('iota', [], { shape: [...shape], axis, dtype: 'int32' })
