import type { TensorLike } from '../core/array-ops.js'
import { isHalf } from '../core/dtype.js'
import { broadcastShapes } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import {
  abs as absolute,
  arctan2,
  maximum,
  multiply as times,
  sqrt,
  square,
  stopGradient,
} from '../ops/elementwise/elementwise.js'
import { zerosLike } from '../ops/create/create.js'
import { convert, promoteFloats } from '../ops/operand.js'
import { broadcastTo } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'

/**
 * A complex array as a plain tree of its parts, two tensors of one shape and dtype: there is no complex dtype. Being a
 * tree, it passes through `jit`, `grad`, `vmap` and `scan` like any other; gradients with respect to it are those of the
 * parts.
 */
export interface Complex {
  readonly real: Tensor
  readonly imag: Tensor
}

/** A complex array, whose parts may be anything that stands for an array, or a real one. */
export type ComplexLike = TensorLike | { readonly real: TensorLike; readonly imag: TensorLike }

const isPair = (x: ComplexLike): x is { readonly real: TensorLike; readonly imag: TensorLike } =>
  typeof x === 'object' && x !== null && !('asTensor' in x) && 'real' in x && 'imag' in x

/** As complex, whether real or not. */
export const isComplex = (x: ComplexLike): x is Complex => isPair(x)

const widened = (x: Tensor): Tensor => (isHalf(x.dtype) ? convert(x, 'float32') : x)

/** A real array as floats of at least 32 bits. Throws TypeError for a complex one. */
export const realOf = (fn: string, x: ComplexLike): Tensor => {
  if (isPair(x))
    throw new TypeError(
      `fft.${fn}: needs a real array, got a complex one { real, imag }; use the function without r, or x.real`,
    )
  return widened(promoteFloats(`fft.${fn}`, [x])[0]!)
}

/** Both parts as floats of at least 32 bits, of one dtype and shape. */
export const complexOf = (fn: string, x: ComplexLike): Complex => {
  if (!isPair(x)) {
    const real = realOf(fn, x)
    return { real, imag: zerosLike(real) }
  }
  const [real, imag] = promoteFloats(`fft.${fn}`, [x.real, x.imag]).map(widened) as [Tensor, Tensor]
  const shape = broadcastShapes(`fft.${fn}`, [real.shape, imag.shape])
  return { real: broadcastTo(real, shape), imag: broadcastTo(imag, shape) }
}

/** The absolute values; their derivative at 0 is 0. */
export const abs = (x: ComplexLike): Tensor => {
  if (!isPair(x)) return absolute(x)
  const { real, imag } = complexOf('abs', x)
  // Scaled, so that squares neither overflow nor vanish.
  const size = stopGradient(maximum(absolute(real), absolute(imag)))
  const none = size.equal(0)
  const scale = where(none.logicalOr(size.equal(Infinity)), 1, size)
  const squares = square(real.div(scale)).add(square(imag.div(scale)))
  return where(none, size, scale.mul(sqrt(where(none, 1, squares))))
}

/** The angles in radians, from -pi to pi. */
export const angle = (x: ComplexLike): Tensor => {
  const { real, imag } = complexOf('angle', x)
  return arctan2(imag, real)
}

/** The complex conjugates. */
export const conj = (x: ComplexLike): Complex => {
  const { real, imag } = complexOf('conj', x)
  return { real, imag: imag.neg() }
}

/** The products, with broadcasting. */
export const multiply = (x: ComplexLike, y: ComplexLike): Complex => {
  const [a, b] = [complexOf('multiply', x), complexOf('multiply', y)]
  return {
    real: times(a.real, b.real).sub(times(a.imag, b.imag)),
    imag: times(a.real, b.imag).add(times(a.imag, b.real)),
  }
}
