import type { TensorLike } from '../core/array-ops.js'
import type { DType } from '../core/dtype.js'
import { checkAxes } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { array } from '../ops/create/create.js'
import { concatenate } from '../ops/shape/join.js'
import { toTensor } from '../ops/operand.js'
import { moveaxis } from '../ops/shape/shape.js'
import { type Complex, isComplex } from './complex.js'

export interface FrequencyOptions {
  /** The distance of two samples; 1 by default. */
  readonly d?: number
  readonly dtype?: DType
}

const checkLength = (fn: string, n: number): void => {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`fft.${fn}: n must be a positive integer, got ${n}`)
}

const frequencies = (
  count: number,
  at: (k: number) => number,
  { d = 1, dtype = 'float32' }: FrequencyOptions,
  n: number,
): Tensor =>
  array(
    Array.from({ length: count }, (_, k) => at(k) / (n * d)),
    { dtype },
  )

/** The frequencies of the elements of a transform of length n, in cycles per unit of `d`: those above half come as negative ones. */
export const fftfreq = (n: number, options: FrequencyOptions = {}): Tensor => {
  checkLength('fftfreq', n)
  return frequencies(n, (k) => (2 * k < n ? k : k - n), options, n)
}

/** The frequencies of the elements of `rfft` of length n. */
export const rfftfreq = (n: number, options: FrequencyOptions = {}): Tensor => {
  checkLength('rfftfreq', n)
  return frequencies(Math.floor(n / 2) + 1, (k) => k, options, n)
}

interface Shift {
  (x: TensorLike, options?: { readonly axis?: number | readonly number[] | null }): Tensor
  (x: Complex, options?: { readonly axis?: number | readonly number[] | null }): Complex
}

/** Exchanges the parts before and behind a cut of each axis. */
const shifted =
  (fn: string, cutOf: (n: number) => number) =>
  (x: TensorLike | Complex, options: { readonly axis?: number | readonly number[] | null } = {}): unknown => {
    const one = (part: TensorLike): Tensor => {
      const t = toTensor(`fft.${fn}`, part)
      return checkAxes(`fft.${fn}`, options.axis, t.ndim).reduce((y, axis) => {
        const first = moveaxis(y, axis, 0)
        const cut = cutOf(first.shape[0]!)
        return moveaxis(concatenate([first.slice(`${cut}:`), first.slice(`:${cut}`)]), 0, axis)
      }, t)
    }
    return isComplex(x) ? { real: one(x.real), imag: one(x.imag) } : one(x)
  }

/** Moves the element of frequency zero to the middle of each axis, or of the given ones. */
export const fftshift: Shift = /* @__PURE__ */ shifted('fftshift', (n) => Math.ceil(n / 2)) as Shift

/** The inverse of `fftshift`. */
export const ifftshift: Shift = /* @__PURE__ */ shifted('ifftshift', (n) => Math.floor(n / 2)) as Shift
