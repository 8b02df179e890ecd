import { sizeOf } from '../../core/shape.js'
import { dilated } from '../../primitives/conv.js'
import type { ConvPlan } from '../../program/conv-plan.js'

/** Where windows read: for each place of the result the operand's offset of every position of the window. */
export interface WindowReader {
  /** Positions in one window. */
  readonly size: number
  /** Writes the offsets of a place (its row-major number) for positions `from` to `to`; -1 where nothing but padding is. */
  readonly offsets: (place: number, into: Int32Array, from: number, to: number) => void
}

/** The multi-indices below `extents` along one axis, in row-major order. */
const coordinates = (extents: readonly number[], axis: number): Int32Array => {
  const inner = sizeOf(extents.slice(axis + 1))
  return Int32Array.from({ length: sizeOf(extents) }, (_, i) => Math.floor(i / inner) % extents[axis]!)
}

export const windowReader = (plan: ConvPlan): WindowReader => {
  const { input, window, out, strides, padding, lhsDilation, rhsDilation, x } = plan
  const size = sizeOf(window)
  const axes = window.map((_, a) => ({
    positions: coordinates(window, a).map((q) => q * rhsDilation[a]!),
    inner: sizeOf(out.slice(a + 1)),
    extent: out[a]!,
    stride: strides[a]!,
    low: padding[a]![0],
    /** Of the operand with gaps between its elements. */
    length: dilated(input[a]!, lhsDilation[a]!),
    gap: lhsDilation[a]!,
    step: x.spatial[a]!,
  }))
  return {
    size,
    offsets: (place, into, from, to) => {
      into.fill(0, from, to)
      for (const { positions, inner, extent, stride, low, length, gap, step } of axes) {
        const start = (Math.floor(place / inner) % extent) * stride - low
        for (let q = from; q < to; q++) {
          if (into[q]! < 0) continue
          const at = start + positions[q]!
          if (at < 0 || at >= length) into[q] = -1
          else if (gap === 1) into[q] = into[q]! + at * step
          else into[q] = at % gap === 0 ? into[q]! + (at / gap) * step : -1
        }
      }
    },
  }
}
