import { vmap as pureVmap } from '@linum/autodiff'
import { type GraphDef, UpdateContext } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import { traced } from '@linum/tensor/core'
import { type Axis, type AxesFor, axesOfArguments, type AxisTree, Carry, checkAliasing, resolveAxis, type StateAxes } from './axes.js'
import { liftArguments } from './lift/arguments.js'
import { leafDefinitions } from './lift/leaf-definitions.js'
import { putValues, takeValues, type Values } from './lift/values.js'

type VmapAxis = number | null | StateAxes<number | null>
type VmapAxes = VmapAxis | readonly VmapAxes[] | { readonly [key: string]: VmapAxes }

export interface VmapOptions<A extends readonly unknown[] = readonly unknown[]> {
  /** The axis to map over: one for all arguments, or a list with one entry per argument; StateAxes for the parts of a module. 0 by default. */
  readonly inAxes?: number | { readonly [K in keyof NoInfer<A>]: VmapAxes }
  /** Where the mapped axis goes in new results, 0 by default. What came as an argument keeps its axes. */
  readonly outAxes?: VmapAxes
  /** The extent of the axis, where no argument tells. */
  readonly axisSize?: number
}

/** One axis per tensor, from one per leaf: a leaf may hold several tensors or none. */
export const perTensor = (axes: readonly Axis[], shapes: Values['shapes']): Axis[] =>
  axes.flatMap((axis, i) => {
    const shape = shapes[i]!
    return shape === null ? [axis] : shape.statics.filter((s) => s === traced).map(() => axis)
  })

/** One prefix per argument. */
export const perArgument = <A extends readonly unknown[]>(axes: AxisTree | AxesFor<A>, count: number): readonly AxisTree[] =>
  Array.isArray(axes) ? (axes as readonly AxisTree[]) : Array.from({ length: count }, () => axes as AxisTree)

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
    if (inAxes.length !== given.length) throw new TypeError(`${label}: inAxes must give one axis per argument, got ${inAxes.length} for ${given.length}`)
    checkAliasing(label, inAxes, given)
    const context = new UpdateContext()
    const outer = context.outerSplit().flatten(given)
    const axes = axesOfArguments(label, inAxes, given, outer)
    if (axes.includes(Carry)) throw new TypeError(`${label}: Carry is for scan; give a number or null`)
    const values = takeValues(outer.leaves)
    /** Axes of outer Variables by their number, which inner definitions name. */
    const byIndex = new Map<number, Axis>()
    for (const [i, def] of leafDefinitions(outer.graphdef).entries()) if (def !== null) byIndex.set(def.index, axes[i]!)
    let pair: GraphDef<readonly [unknown, R]> | undefined
    let shapes: Values['shapes'] = []
    let outAxes: readonly Axis[] = []
    const body = (entries: readonly Tensor[]): readonly Tensor[] => {
      const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, entries))
      const out = f(...(inner as unknown as A))
      if (out instanceof Promise) return out as never
      const flat = context.innerSplit().flatten([inner, out] as const)
      const after = takeValues(flat.leaves)
      const definitions = leafDefinitions(flat.graphdef)
      const perLeaf = flat.leaves.map((l, i): Axis => {
        const outerIndex = definitions[i]?.outerIndex ?? null
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
