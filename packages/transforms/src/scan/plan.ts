import { type Flat, UpdateContext } from '@linum/graph'
import { moveaxis, type Tensor, tree } from '@linum/tensor'
import { checkAxis } from '@linum/tensor/core'
import { type Axis, axesOfArguments, type AxisTree, Carry, checkAliasing, perArgument, resolveAxis } from '../axes.js'
import { liftArguments } from '../lift/arguments.js'
import { leafDefinitions } from '../lift/leaf-definitions.js'
import { perTensor, takeValues, type Values } from '../lift/values.js'
import { type CarryPositions, carryPositions } from './positions.js'

/** The arguments of a scan taken apart. A tensor is known by its position among those of all arguments. */
export interface Plan {
  readonly label: string
  readonly given: readonly unknown[]
  readonly outer: Flat<readonly unknown[]>
  readonly values: Values
  readonly carry: CarryPositions
  readonly inAxes: readonly AxisTree[]
  readonly outAxes: AxisTree
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
const checkScannable = (inAxes: readonly AxisTree[], args: readonly unknown[]): void =>
  args.forEach((arg, i) => {
    for (const [path, leaf] of tree.leavesWithPath(arg)) {
      if (typeof leaf === 'object' || typeof leaf === 'function') continue
      if (typeof resolveAxis('scan', inAxes[i], arg, path, leaf) !== 'number') continue
      throw new TypeError(
        `scan: Expected an array, got ${typeof leaf} args[${i}]${tree.keystr(path)}; give null for what every step sees whole`,
      )
    }
  })

export const planScan = (label: string, args: readonly unknown[], axesIn: AxisTree, outAxes: AxisTree): Plan => {
  const carry = carryPositions(axesIn, outAxes, args.length)
  const inAxes = perArgument(axesIn, args.length)
  if (inAxes.length !== args.length)
    throw new TypeError(`${label}: inAxes must give one axis per argument, got ${inAxes.length} for ${args.length}`)
  checkScannable(inAxes, args)
  const given = liftArguments(args)
  const outer = new UpdateContext().outerSplit().flatten(given)
  checkAliasing(label, { prefixes: inAxes, values: given, flat: outer })
  const axes = axesOfArguments(label, inAxes, given, outer)
  const values = takeValues(outer.leaves)
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
    given,
    outer,
    values,
    carry,
    inAxes,
    outAxes,
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
