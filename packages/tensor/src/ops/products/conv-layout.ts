import { ShapeError } from '../../core/errors.js'

/** Where the axes of operand, kernel and result are, as in `['NHWC', 'HWIO', 'NHWC']`: N batch, C features, I and O the kernel's features in and out; other letters are spatial. */
export type DimensionNumbers = readonly [lhs: string, rhs: string, out: string]

/** Axes of an array in the order that the primitive takes: batch (or window), spatial axes, features. */
export interface ConvLayout {
  readonly lhs: readonly number[]
  readonly rhs: readonly number[]
  readonly out: readonly number[]
}

const refuse = (fn: string, numbers: DimensionNumbers, why: string): never => {
  throw new ShapeError(
    `${fn}: dimensionNumbers ${why}, got [${numbers.map((s) => `'${s}'`).join(', ')}]; write them as in ['NHWC', 'HWIO', 'NHWC']`,
  )
}

/** The axes that dimension numbers name for arrays of `ndim` axes; the kernel's order of spatial letters counts. */
export const convLayout = (fn: string, numbers: DimensionNumbers, ndim: number): ConvLayout => {
  const [lhs, rhs, out] = numbers
  const letters = [...rhs].filter((c) => c !== 'I' && c !== 'O')
  const axes = (spec: string, first: string, last: string): readonly number[] => {
    if (spec.length !== ndim || new Set(spec).size !== ndim)
      refuse(fn, numbers, `must name each of ${ndim} axes by a letter of its own`)
    const order = [...(first === 'N' ? ['N'] : []), ...letters, ...(first === 'N' ? [] : [first]), last]
    const found = order.map((c) => spec.indexOf(c))
    if (found.length !== ndim || found.includes(-1))
      refuse(
        fn,
        numbers,
        `must have N and C in the first and last, I and O in the second and the same spatial letters in all`,
      )
    return found
  }
  return { lhs: axes(lhs, 'N', 'C'), rhs: axes(rhs, 'I', 'O'), out: axes(out, 'N', 'C') }
}

/** JAX's default for convolutions: batch and features before the spatial axes. */
export const featuresFirst = (spatial: number): DimensionNumbers => {
  const letters = 'DHW0123456789'.slice(spatial <= 3 ? 3 - spatial : 3, spatial <= 3 ? 3 : 3 + spatial)
  return [`NC${letters}`, `OI${letters}`, `NC${letters}`]
}

/** JAX's default for transposed convolutions: features last. */
export const featuresLast = (spatial: number): DimensionNumbers => {
  const letters = ['', 'H', 'HW', 'HWD'][spatial] ?? '0123456789'.slice(0, spatial)
  return [`N${letters}C`, `${letters}IO`, `N${letters}C`]
}
