import { stridesOf } from '../core/shape.js'
import { axisIndex, scale, sum } from './affine.js'
import { collapse, mapIndices } from './collapse.js'
import type { Index, Kernel } from './ir.js'
import type { ClusterLike } from './key.js'

/** A kernel and the slots that it reads and writes. */
export interface PlacedKernel {
  readonly kernel: Kernel<number>
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** A cluster as kernels of their own, in order. */
export interface ExpandedCluster {
  readonly kernels: readonly PlacedKernel[]
  /** The lengths of the slots that held one point's elements and now hold those of every point. */
  readonly lengths: ReadonlyMap<number, number>
}

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/**
 * The same results without shared loops, for devices that have no use for them: every local slot grows to hold all
 * points, and loads from it find their row again. Offsets in a workspace no longer hold for the slots that grow.
 */
export const expandCluster = (
  step: ClusterLike & { readonly inputs: readonly number[]; readonly outputs: readonly number[] },
): ExpandedCluster => {
  const { prefix, members } = step
  const slots = [...step.inputs, ...step.outputs]
  const points = product(prefix)
  const lengths = new Map<number, number>()
  const kernels = members.map(({ kernel, reads, writes, local }): PlacedKernel => {
    const inputs = reads.map((k) => slots[k]!)
    const grown = mapIndices(
      kernel,
      (x) => x,
      (load, at) => {
        const length = lengths.get(inputs[load.input]!)
        return length === undefined ? at : sum(rowStart(prefix, length / points), at)
      },
    )
    if (local) lengths.set(slots[writes]!, product(kernel.grid))
    return { kernel: collapse(grown), inputs, outputs: [slots[writes]!] }
  })
  return { kernels, lengths }
}

/** Where a point's elements begin, as a sum of the outermost loop counters. */
const rowStart = (prefix: readonly number[], inner: number): Index<number> =>
  stridesOf(prefix).reduce<Index<number>>(
    (at, stride, axis) => (prefix[axis] === 1 ? at : sum(at, scale(axisIndex(axis), stride * inner))),
    { offset: 0, terms: [] },
  )
