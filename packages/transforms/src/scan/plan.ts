import { moveaxis, type Tensor, tree } from '@linum/tensor'
import { checkAxis } from '@linum/tensor/core'
import { type Axis, axesOfArguments, type AxisTree, Carry, checkAliasing, perArgument, resolveAxis } from '../axes.js'
import { leafDefinitions } from '../lift/leaf-definitions.js'
import { type Extracted, extract } from '../lift/sandwich.js'
import { perTensor } from '../lift/values.js'
import type { AxisMetadata } from '../metadata.js'
import { type CarryPositions, carryPositions } from './positions.js'

/** The arguments of a scan taken apart. A tensor is known by its position among those of all arguments. */
export interface Plan extends Extracted {
  readonly carry: CarryPositions
  readonly inAxes: readonly AxisTree[]
  readonly outAxes: AxisTree
  /** The name of the scanned axis in metadata, where one is kept. */
  readonly names: AxisMetadata | undefined
  /** Per leaf, and per tensor. */
  readonly axes: readonly Axis[]
  readonly tensorAxes: readonly Axis[]
  /** The tensors of each leaf. */
  readonly tensorsOf: readonly (readonly number[])[]
  /** The leaf of each Variable, by the number that inner definitions know it by. */
  readonly leafOf: ReadonlyMap<number, number>
  /** The tensors of the carry that no module holds: their next values are returned, not written. */
  readonly returned: readonly number[]
  /** Per tensor, with the scanned axis in front. */
  readonly slices: readonly Tensor[]
}

/** A number that stands where slices are taken has none. */
export const checkScannable = (axesIn: AxisTree, args: readonly unknown[]): void => {
  const inAxes = perArgument(axesIn, args.length)
  // Said with more words where the arguments are taken apart.
  if (inAxes.length !== args.length) return
  args.forEach((arg, i) => {
    for (const [path, leaf] of tree.leavesWithPath(arg)) {
      if (typeof leaf === 'object' || typeof leaf === 'function') continue
      if (typeof resolveAxis('scan', inAxes[i], arg, path, leaf) !== 'number') continue
      throw new TypeError(
        `scan: Expected an array, got ${typeof leaf} args[${i}]${tree.keystr(path)}; give null for what every step sees whole`,
      )
    }
  })
}

export const planScan = (
  label: string,
  args: readonly unknown[],
  axesIn: AxisTree,
  outAxes: AxisTree,
  names: AxisMetadata | undefined,
): Plan => {
  const carry = carryPositions(axesIn, outAxes, args.length)
  const inAxes = perArgument(axesIn, args.length)
  if (inAxes.length !== args.length)
    throw new TypeError(`${label}: inAxes must give one axis per argument, got ${inAxes.length} for ${args.length}`)
  const { context, given, outer, values } = extract(label, args)
  checkAliasing(label, { prefixes: inAxes, values: given, flat: outer })
  const axes = axesOfArguments(label, inAxes, given, outer)
  const tensorAxes = perTensor(axes, values.shapes)
  const definitions = leafDefinitions(outer.graphdef)
  const leaves = perTensor(
    outer.leaves.map((_, i) => i),
    values.shapes,
  )
  const tensorsOf = outer.leaves.map((): number[] => [])
  leaves.forEach((leaf, t) => tensorsOf[leaf]!.push(t))
  return {
    label,
    context,
    given,
    outer,
    values,
    carry,
    inAxes,
    outAxes,
    names,
    axes,
    tensorAxes,
    tensorsOf,
    leafOf: new Map(
      definitions.flatMap(({ variable }, i) => (variable === null ? [] : [[variable.index, i] as const])),
    ),
    returned: leaves.flatMap((leaf, t) =>
      tensorAxes[t] === Carry && definitions[leaf]!.variable === null && !definitions[leaf]!.held ? [t] : [],
    ),
    slices: values.tensors.map((t, i) => {
      const axis = tensorAxes[i]
      return typeof axis === 'number' ? moveaxis(t, checkAxis('scan', axis, t.ndim), 0) : t
    }),
  }
}
