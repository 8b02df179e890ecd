import { flatten, Variable } from '@linum/graph'
import { GraphError } from '@linum/tensor'
import { type Axis, axesAfter, axesOfArguments, type AxisTree, perArgument } from './axes.js'

/**
 * What a mapped axis is called in the metadata of Variables: `partitionName` in `sharding`, and any other entry in the
 * metadata of its own name, where these are lists with one item per axis.
 */
export interface AxisMetadata {
  readonly partitionName: string | null
  readonly [key: string]: unknown
}

const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x)

const insertField = (fields: readonly unknown[], axis: number, value: unknown): readonly unknown[] => {
  const at = axis < 0 ? fields.length + 1 + axis : axis
  const padded = [...fields, ...Array.from({ length: Math.max(0, at - fields.length) }, () => null)]
  return [...padded.slice(0, at), value, ...padded.slice(at)]
}

const show = (x: unknown): string => JSON.stringify(x) ?? String(x)

const removeField = (fields: readonly unknown[], axis: number, value: unknown): readonly unknown[] => {
  const at = axis < 0 ? fields.length + axis : axis
  if (fields[at] !== value)
    throw new GraphError(
      `transformMetadata: Expected to remove ${show(value)} at index ${axis} from ${show(fields)}, but found ${show(fields[at] ?? null)}; name the axis where the Variable gets it`,
    )
  return [...fields.slice(0, at), ...fields.slice(at + 1)]
}

const change = (
  variable: Variable<unknown>,
  axis: number,
  { partitionName, ...others }: AxisMetadata,
  edit: (fields: readonly unknown[], axis: number, value: unknown) => readonly unknown[],
): void => {
  const { metadata } = variable
  const changed = Object.entries({ ...others, sharding: partitionName }).flatMap(([key, value]) => {
    const fields = metadata[key]
    return isList(fields) ? [[key, edit(fields, axis, value)] as const] : []
  })
  if (changed.length > 0) variable.setMetadata(Object.fromEntries(changed))
}

const forMapped = (
  leaves: readonly unknown[],
  axes: readonly Axis[],
  f: (variable: Variable<unknown>, axis: number) => void,
): void =>
  leaves.forEach((leaf, i) => {
    const axis = axes[i]
    if (leaf instanceof Variable && typeof axis === 'number') f(leaf, axis)
  })

/** Variables as one entry of the axis sees them: without its name. Calls their `onRemoveAxis` hooks. */
export const removeAxisNames = (leaves: readonly unknown[], axes: readonly Axis[], names: AxisMetadata): void =>
  forMapped(leaves, axes, (variable, axis) => {
    change(variable, axis, names, removeField)
    variable.removeAxis(axis, names.partitionName)
  })

/** Variables as they are with the axis: with its name. Calls their `onAddAxis` hooks. */
export const addAxisNames = (leaves: readonly unknown[], axes: readonly Axis[], names: AxisMetadata): void =>
  forMapped(leaves, axes, (variable, axis) => {
    change(variable, axis, names, insertField)
    variable.addAxis(axis, names.partitionName)
  })

export interface TransformMetadataOptions {
  /** The axes of the transform around it. */
  readonly inAxes?: AxisTree
  readonly outAxes?: AxisTree
  /** The name of the axis. */
  readonly partition: string | null
}

/**
 * A function for `vmap` or `scan` that keeps the axis names in the metadata of Variables right: what comes in along an
 * axis loses its name for the function, what goes out along one gets it. Only metadata change; give the same axes to the
 * transform, or give it `transformMetadata` instead.
 */
export const transformMetadata =
  <A extends readonly unknown[], R>(
    f: (...args: A) => R,
    { inAxes = 0, outAxes = 0, partition }: TransformMetadataOptions,
  ): ((...args: A) => R) =>
  (...args) => {
    const label = `transformMetadata(${f.name || 'anonymous'})`
    const names = { partitionName: partition }
    const prefixes = perArgument(inAxes, args.length)
    const before = flatten(args as readonly unknown[])
    const axes = axesOfArguments(label, prefixes, args, before)
    const old = before.leaves.map((leaf) => (leaf instanceof Variable ? leaf.metadata : null))
    try {
      removeAxisNames(before.leaves, axes, names)
      const out = f(...args)
      if (out instanceof Promise) return out
      const flat = flatten([args, out] as readonly unknown[])
      const known = new Map<unknown, Axis>(before.leaves.map((leaf, i) => [leaf, axes[i]!]))
      addAxisNames(flat.leaves, axesAfter(label, { inAxes: prefixes, outAxes, inner: args, out, flat, known }), names)
      return out
    } catch (error) {
      before.leaves.forEach((leaf, i) => {
        if (leaf instanceof Variable && leaf.metadata !== old[i]) leaf.setMetadata(old[i]!)
      })
      throw error
    }
  }
