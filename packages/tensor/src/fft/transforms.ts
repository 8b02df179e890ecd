import type { Tensor } from '../core/tensor.js'
import { type Complex, type ComplexLike, complexOf, conj, realOf } from './complex.js'
import { type FftnOptions, type FftOptions, framed, frameOf, optionsN, scaleOf, swapped, unframed } from './frame.js'
import { inverseRealTransform, type Parts, realTransform, transform } from './routines.js'

const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1)

const complexTransform = (fn: string, x: ComplexLike, options: FftnOptions, inverse: boolean): Complex => {
  const { real, imag } = complexOf(fn, x)
  const { axes, lengths } = frameOf(fn, real.shape, options)
  const scale = scaleOf(fn, options.norm, inverse, product(lengths))
  const parts: Parts = [framed(real, axes, lengths), framed(imag, axes, lengths)]
  const [re, im] = transform(parts, { dims: axes.length, inverse, scale })
  return { real: unframed(re, axes), imag: unframed(im, axes) }
}

const forwardReal = (fn: string, x: ComplexLike, options: FftnOptions): Complex => {
  const real = realOf(fn, x)
  const { axes, lengths } = frameOf(fn, real.shape, options)
  const scale = scaleOf(fn, options.norm, false, product(lengths))
  const params = { dims: axes.length, n: lengths[lengths.length - 1]!, scale }
  const [re, im] = realTransform(framed(real, axes, lengths), params)
  return { real: unframed(re, axes), imag: unframed(im, axes) }
}

const inverseReal = (fn: string, x: ComplexLike, options: FftnOptions): Tensor => {
  const { real, imag } = complexOf(fn, x)
  const { axes, lengths } = frameOf(fn, real.shape, options, (n, isLast) => (isLast ? 2 * (n - 1) : n))
  const scale = scaleOf(fn, options.norm, true, product(lengths))
  const n = lengths[lengths.length - 1]!
  const kept = lengths.map((length, i) => (i === lengths.length - 1 ? Math.floor(n / 2) + 1 : length))
  const parts: Parts = [framed(real, axes, kept), framed(imag, axes, kept)]
  return unframed(inverseRealTransform(parts, { dims: axes.length, n, scale }), axes)
}

const two: FftnOptions = { axis: [-2, -1] }

/** The discrete Fourier transform along an axis. */
export const fft = (x: ComplexLike, options: FftOptions = {}): Complex =>
  complexTransform('fft', x, optionsN(options), false)

/** The inverse of `fft`. */
export const ifft = (x: ComplexLike, options: FftOptions = {}): Complex =>
  complexTransform('ifft', x, optionsN(options), true)

/** The discrete Fourier transform along the last two axes, or two others. */
export const fft2 = (x: ComplexLike, options: FftnOptions = {}): Complex =>
  complexTransform('fft2', x, { ...two, ...options }, false)

/** The inverse of `fft2`. */
export const ifft2 = (x: ComplexLike, options: FftnOptions = {}): Complex =>
  complexTransform('ifft2', x, { ...two, ...options }, true)

/** The discrete Fourier transform along several axes, by default all. */
export const fftn = (x: ComplexLike, options: FftnOptions = {}): Complex => complexTransform('fftn', x, options, false)

/** The inverse of `fftn`. */
export const ifftn = (x: ComplexLike, options: FftnOptions = {}): Complex => complexTransform('ifftn', x, options, true)

/** The transform of a real array along an axis: the first n / 2 + 1 elements, whose conjugates are the others. */
export const rfft = (x: ComplexLike, options: FftOptions = {}): Complex => forwardReal('rfft', x, optionsN(options))

/** The inverse of `rfft`, a real array; n is by default even, 2 (m - 1) for m elements. */
export const irfft = (x: ComplexLike, options: FftOptions = {}): Tensor => inverseReal('irfft', x, optionsN(options))

/** The transform of a real array along the last two axes, or two others, of which the last is halved. */
export const rfft2 = (x: ComplexLike, options: FftnOptions = {}): Complex =>
  forwardReal('rfft2', x, { ...two, ...options })

/** The inverse of `rfft2`, a real array. */
export const irfft2 = (x: ComplexLike, options: FftnOptions = {}): Tensor =>
  inverseReal('irfft2', x, { ...two, ...options })

/** The transform of a real array along several axes, of which the last is halved. */
export const rfftn = (x: ComplexLike, options: FftnOptions = {}): Complex => forwardReal('rfftn', x, options)

/** The inverse of `rfftn`, a real array. */
export const irfftn = (x: ComplexLike, options: FftnOptions = {}): Tensor => inverseReal('irfftn', x, options)

/** The transform, which is real, of an array that is the conjugate of its reverse, given by its first half. */
export const hfft = (x: ComplexLike, options: FftOptions = {}): Tensor =>
  inverseReal('hfft', conj(x), optionsN({ ...options, norm: swapped(options.norm) }))

/** The inverse of `hfft`: the first half of the inverse transform of a real array. */
export const ihfft = (x: ComplexLike, options: FftOptions = {}): Complex =>
  conj(forwardReal('ihfft', x, optionsN({ ...options, norm: swapped(options.norm) })))
