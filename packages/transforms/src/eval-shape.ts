import { flatten, type GraphDef, type Module, unflatten, type Variable } from '@linum/graph'
import type { ArrayOps, ShapeDtype } from '@linum/tensor'
import { traceProgram } from '@linum/tensor/core'
import { extract, runInside } from './lift/sandwich.js'
import { putValues, takeValues, type Values } from './lift/values.js'

/** A result with shapes for tensors. A module keeps its class; its Variables hold shapes. */
export type ShapeOf<R> = R extends Module | Variable<unknown>
  ? R
  : R extends ArrayOps
    ? ShapeDtype
    : R extends readonly unknown[]
      ? { readonly [K in keyof R]: ShapeOf<R[K]> }
      : R extends (...args: never[]) => unknown
        ? R
        : R extends object
          ? { readonly [K in keyof R]: ShapeOf<R[K]> }
          : R

/**
 * What a function of graphs would return, with `{ shape, dtype, weak }` in the place of every tensor: a model of any size
 * without its memory. Nothing is computed and no argument is updated; a module that comes back is a new one. Its
 * GraphDef is that of the real module, so that `merge` fills it with a State read from a file.
 */
export const evalShape = <A extends readonly unknown[], R>(f: (...args: A) => R, ...args: A): ShapeOf<R> => {
  const label = `evalShape(${f.name || 'anonymous'})`
  const extracted = extract(label, args)
  let left: { readonly graphdef: GraphDef; readonly shapes: Values['shapes'] } | undefined
  const { program } = traceProgram(
    label,
    extracted.values.tensors.map((t) => t.aval),
    (tracers) => {
      const inside = runInside(extracted, f as unknown as (...args: never[]) => R, tracers)
      if ((inside as unknown) instanceof Promise) return inside as never
      const { graphdef, leaves } = flatten([inside.out] as readonly unknown[])
      const { tensors, shapes } = takeValues(leaves)
      left = { graphdef, shapes }
      return tensors
    },
  )
  const shapes = program.outputs.map(({ aval: { shape, dtype, weak } }): ShapeDtype =>
    Object.freeze({ shape, dtype, weak }),
  )
  const [out] = unflatten(left!.graphdef, putValues(left!.shapes, shapes as never)) as readonly unknown[]
  return out as ShapeOf<R>
}
