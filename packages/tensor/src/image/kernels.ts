import type { Tensor } from '../core/tensor.js'
import {
  add,
  divide,
  greater,
  greaterEqual,
  maximum,
  multiply,
  notEqual,
  sin,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'

/** How pixels between pixels are made. The names with a number of axes are others for the one without. */
export type ResizeMethod =
  | 'nearest'
  | 'linear'
  | 'bilinear'
  | 'trilinear'
  | 'triangle'
  | 'cubic'
  | 'bicubic'
  | 'tricubic'
  | 'lanczos3'
  | 'lanczos5'

/** The weight of a pixel at a distance. */
export type Kernel = (distance: Tensor) => Tensor

/** sinc(x) sinc(x / r) below the radius r. */
const lanczos =
  (radius: number): Kernel =>
  (x) => {
    const y = multiply(multiply(sin(multiply(x, Math.PI)), radius), sin(divide(multiply(x, Math.PI), radius)))
    const square = multiply(multiply(x, x), Math.PI ** 2)
    const near = where(greater(x, 1e-3), divide(y, where(notEqual(x, 0), square, 1)), 1)
    return where(greater(x, radius), 0, near)
  }

/** Keys' cubic convolution with a = -0.5. */
const keys: Kernel = (x) => {
  const inner = add(multiply(multiply(subtract(multiply(x, 1.5), 2.5), x), x), 1)
  const outer = add(multiply(subtract(multiply(add(multiply(x, -0.5), 2.5), x), 4), x), 2)
  return where(greaterEqual(x, 2), 0, where(greaterEqual(x, 1), outer, inner))
}

const triangle: Kernel = (x) => maximum(subtract(1, x), 0)

export const kernels: Readonly<Record<Exclude<ResizeMethod, 'nearest'>, Kernel>> = {
  linear: triangle,
  bilinear: triangle,
  trilinear: triangle,
  triangle,
  cubic: keys,
  bicubic: keys,
  tricubic: keys,
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
}
