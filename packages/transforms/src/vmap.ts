import { vmap as pureVmap } from '@linum/autodiff'
import { type GraphDef, UpdateContext } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import {
  type Axis,
  axesOfArguments,
  type AxisTree,
  Carry,
  checkAliasing,
  pathOfPair,
  perArgument,
  resolveAxis,
  type StateAxes,
  type StateAxis,
} from './axes.js'
import { liftArguments } from './lift/arguments.js'
import { leafDefinitions } from './lift/leaf-definitions.js'
import { perTensor, putValues, takeValues, type Values } from './lift/values.js'

type VmapAxis = number | null | StateAxes<StateAxis<number | null>>
type VmapAxes = VmapAxis | readonly VmapAxes[] | { readonly [key: string]: VmapAxes }
type VmapAxesFor<A extends readonly unknown[]> = { readonly [K in keyof A]: VmapAxes }

export interface VmapOptions<A extends readonly unknown[] = readonly unknown[]> {
  /** The axis to map over: one for all arguments, or a list with one entry per argument; StateAxes for the parts of a module. 0 by default. */
  readonly inAxes?: number | NoInfer<VmapAxesFor<A>>
  /** Where the mapped axis goes in the results, 0 by default. An argument that is returned must have its axes here too. */
  readonly outAxes?: VmapAxes
  /** The extent of the axis, where no argument tells. */
  readonly axisSize?: number
}

/**
 * `f` for a whole batch, from `f` for one entry. Modules lose the mapped axis of their leaves inside, and get back what
 * the function did to them; modules that it returns are stacked. A leaf with axis null is shared by all entries, so
 * what it becomes must not depend on the entry.
 */
export const vmap =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: VmapOptions<A> = {}): ((...args: A) => R) =>
  (...args) => {
    const label = `vmap(${f.name || 'anonymous'})`
    const given = liftArguments(args, () => true)
    const inAxes = perArgument((options.inAxes ?? 0) as AxisTree, given.length)
    if (inAxes.length !== given.length)
      throw new TypeError(`${label}: inAxes must give one axis per argument, got ${inAxes.length} for ${given.length}`)
    const context = new UpdateContext()
    const outer = context.outerSplit().flatten(given)
    checkAliasing(label, { prefixes: inAxes, values: given, flat: outer })
    const axes = axesOfArguments(label, inAxes, given, outer)
    if (axes.includes(Carry)) throw new TypeError(`${label}: Carry is for scan; give a number or null`)
    const values = takeValues(outer.leaves)
    /** Axes of outer Variables by their number, which inner definitions name. */
    const byIndex = new Map<number, Axis>()
    for (const [i, { variable }] of leafDefinitions(outer.graphdef).entries())
      if (variable !== null) byIndex.set(variable.index, axes[i]!)
    let pair: GraphDef<readonly [unknown, R]> | undefined
    let shapes: Values['shapes'] = []
    let outAxes: readonly Axis[] = []
    const body = (entries: readonly Tensor[]): readonly Tensor[] => {
      const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, entries))
      const returned = f(...(inner as unknown as A))
      if (returned instanceof Promise) return returned as never
      const [out] = liftArguments([returned]) as readonly [R]
      const flat = context.innerSplit().flatten([inner, out] as const)
      checkAliasing(label, {
        prefixes: [inAxes, (options.outAxes ?? 0) as AxisTree],
        values: [inner, out],
        flat,
        show: pathOfPair,
      })
      const after = takeValues(flat.leaves)
      const definitions = leafDefinitions(flat.graphdef)
      const perLeaf = flat.leaves.map((l, i): Axis => {
        const outerIndex = definitions[i]!.variable?.outerIndex ?? null
        if (outerIndex !== null && byIndex.has(outerIndex)) return byIndex.get(outerIndex)!
        const [side, ...path] = flat.graphdef.paths[i]!
        if (side === 0) return resolveAxis(label, inAxes[path[0] as number], inner[path[0] as number], path.slice(1), l)
        return resolveAxis(label, (options.outAxes ?? 0) as AxisTree, out, path, l)
      })
      pair = flat.graphdef as typeof pair
      shapes = after.shapes
      outAxes = perTensor(perLeaf, after.shapes)
      return after.tensors
    }
    Object.defineProperty(body, 'name', { value: f.name })
    const tensors = pureVmap(body, {
      inAxes: [perTensor(axes, values.shapes) as readonly (number | null)[]],
      // Read when the body has run: the axes of results follow from what it returned.
      get outAxes() {
        return outAxes as readonly (number | null)[]
      },
      ...(options.axisSize === undefined ? {} : { axisSize: options.axisSize }),
    })(values.tensors)
    const [, result] = context.outerMerge().unflatten(pair!, putValues(shapes, tensors))
    return result
  }
