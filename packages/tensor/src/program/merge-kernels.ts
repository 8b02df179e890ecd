import { stridesOf } from '../core/shape.js'
import { indicesOf } from '../kernel/collapse.js'
import { isOwnPlace } from '../kernel/in-place.js'
import type { Kernel } from '../kernel/ir.js'
import type { Step } from './schedule.js'

/** A step of one kernel, before its loops were merged, with what it reads and writes. */
export interface Loose<R> {
  readonly roots: readonly R[]
  readonly kernel: Kernel<number>
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** Results beyond this many keep too much in registers. */
const mostOutputs = 6

/** Per slot that a kernel reads, whether always at the place that it writes. */
const readsByPlace = (loose: Loose<unknown>): ReadonlyMap<number, boolean> => {
  const { grid } = loose.kernel
  const strides = stridesOf(grid)
  const reads = new Map<number, boolean>()
  indicesOf(loose.kernel, (e) => {
    if (e.kind !== 'load') return
    const slot = loose.inputs[e.input]!
    reads.set(slot, (reads.get(slot) ?? true) && isOwnPlace(e.at, grid, strides))
  })
  return reads
}

/** Kernels that may still sink to a later one: nothing has read their results yet. */
interface Open<R> {
  readonly at: number
  readonly loose: Loose<R>
  readonly reads: ReadonlyMap<number, boolean>
}

const sameGrid = (a: Kernel<number>, b: Kernel<number>): boolean =>
  a.grid.length === b.grid.length && a.grid.every((n, axis) => n === b.grid[axis])

/**
 * Joins kernels of one grid that share operands, or of which one reads the other's result at its own place, into one
 * with several results, such as an optimizer's moments and its update: what they share is read once. The earlier one
 * sinks to the later one, so nothing in between may read it; nothing sinks past a fence. `lower` makes the kernel of
 * several roots.
 */
export const mergeKernels = <R>(
  steps: readonly Step[],
  looseOf: (step: Step) => Loose<R> | null,
  lower: (roots: readonly R[]) => Step,
  fences: ReadonlySet<Step>,
): readonly Step[] => {
  const result: (Step | null)[] = [...steps]
  const merged = new Map<number, readonly R[]>()
  /** By a slot that they write, or read at their own place. */
  const writers = new Map<number, Open<R>>()
  const readers = new Map<number, Open<R>>()
  let open = new Set<Open<R>>()
  /** The kernels that sink to one. */
  const groupOf = (loose: Loose<R>, reads: ReadonlyMap<number, boolean>): readonly Open<R>[] => {
    const group: Open<R>[] = []
    let outputs = loose.outputs.length
    const consider = (o: Open<R> | undefined): void => {
      if (o === undefined || !open.has(o) || group.includes(o)) return
      if (!sameGrid(o.loose.kernel, loose.kernel) || outputs + o.loose.outputs.length > mostOutputs) return
      outputs += o.loose.outputs.length
      group.push(o)
    }
    for (const [id, own] of reads) if (own) consider(writers.get(id))
    // What is read elsewhere than at its own place, or not joined, has to be there before.
    for (const [id, own] of reads) {
      const o = writers.get(id)
      if (o === undefined || (own && group.includes(o))) continue
      open.delete(o)
      const k = group.indexOf(o)
      if (k >= 0) group.splice(k, 1)
    }
    for (const [id, own] of reads) if (own) consider(readers.get(id))
    return group
  }
  /** A kernel with those that sink to it, in its place. */
  const join = (group: readonly Open<R>[], last: Open<R>): Open<R> => {
    const members = [...group, last]
    merged.set(
      last.at,
      members.flatMap((m) => merged.get(m.at) ?? m.loose.roots),
    )
    for (const m of group) {
      result[m.at] = null
      open.delete(m)
      merged.delete(m.at)
    }
    const reads = new Map<number, boolean>()
    for (const m of members) for (const [id, own] of m.reads) reads.set(id, own && reads.get(id) !== false)
    const outputs = members.flatMap((m) => m.loose.outputs)
    return { at: last.at, loose: { ...last.loose, outputs }, reads }
  }
  const visit = (step: Step, at: number): void => {
    if (fences.has(step)) open = new Set()
    const loose = looseOf(step)
    if (loose === null || loose.kernel.accumulators.length > 0) {
      for (const id of step.inputs) {
        const o = writers.get(id)
        if (o !== undefined) open.delete(o)
      }
      return
    }
    const reads = readsByPlace(loose)
    const group = groupOf(loose, reads)
    const alone: Open<R> = { at, loose, reads }
    // One that a member of the group reads is not in the group's place yet.
    const next = group.length === 0 ? alone : join(group, alone)
    open.add(next)
    for (const id of next.loose.outputs) writers.set(id, next)
    for (const [id, own] of next.reads) if (own) readers.set(id, next)
  }
  steps.forEach(visit)
  return result.flatMap((step, at) => {
    if (step === null) return []
    const roots = merged.get(at)
    return roots === undefined ? [step] : [lower(roots)]
  })
}
