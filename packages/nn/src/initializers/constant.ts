import { full, ones as onesOf, type TensorLike, zeros as zerosOf } from '@linum/tensor'
import type { Initializer, InitializerOptions } from './initializer.js'

/** All 0; the key is not used. */
export const zeros: Initializer = (_key, shape, options) => zerosOf(shape, options)

/** All 1; the key is not used. */
export const ones: Initializer = (_key, shape, options) => onesOf(shape, options)

/** `zeros`, in the form of the other builders. */
export const zerosInit = (): Initializer => zeros

/** `ones`, in the form of the other builders. */
export const onesInit = (): Initializer => ones

/** All `value`, which may be a tensor that broadcasts to the shape. `dtype` is the default of the calls. */
export const constant =
  (value: TensorLike, defaults: InitializerOptions = {}): Initializer =>
  (_key, shape, options) =>
    full(shape, value, { ...defaults, ...options })
