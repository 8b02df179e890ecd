import { ArrayOps, moveaxis, ShapeError, type Tensor, tree } from '@linum/tensor'
import { checkAxis, formatShape, withTrace } from '@linum/tensor/core'
import { BatchTrace } from './batch-trace.js'
import { batchCalls } from './control/batch.js'
import { repeated } from './rules/batch/rule.js'
import { leafTensor } from './vjp.js'

/** An axis for every leaf below, or a tree of axes that the argument's structure begins with; null is no axis. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes }

type AxesFor<A extends readonly unknown[]> = { readonly [K in keyof A]: Axes }

export interface VmapOptions<A extends readonly unknown[] = readonly unknown[]> {
  /** The axis to map over: one for all arguments, or a list with one entry per argument; null passes an argument whole. 0 by default. */
  readonly inAxes?: number | AxesFor<NoInfer<A>>
  /** Where the mapped axis goes in the results; null for results that do not depend on it. 0 by default. */
  readonly outAxes?: Axes
  /** The extent of the axis, where no argument tells. */
  readonly axisSize?: number
  /** A name by which psum, axisIndex and the like refer to the mapped axis inside the function. */
  readonly axisName?: string
}

/** Pairs every leaf of a tree with the axis that a prefix tree gives it. */
const axesOf = (
  what: string,
  value: unknown,
  axes: Axes | undefined,
  path: tree.Path,
  out: (number | null)[],
): void => {
  if (axes === null || typeof axes === 'number') {
    for (const _ of tree.leaves(value)) out.push(axes)
    return
  }
  const where = `${what}${tree.keystr(path)}`
  if (Array.isArray(axes) && Array.isArray(value)) {
    if (axes.length !== value.length)
      throw new TypeError(`vmap: ${where} must give one axis per item, got ${axes.length} for ${value.length}`)
    ;(value as readonly unknown[]).forEach((v, i) => axesOf(what, v, (axes as readonly Axes[])[i], [...path, i], out))
    return
  }
  if (
    typeof axes === 'object' &&
    !Array.isArray(axes) &&
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof ArrayOps)
  ) {
    const unknown = Object.keys(axes).find((key) => !Object.hasOwn(value, key))
    if (unknown !== undefined) throw new TypeError(`vmap: ${where} names '${unknown}', which the value does not have`)
    for (const key of Object.keys(value).sort())
      axesOf(
        what,
        (value as Readonly<Record<string, unknown>>)[key],
        (axes as Readonly<Record<string, Axes>>)[key],
        [...path, key],
        out,
      )
    return
  }
  throw new TypeError(
    `vmap: ${where} is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts`,
  )
}

/** Checks every mapped axis and gives their extent. Errors name the argument's path. */
const sizeOfBatch = (
  label: string,
  args: readonly unknown[],
  axes: readonly (number | null)[],
  axisSize: number | undefined,
): number => {
  const mapped = tree.leavesWithPath(args).flatMap(([path, leaf], i) => {
    const axis = axes[i]
    if (axis === null || axis === undefined) return []
    const t = leafTensor(leaf)
    const where = `argument ${tree.keystr(path)}`
    if (t === null)
      throw new TypeError(
        `${label}: ${where} is a ${typeof leaf}, which has no axis to map over; give null for it in inAxes`,
      )
    if (t.ndim === 0)
      throw new ShapeError(`${label}: ${where} of shape () has no axis ${axis} to map over; give null for it in inAxes`)
    if (!Number.isInteger(axis) || axis < -t.ndim || axis >= t.ndim)
      throw new ShapeError(`${label}: axis ${axis} is out of bounds for ${where} of shape ${formatShape(t.shape)}`)
    return [{ size: t.shape.at(axis)!, where: `axis ${axis} of ${where}` }]
  })
  const size = axisSize ?? mapped[0]?.size
  if (size === undefined) throw new TypeError(`vmap: no argument has an axis to map over; give { axisSize }`)
  if (!Number.isInteger(size) || size < 0)
    throw new RangeError(`${label}: axisSize must be a non-negative integer, got ${size}`)
  const all = axisSize === undefined ? mapped : [{ size: axisSize, where: 'axisSize' }, ...mapped]
  if (mapped.some((m) => m.size !== size)) {
    const sizes = [...new Set(all.map((m) => m.size))]
    const found = sizes.map((n) => all.find((m) => m.size === n)!).map((m) => `${m.size} for ${m.where}`)
    throw new ShapeError(
      `${label}: got inconsistent sizes for array axes to be mapped: ${sizes.join(', ')} (${found.join(', ')})`,
    )
  }
  return size
}

const emerge = (label: string, trace: BatchTrace, x: Tensor, axis: number | null): Tensor => {
  if (axis === null) {
    if (trace.isBatched(x))
      throw new ShapeError(
        `${label}: a result depends on the mapped axis but outAxes says null; give it an axis. Its shape per entry is ${formatShape(x.shape)}`,
      )
    return x
  }
  const batch = trace.isBatched(x) ? x.value : repeated(x, trace.size)
  return moveaxis(batch, 0, checkAxis('vmap', axis, batch.ndim))
}

/**
 * `f` for a whole batch, from `f` for one entry: the function sees its arguments without the mapped axis, and every
 * operation runs once for all entries. Throws ShapeError where mapped axes differ in extent.
 */
export const vmap =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: VmapOptions<A> = {}): ((...args: A) => R) =>
  (...args) => {
    const label = `vmap(${f.name || 'anonymous'})`
    const [leaves, def] = tree.flatten(args)
    const inAxes: (number | null)[] = []
    axesOf('inAxes', args, options.inAxes === undefined ? 0 : (options.inAxes as Axes), [], inAxes)
    const size = sizeOfBatch(label, args, inAxes, options.axisSize)
    return withTrace(
      (level) => new BatchTrace(level, label, size, options.axisName ?? null, batchCalls),
      (trace) => {
        const entries = leaves.map((leaf, i) => {
          const axis = inAxes[i]!
          return axis === null ? leaf : trace.entry(moveaxis(leafTensor(leaf)!, axis, 0))
        })
        const out = f(...(tree.unflatten(def, entries) as unknown as A))
        if (out instanceof Promise) return out as never
        const [results, outDef] = tree.flatten(out)
        const outAxes: (number | null)[] = []
        // Null is an answer of its own.
        axesOf('outAxes', out, options.outAxes === undefined ? 0 : options.outAxes, [], outAxes)
        return tree.unflatten(
          outDef,
          results.map((r, i) => (leafTensor(r) === null ? r : emerge(label, trace, leafTensor(r)!, outAxes[i]!))),
        ) as R
      },
    )
  }
