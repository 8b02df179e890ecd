import type { Path } from '@linum/filters'
import { GraphError, tree } from '@linum/tensor'
import { type AxisTree, Carry, StateAxes } from '../axes.js'

/** Where the carry is among arguments and results: a position, 'all' for the whole result, null where there is none. */
export interface CarryPositions {
  readonly argument: number | null
  readonly result: number | 'all' | null
}

/** The axes of a tree with their paths. */
const entriesOf = (axes: AxisTree, path: Path = []): readonly (readonly [path: Path, axis: AxisTree])[] => {
  if (axes === null || typeof axes !== 'object' || axes instanceof StateAxes) return [[path, axes]]
  const children: readonly (readonly [number | string, AxisTree])[] = Array.isArray(axes)
    ? (axes as readonly AxisTree[]).map((a, i) => [i, a] as const)
    : Object.entries(axes as { readonly [key: string]: AxisTree })
  return children.flatMap(([key, child]) => entriesOf(child, [...path, key]))
}

const show = (axes: AxisTree): string => {
  if (typeof axes === 'symbol') return 'Carry'
  if (axes === null || typeof axes !== 'object') return String(axes)
  if (axes instanceof StateAxes) return 'StateAxes'
  if (Array.isArray(axes)) return `[${(axes as readonly AxisTree[]).map(show).join(', ')}]`
  return `{ ${Object.entries(axes as { readonly [key: string]: AxisTree })
    .map(([k, a]) => `${k}: ${show(a)}`)
    .join(', ')} }`
}

const carryAt = (what: string, axes: AxisTree): number | 'all' | null => {
  const found = entriesOf(axes).flatMap(([path, axis]) => (axis === Carry ? [path] : []))
  const nested = found.find((path) => path.length > 1 || (path.length === 1 && typeof path[0] !== 'number'))
  if (nested !== undefined)
    throw new GraphError(`scan: Carry must at the top-level, it cannot be nested. Found axes=${show(axes)}`)
  const [first, second] = found
  if (first !== undefined && second !== undefined)
    throw new GraphError(
      `scan: Found multiple Carry definitions at ${what}${tree.keystr(first)} and ${what}${tree.keystr(second)}`,
    )
  return first === undefined ? null : first.length === 0 ? 'all' : (first[0] as number)
}

const checkOutAxes = (outAxes: AxisTree): void => {
  for (const [path, axis] of entriesOf(outAxes)) {
    const where = `outAxes${tree.keystr(path)}`
    if (axis === null)
      throw new GraphError(`scan: Cannot broadcast output state. Got outAxes=null at: ${where}; give an axis`)
    if (!(axis instanceof StateAxes)) continue
    if (axis.entries.some(([, a]) => a === null))
      throw new GraphError(`scan: Cannot broadcast output state. Got StateAxes with null at: ${where}; give an axis`)
    if (axis.entries.some(([, a]) => a === Carry))
      throw new GraphError(`scan: Cannot carry output state. Got StateAxes with Carry at: ${where}; give an axis`)
  }
}

/** Finds the carry; throws GraphError for axes that say nothing consistent. */
export const carryPositions = (inAxes: AxisTree, outAxes: AxisTree, count: number): CarryPositions => {
  const [argument, result] = [carryAt('inAxes', inAxes), carryAt('outAxes', outAxes)]
  if ((argument === null) !== (result === null)) {
    throw new GraphError(
      `scan: If one of inAxes or outAxes has Carry, the other must also have Carry. Got inAxes=${show(inAxes)}, outAxes=${show(outAxes)}`,
    )
  }
  if (argument === 'all' && count !== 1)
    throw new GraphError(
      `scan: When inAxes=Carry, the function must take exactly one argument, got ${count} arguments.`,
    )
  checkOutAxes(outAxes)
  return { argument: argument === 'all' ? 0 : argument, result }
}
