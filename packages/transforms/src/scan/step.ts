import { flatten, type GraphDef, UpdateContext } from '@linum/graph'
import { GraphError, type Tensor } from '@linum/tensor'
import { type Axis, axesAfter, Carry, checkAliasing, pathOfPair, resolveAxis } from '../axes.js'
import { liftArguments } from '../lift/arguments.js'
import { leafDefinitions } from '../lift/leaf-definitions.js'
import { perTensor, putValues, sameShapes, takeValues, type Values } from '../lift/values.js'
import { checkReturnedCarry, watchStructure } from './carry.js'
import { addAxisNames, removeAxisNames } from '../metadata.js'
import type { Plan } from './plan.js'

/** What one run of the body leaves: [arguments, result], taken apart. */
export interface Step {
  readonly pair: GraphDef<readonly [unknown, unknown]>
  readonly shapes: Values['shapes']
  readonly tensors: readonly Tensor[]
  /** Per tensor: where it goes. */
  readonly axes: readonly Axis[]
  /** Per tensor: the tensor of the arguments that it is the next value of, or null for a new result. */
  readonly origin: readonly (number | null)[]
}

/** A leaf after the body: where it goes, and which leaf of the arguments it was. */
interface After {
  readonly axis: Axis
  readonly origin: number | null
}

const samePath = (p: readonly unknown[], q: readonly unknown[]): boolean =>
  p.length === q.length && p.every((k, d) => k === q[d])

/** Runs the body on one slice; `entries` are the tensors of the arguments as this step sees them. */
export const runStep = (plan: Plan, f: (...args: never[]) => unknown, entries: readonly Tensor[]): Step => {
  const { label, outer, values, carry, inAxes, outAxes, axes, tensorsOf, leafOf, names } = plan
  // A context of its own, because the body may be traced more than once.
  const context = new UpdateContext()
  const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, entries))
  const known = new Map<unknown, Axis>()
  if (names !== undefined) {
    const { leaves } = flatten(inner)
    leaves.forEach((leaf, i) => known.set(leaf, axes[i]!))
    removeAxisNames(leaves, axes, names)
  }
  const carried = carry.argument === null ? undefined : inner[carry.argument]
  const checkStructure = carry.argument === null ? null : watchStructure(label, carried)
  const returned = f(...(inner as never[]))
  if (returned instanceof Promise) return returned as never
  const [out] = liftArguments(label, [returned])
  if (typeof carry.result === 'number' && !Array.isArray(out))
    throw new TypeError(
      `${label}: the function must return an array with one item per entry of outAxes, got ${typeof out}`,
    )
  if (carry.result !== null)
    checkReturnedCarry(label, carried, carry.result === 'all' ? out : (out as readonly unknown[])[carry.result])
  checkStructure?.()
  if (names !== undefined) {
    const flat = flatten([inner, out])
    addAxisNames(flat.leaves, axesAfter(label, { inAxes, outAxes, inner, out, flat, known }), names)
  }
  const flat = context.innerSplit().flatten([inner, out] as const)
  checkAliasing(label, { prefixes: [inAxes, outAxes], values: [inner, out], flat, show: pathOfPair })
  const after = takeValues(flat.leaves)
  const definitions = leafDefinitions(flat.graphdef)

  const place = (leaf: unknown, i: number): After => {
    const [side, ...path] = flat.graphdef.paths[i]!
    const outerIndex = definitions[i]!.variable?.outerIndex ?? null
    const known = outerIndex === null ? undefined : leafOf.get(outerIndex)
    if (side !== 0 && known === undefined) return { axis: resolveAxis(label, outAxes, out, path, leaf), origin: null }
    const name = path.slice(1).join('/')
    const before = known ?? outer.graphdef.paths.findIndex((p) => samePath(p, path))
    if (before < 0) {
      const axis = resolveAxis(label, inAxes[path[0] as number], inner[path[0] as number], path.slice(1), leaf)
      if (axis === Carry)
        throw new GraphError(
          `${label}: the carry must keep its structure from step to step, got a new '${name}'; add it before the loop`,
        )
      if (axis === null)
        throw new GraphError(
          `${label}: Cannot broadcast output state. '${name}' is new in argument ${path[0]}, which has axis null; add it before the loop, or return its value`,
        )
      // What a step adds to a module is stacked in front.
      return { axis: 0, origin: null }
    }
    const axis = axes[before]!
    if (typeof axis !== 'number') {
      if (!samePath(outer.graphdef.paths[before]!, path))
        throw new GraphError(
          `${label}: '${name}' moved there from '${outer.graphdef.paths[before]!.slice(1).join('/')}', but is not scanned over; exchange values instead`,
        )
      if (!sameShapes([values.shapes[before]!], [after.shapes[i]!]))
        throw new GraphError(
          `${label}: the value of '${name}' must keep its structure from step to step; change it before the loop or after it`,
        )
    }
    return { axis, origin: before }
  }

  const places = flat.leaves.map(place)
  const seen = new Map<number, number>()
  return {
    pair: flat.graphdef,
    shapes: after.shapes,
    tensors: after.tensors,
    axes: perTensor(
      places.map((p) => p.axis),
      after.shapes,
    ),
    origin: perTensor(
      places.map((_, i) => i),
      after.shapes,
    ).map((leaf) => {
      const { origin } = places[leaf]!
      const k = seen.get(leaf) ?? 0
      seen.set(leaf, k + 1)
      return origin === null ? null : (tensorsOf[origin]![k] ?? null)
    }),
  }
}
