import { ShapeError } from '../core/errors.js'
import { checkAxis, formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { pad } from '../ops/shape/pad.js'
import { moveaxis } from '../ops/shape/shape.js'

/** Which direction is divided by the number of elements: the inverse one, both by its root, or the forward one. */
export type FftNorm = 'backward' | 'ortho' | 'forward'

export interface FftOptions {
  /** The length of the transform: the input is cut, or padded with zeros behind; its own by default. */
  readonly n?: number | null
  /** The axis to transform; the last by default. */
  readonly axis?: number
  /** 'backward' by default. */
  readonly norm?: FftNorm | null
}

export interface FftnOptions {
  /** The lengths of the transform along the axes; those of the input by default. */
  readonly s?: readonly number[] | null
  /** The axes to transform; by default all, or the last ones where `s` is given. The last of them is the halved one of real transforms. */
  readonly axis?: readonly number[] | null
  /** 'backward' by default. */
  readonly norm?: FftNorm | null
}

export const optionsN = ({ n = null, axis = -1, norm = null }: FftOptions): FftnOptions => ({
  s: n === null ? null : [n],
  axis: [axis],
  norm,
})

const norms: readonly unknown[] = ['backward', 'ortho', 'forward']

/** The factor of a transform of `size` elements. */
export const scaleOf = (fn: string, norm: FftNorm | null | undefined, inverse: boolean, size: number): number => {
  const kind = norm ?? 'backward'
  if (!norms.includes(kind))
    throw new RangeError(`fft.${fn}: unknown norm, got '${String(norm)}'; use 'backward', 'ortho' or 'forward'`)
  if (kind === 'ortho') return 1 / Math.sqrt(size)
  return (kind === 'backward') === inverse ? 1 / size : 1
}

/** The other direction's norm. */
export const swapped = (norm: FftNorm | null | undefined): FftNorm | null =>
  norm === 'forward' ? 'backward' : norm === 'ortho' ? 'ortho' : (norm ?? 'backward') === 'backward' ? 'forward' : norm!

/** The axes of a transform of an array of `shape` and the lengths along them, checked. */
export const frameOf = (
  fn: string,
  shape: readonly number[],
  { s = null, axis = null }: FftnOptions,
  lengthOf: (extent: number, isLast: boolean) => number = (extent) => extent,
): { readonly axes: readonly number[]; readonly lengths: readonly number[] } => {
  const count = axis?.length ?? s?.length ?? shape.length
  const axes = (axis ?? Array.from({ length: count }, (_, i) => i - count)).map((a) =>
    checkAxis(`fft.${fn}`, a, shape.length),
  )
  if (new Set(axes).size !== axes.length)
    throw new ShapeError(`fft.${fn}: axes must differ, got [${axes.join(', ')}]; transform twice to repeat one`)
  if (axes.length === 0) throw new ShapeError(`fft.${fn}: needs at least one axis, got shape ${formatShape(shape)}`)
  if (s !== null && s.length !== axes.length)
    throw new ShapeError(`fft.${fn}: needs one length per axis, got ${s.length} for ${axes.length} axes`)
  const lengths = s ?? axes.map((a, i) => lengthOf(shape[a]!, i === axes.length - 1))
  const wrong = lengths.find((n) => !Number.isInteger(n) || n < 1)
  if (wrong !== undefined)
    throw new ShapeError(
      `fft.${fn}: a transform needs a positive number of points, got ${wrong} of shape ${formatShape(shape)}`,
    )
  return { axes, lengths }
}

const last = (axes: readonly number[]): number[] => axes.map((_, i) => i - axes.length)

/** The axes at the end, each cut or padded with zeros to its length. */
export const framed = (x: Tensor, axes: readonly number[], lengths: readonly number[]): Tensor => {
  const moved = moveaxis(x, axes, last(axes))
  const lead = moved.ndim - axes.length
  const cut = moved.slice('...', ...lengths.map((n) => `:${n}`))
  const widths = cut.shape.map((n, i): [number, number] => [0, i < lead ? 0 : lengths[i - lead]! - n])
  return widths.every(([, n]) => n === 0) ? cut : pad(cut, widths)
}

/** The axes back where they were. */
export const unframed = (x: Tensor, axes: readonly number[]): Tensor => moveaxis(x, last(axes), axes)
