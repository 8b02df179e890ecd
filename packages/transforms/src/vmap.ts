import { vmap as pureVmap } from '@linum/autodiff'
import { flatten } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import {
  type Axis,
  axesAfter,
  axesOfArguments,
  type AxisTree,
  Carry,
  checkAliasing,
  pathOfPair,
  perArgument,
  type StateAxes,
  type StateAxis,
} from './axes.js'
import { extract, type Inside, insert, runInside } from './lift/sandwich.js'
import { perTensor } from './lift/values.js'
import { addAxisNames, type AxisMetadata, removeAxisNames } from './metadata.js'

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
  /** The name by which `psum` and the like know the axis inside. */
  readonly axisName?: string
  /** Names the axis in the metadata of Variables; see `transformMetadata`. */
  readonly transformMetadata?: AxisMetadata
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
    const { axisSize, axisName, transformMetadata: names } = options
    const outPrefix = (options.outAxes ?? 0) as AxisTree
    const extracted = extract(label, args)
    const { given, outer, values } = extracted
    const inAxes = perArgument((options.inAxes ?? 0) as AxisTree, given.length)
    if (inAxes.length !== given.length)
      throw new TypeError(`${label}: inAxes must give one axis per argument, got ${inAxes.length} for ${given.length}`)
    checkAliasing(label, { prefixes: inAxes, values: given, flat: outer })
    const axes = axesOfArguments(label, inAxes, given, outer)
    if (axes.includes(Carry)) throw new TypeError(`${label}: Carry is for scan; give a number or null`)
    /** The axes of the inner Variables, which have those of the outer ones. */
    let known: ReadonlyMap<unknown, Axis> = new Map()
    const before = (inner: readonly unknown[]): void => {
      const { leaves } = flatten(inner)
      known = new Map<unknown, Axis>(leaves.map((leaf, i) => [leaf, axes[i]!]))
      if (names !== undefined) removeAxisNames(leaves, axes, names)
    }
    const after = (inner: readonly unknown[], out: unknown): void => {
      if (names === undefined) return
      const flat = flatten([inner, out])
      addAxisNames(flat.leaves, axesAfter(label, { inAxes, outAxes: outPrefix, inner, out, flat, known }), names)
    }
    let inside: Inside<R> | undefined
    let outAxes: readonly Axis[] = []
    const body = (entries: readonly Tensor[]): readonly Tensor[] => {
      inside = runInside(extracted, f as unknown as (...args: never[]) => R, entries, {
        liftsResult: true,
        before,
        after,
      })
      if ((inside as unknown) instanceof Promise) return inside as never
      const { inner, out, flat } = inside
      checkAliasing(label, { prefixes: [inAxes, outPrefix], values: [inner, out], flat, show: pathOfPair })
      const perLeaf = axesAfter(label, { inAxes, outAxes: outPrefix, inner, out, flat, known })
      outAxes = perTensor(perLeaf, inside.values.shapes)
      return inside.values.tensors
    }
    Object.defineProperty(body, 'name', { value: f.name })
    const tensors = pureVmap(body, {
      inAxes: [perTensor(axes, values.shapes) as readonly (number | null)[]],
      // Read when the body has run: the axes of results follow from what it returned.
      get outAxes() {
        return outAxes as readonly (number | null)[]
      },
      ...(axisSize === undefined ? {} : { axisSize }),
      ...(axisName === undefined ? {} : { axisName }),
    })(values.tensors)
    return insert(extracted, inside!, tensors)
  }
