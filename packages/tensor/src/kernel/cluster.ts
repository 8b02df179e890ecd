import { stridesOf } from '../core/shape.js'
import { upper } from './affine.js'
import { indicesOf, mapIndices } from './collapse.js'
import type { Expr, Index, Kernel } from './ir.js'

/** A kernel and the slots that it reads and writes. */
export interface Member {
  readonly kernel: Kernel<number>
  readonly inputs: readonly number[]
  readonly output: number
}

/**
 * Kernels that share their outermost loops: for every point of `prefix` they run one after the other, so that what one
 * writes the next reads while it is near. A member's grid begins with the prefix.
 */
export interface Cluster {
  readonly prefix: readonly number[]
  readonly members: readonly Member[]
  /** Slots that only members use: they hold one point's elements, and the members' indices are relative to them. */
  readonly local: ReadonlySet<number>
}

/** Fewer rows than this are not worth a loop of their own. */
const fewestRows = 4

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/** Elements of a member's result per point of the first `axes` of its grid. */
const innerSize = (member: Member, axes: number): number => product(member.kernel.grid.slice(axes))

/** The part of an index that is left when it follows the prefix as rows of `inner` elements do; null if it does not. */
const withinRow = (
  x: Index<number>,
  prefix: readonly number[],
  inner: number,
  extents: readonly number[],
): Index<number> | null => {
  const strides = stridesOf(prefix).map((s) => s * inner)
  const found = prefix.map(() => 0)
  const rest: Index<number>['terms'][number][] = []
  for (const term of x.terms) {
    if (term.atom.kind === 'axis' && term.atom.axis < prefix.length) found[term.atom.axis]! += term.factor
    else if (usesPrefix(term.atom, prefix.length)) return null
    else rest.push(term)
  }
  if (!found.every((f, axis) => prefix[axis] === 1 || f === strides[axis])) return null
  const row = { offset: x.offset, terms: rest }
  return upper(row, extents) < inner ? row : null
}

const usesPrefix = (atom: Index<number>['terms'][number]['atom'], axes: number): boolean =>
  atom.kind === 'axis'
    ? atom.axis < axes
    : // What a value depends on is not followed.
      atom.kind === 'value' || atom.of.terms.some((t) => usesPrefix(t.atom, axes))

type Load = Extract<Expr<number>, { kind: 'load' }>

const known = new WeakMap<Kernel<number>, readonly Load[]>()
/** Asked again for every kernel that follows. */
const loadsOf = (kernel: Kernel<number>): readonly Load[] => {
  let loads = known.get(kernel)
  if (loads === undefined) {
    const found: Load[] = []
    indicesOf(kernel, (e) => e.kind === 'load' && found.push(e))
    known.set(kernel, (loads = found))
  }
  return loads
}

const samePrefix = (a: readonly number[], b: readonly number[], axes: number): boolean =>
  a.length >= axes && b.length >= axes && !a.some((n, i) => i < axes && n !== b[i])

/** Whether every member reads what earlier members write at its own point only. */
const fits = (members: readonly Member[], axes: number): boolean => {
  const prefix = members[0]!.kernel.grid.slice(0, axes)
  if (product(prefix) < fewestRows) return false
  const made = new Map<number, number>()
  return members.every((m) => {
    if (!samePrefix(m.kernel.grid, prefix, axes)) return false
    const extents = [...m.kernel.grid, ...m.kernel.reduce]
    const ok = loadsOf(m.kernel).every((load) => {
      const inner = made.get(m.inputs[load.input]!)
      return inner === undefined || withinRow(load.at, prefix, inner, extents) !== null
    })
    made.set(m.output, innerSize(m, axes))
    return ok
  })
}

/** The longest prefix that all members can share, or 0. */
const sharedAxes = (members: readonly Member[]): number => {
  const [first, ...others] = members
  if (others.some((m) => m.kernel.grid[0] !== first!.kernel.grid[0])) return 0
  for (let axes = Math.min(...members.map((m) => m.kernel.grid.length)); axes >= 1; axes--)
    if (fits(members, axes)) return axes
  return 0
}

/** A member whose first loop is cut into the first loops of `grid`, where their extents multiply to its own. */
const splitLike = (m: Member, grid: readonly number[]): Member | null => {
  const [whole] = m.kernel.grid
  const parts: number[] = []
  for (const extent of grid) {
    if (product(parts) === whole) break
    parts.push(extent)
  }
  if (parts.length < 2 || product(parts) !== whole) return null
  const strides = stridesOf(parts)
  const kernel = mapIndices(m.kernel, (x) => ({
    offset: x.offset,
    terms: x.terms.flatMap((t) => {
      if (t.atom.kind !== 'axis') return [t]
      if (t.atom.axis > 0) return [{ ...t, atom: { kind: 'axis' as const, axis: t.atom.axis + parts.length - 1 } }]
      return parts.map((_, axis) => ({ atom: { kind: 'axis' as const, axis }, factor: t.factor * strides[axis]! }))
    }),
  }))
  return { ...m, kernel: { ...kernel, grid: [...parts, ...kernel.grid.slice(1)] } }
}

/** `members` with one more, loops of one cut where that lets them share; null where they cannot. */
const joined = (members: readonly Member[], next: Member): readonly Member[] | null => {
  const plain = [...members, next]
  if (sharedAxes(plain) > 0) return plain
  const cut = splitLike(next, members[0]!.kernel.grid)
  if (cut !== null && sharedAxes([...members, cut]) > 0) return [...members, cut]
  const others = members.map((m) => splitLike(m, next.kernel.grid))
  const all = others.every((m) => m !== null) ? [...others, next] : null
  return all !== null && sharedAxes(all) > 0 ? all : null
}

/** Neighbouring steps, `from` up to `to`, that can share loops. */
export interface Run {
  readonly from: number
  readonly to: number
  readonly members: readonly Member[]
}

/**
 * Runs of kernels that can share their outermost loops, each member reading something that an earlier one wrote. A run
 * ends where that fails, so members are neighbours in the order of the steps.
 */
export const findClusters = (steps: readonly (Member | null)[]): readonly Run[] => {
  const found: Run[] = []
  let from = 0
  while (from < steps.length) {
    const first = steps[from]
    let to = from + 1
    if (first !== null && first !== undefined) {
      let members: readonly Member[] = [first]
      for (; to < steps.length; to++) {
        const next = steps[to]
        if (next === null || next === undefined) break
        if (!next.inputs.some((id) => members.some((m) => m.output === id))) break
        const more = joined(members, next)
        if (more === null) break
        members = more
      }
      // Without a reduction it is no more than one kernel with several results.
      if (members.length > 1 && members.some((m) => m.kernel.reduce.length > 0)) found.push({ from, to, members })
    }
    from = to
  }
  return found
}

/** Joins kernels that `findClusters` found; `isLocal` says of a slot that no other step uses it. */
export const makeCluster = (members: readonly Member[], isLocal: (slot: number) => boolean): Cluster => {
  const axes = sharedAxes(members)
  const prefix = members[0]!.kernel.grid.slice(0, axes)
  const local = new Map(members.flatMap((m) => (isLocal(m.output) ? [[m.output, innerSize(m, axes)] as const] : [])))
  return {
    prefix,
    local: new Set(local.keys()),
    members: members.map((m) => ({ ...m, kernel: relative(m, prefix, local) })),
  }
}

/** Local slots hold one row: loads from them lose the prefix. */
const relative = (m: Member, prefix: readonly number[], local: ReadonlyMap<number, number>): Kernel<number> => {
  const extents = [...m.kernel.grid, ...m.kernel.reduce]
  return mapIndices(
    m.kernel,
    (x) => x,
    (load, at) => {
      const inner = local.get(m.inputs[load.input]!)
      return inner === undefined ? at : withinRow(load.at, prefix, inner, extents)!
    },
  )
}

/** Elements that a local slot of a member holds. */
export const rowLength = (cluster: Cluster, member: Member): number => innerSize(member, cluster.prefix.length)
