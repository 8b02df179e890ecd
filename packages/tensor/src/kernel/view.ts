import { sameShape, type Shape } from '../core/shape.js'
import { divmod, scale, sum, zero } from './affine.js'
import type { Index } from './ir.js'

/** A position in an array of `shape`, as one index per axis or as one row-major offset; the other form is derived. */
export interface View {
  readonly shape: Shape
  readonly axes: readonly Index<number>[] | null
  readonly flat: Index<number> | null
}

export const viewOfAxes = (shape: Shape, axes: readonly Index<number>[]): View => ({ shape, axes, flat: null })
export const viewOfFlat = (shape: Shape, flat: Index<number>): View => ({ shape, axes: null, flat })

/** The row-major offset. */
export const flatOf = (view: View): Index<number> => {
  if (view.flat !== null) return view.flat
  let at = zero
  let stride = 1
  for (let i = view.shape.length - 1; i >= 0; i--) {
    const extent = view.shape[i]!
    if (extent !== 1) at = sum(scale(view.axes![i]!, stride), at)
    stride *= extent
  }
  return at
}

/** One index per axis; `extents` are those of the loops, used to simplify. */
export const axesOf = (view: View, extents: readonly number[]): readonly Index<number>[] => {
  if (view.axes !== null) return view.axes
  const axes = new Array<Index<number>>(view.shape.length).fill(zero)
  let rest = view.flat!
  for (let i = view.shape.length - 1; i >= 0; i--) {
    if (view.shape[i] === 1) continue
    const outermost = view.shape.slice(0, i).every((d) => d === 1)
    if (outermost) {
      axes[i] = rest
      break
    }
    const [quotient, remainder] = divmod(rest, view.shape[i]!, extents)
    axes[i] = remainder
    rest = quotient
  }
  return axes
}

/** The same position in an operand that broadcasts to the view's shape. */
export const broadcastView = (view: View, shape: Shape, extents: readonly number[]): View => {
  if (sameShape(shape, view.shape)) return view
  const axes = axesOf(view, extents)
  const skip = view.shape.length - shape.length
  return viewOfAxes(
    shape,
    shape.map((d, i) => (d === 1 ? zero : axes[skip + i]!)),
  )
}
