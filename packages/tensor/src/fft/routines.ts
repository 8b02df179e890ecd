import type { Tensor } from '../core/tensor.js'
import { iota, zerosLike } from '../ops/create/create.js'
import { callRoutine } from '../ops/routine.js'
import { where } from '../ops/elementwise/where.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { transformAlong } from './dft.js'

/** Transforms over the last `dims` axes; every result is multiplied by `scale`. */
export interface FftParams {
  readonly dims: number
  readonly inverse: boolean
  readonly scale: number
}

export type Parts = readonly [real: Tensor, imag: Tensor]
type Flow = Tensor | null | undefined

/** Two parts of which one may be zero; null where both are. */
const partsOf = (real: Flow, imag: Flow): Parts | null => {
  const some = real ?? imag
  return some ? [real ?? zerosLike(some), imag ?? zerosLike(some)] : null
}

const write = (out: { [k: number]: number }, x: Float64Array, scale: number): void => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * scale
}

/** Complex to complex. */
const complexRoutine: Routine<FftParams> = /* @__PURE__ */ defineRoutine({
  name: 'fft',
  ranks: ({ dims }: FftParams) => [dims, dims],
  types: ([real, imag]) => [real!, imag!],
  compute: ([real, imag], [outReal, outImag], [type], { inverse, scale }) => {
    const [re, im] = [new Float64Array(real!), new Float64Array(imag!)]
    type!.shape.forEach((_, axis) => transformAlong(re, im, type!.shape, axis, inverse))
    write(outReal!, re, scale)
    write(outImag!, im, scale)
  },
  jvp: ([real, imag], { params }) => {
    const moved = partsOf(real, imag)
    return moved ? transform(moved, params) : []
  },
  // The transpose of a symmetric complex matrix acting on pairs of reals is its conjugate.
  vjp: ([real, imag], { params }) => {
    const ct = partsOf(real, imag)
    return ct ? transform(ct, { ...params, inverse: !params.inverse }) : []
  },
})

/** The lengths of a real array's transform: the last axis keeps the first half and the middle. */
const halved = (shape: readonly number[]): number[] =>
  shape.map((n, i) => (i === shape.length - 1 ? Math.floor(n / 2) + 1 : n))

/** Which elements of a half transform stand for two of the whole: all but the first and, for even n, the last. */
const doubled = (n: number, like: Tensor, factor: number): Tensor => {
  const k = iota([Math.floor(n / 2) + 1], 0)
  const single = k.equal(0).logicalOr(k.mul(2).equal(n))
  return where(single, 1, factor).astype(like.dtype)
}

export interface RealFftParams {
  readonly dims: number
  /** The length of the last axis of the real array. */
  readonly n: number
  readonly scale: number
}

/** Real to complex: the transform along the last axis is cut to its first half, which determines the rest. */
const realRoutine: Routine<RealFftParams> = /* @__PURE__ */ defineRoutine({
  name: 'rfft',
  ranks: ({ dims }: RealFftParams) => [dims],
  types: ([x]) => {
    const half = { shape: halved(x!.shape), dtype: x!.dtype }
    return [half, half]
  },
  compute: ([x], [outReal, outImag], [type], { n, scale }) => {
    const { shape } = type!
    const last = shape.length - 1
    const [re, im] = [new Float64Array(x!), new Float64Array(x!.length)]
    transformAlong(re, im, shape, last, false)
    const width = Math.floor(n / 2) + 1
    const keep = (full: Float64Array): Float64Array =>
      Float64Array.from({ length: outReal!.length }, (_, at) => full[Math.floor(at / width) * n + (at % width)]!)
    const [halfRe, halfIm] = [keep(re), keep(im)]
    for (let axis = 0; axis < last; axis++) transformAlong(halfRe, halfIm, halved(shape), axis, false)
    write(outReal!, halfRe, scale)
    write(outImag!, halfIm, scale)
  },
  jvp: ([x], { params }) => (x ? realTransform(x, params) : []),
  vjp: ([real, imag], { params }) => {
    const ct = partsOf(real, imag)
    if (!ct) return []
    const weight = doubled(params.n, ct[0], 0.5)
    return [inverseRealTransform([ct[0].mul(weight), ct[1].mul(weight)], params)]
  },
})

/** Complex to real: the other half along the last axis is the conjugate of the first; imaginary parts that this contradicts are not read. */
const inverseRealRoutine: Routine<RealFftParams> = /* @__PURE__ */ defineRoutine({
  name: 'irfft',
  ranks: ({ dims }: RealFftParams) => [dims, dims],
  types: ([real], { n }) => [{ shape: [...real!.shape.slice(0, -1), n], dtype: real!.dtype }],
  compute: ([real, imag], [out], [type], { n, scale }) => {
    const { shape } = type!
    const last = shape.length - 1
    const width = shape[last]!
    const [halfRe, halfIm] = [new Float64Array(real!), new Float64Array(imag!)]
    for (let axis = 0; axis < last; axis++) transformAlong(halfRe, halfIm, shape, axis, true)
    const [re, im] = [new Float64Array(out!.length), new Float64Array(out!.length)]
    for (let row = 0; row < out!.length / n; row++) {
      for (let k = 0; k < n; k++) {
        const mirrored = 2 * k > n
        const from = row * width + (mirrored ? n - k : k)
        re[row * n + k] = halfRe[from]!
        im[row * n + k] = k === 0 || 2 * k === n ? 0 : mirrored ? -halfIm[from]! : halfIm[from]!
      }
    }
    transformAlong(re, im, [...shape.slice(0, -1), n], last, true)
    write(out!, re, scale)
  },
  jvp: ([real, imag], { params }) => {
    const moved = partsOf(real, imag)
    return [moved && inverseRealTransform(moved, params)]
  },
  vjp: ([ct], { params }) => {
    if (!ct) return []
    const weight = doubled(params.n, ct, 2)
    return realTransform(ct, params).map((x) => x.mul(weight))
  },
})

export const transform = ([real, imag]: Parts, params: FftParams): Parts =>
  callRoutine(complexRoutine, [real, imag], params) as readonly Tensor[] as Parts

export const realTransform = (x: Tensor, params: RealFftParams): Parts =>
  callRoutine(realRoutine, [x], params) as readonly Tensor[] as Parts

export const inverseRealTransform = ([real, imag]: Parts, params: RealFftParams): Tensor =>
  callRoutine(inverseRealRoutine, [real, imag], params)[0]!
