import { sizeOf } from '../../../core/shape.js'

/** Elements of an update along one axis: how far apart they lie in the target and in the updates. */
export interface WindowAxis {
  readonly extent: number
  readonly into: number
  readonly from: number
}

/** The axes of one update, whose elements lie together: those that the target walks alike are one. */
export const windowAxes = (shape: readonly number[], strides: readonly number[]): readonly WindowAxis[] => {
  const axes: WindowAxis[] = []
  shape.forEach((extent, i) => {
    if (extent === 1) return
    const axis = { extent, into: strides[i]!, from: sizeOf(shape.slice(i + 1)) }
    const last = axes.at(-1)
    if (last !== undefined && last.into === extent * axis.into)
      axes[axes.length - 1] = { ...axis, extent: last.extent * extent }
    else axes.push(axis)
  })
  return axes
}
