import { type Filter, type FilterFn, formatPath, type Path, toPredicate } from '@linum/filters'
import { type Flat, isGraphNode, Variable } from '@linum/graph'
import { GraphError } from '@linum/tensor'

/** Marks the carried argument and result of `scan`. The same symbol in every copy of the library. */
export const Carry: unique symbol = Symbol.for('linum.Carry')

/** Where the mapped or scanned axis of a value is: a number counts from either end, null is nowhere. */
export type Axis = number | null | typeof Carry

/** Axes of a graph node's leaves by filter; the first that matches decides. */
export class StateAxes<A extends Axis = Axis> {
  readonly entries: readonly (readonly [filter: Filter, axis: A])[]
  readonly #predicates: readonly FilterFn[]

  constructor(entries: readonly (readonly [filter: Filter, axis: A])[]) {
    this.entries = entries
    this.#predicates = entries.map(([filter]) => toPredicate(filter))
  }

  /** The axis of a leaf at a path of its node. Throws GraphError where no filter takes it. */
  axisOf(path: Path, leaf: unknown): A {
    const at = this.#predicates.findIndex((matches) => matches(path, leaf))
    if (at < 0) {
      const what = leaf instanceof Variable ? leaf.type.name : 'Tensor'
      throw new GraphError(`StateAxes: No axis found for path '${formatPath(path)}', a ${what}; add [rest, null] to say that all others have none`)
    }
    return this.entries[at]![1]
  }
}

/** An axis for all leaves, StateAxes for a graph node, or a tree of these that the value's structure begins with. */
export type AxisTree = Axis | StateAxes | readonly AxisTree[] | { readonly [key: string]: AxisTree }

/** One entry per argument; one axis alone holds for all. */
export type AxesFor<A extends readonly unknown[]> = { readonly [K in keyof A]: AxisTree }

/** The axis that a prefix tree gives to the leaf at `path` of `value`. */
export const resolveAxis = (fn: string, prefix: AxisTree | undefined, value: unknown, path: Path, leaf: unknown): Axis => {
  let axes = prefix
  let node = value
  let depth = 0
  for (;;) {
    if (axes === null || typeof axes === 'number' || typeof axes === 'symbol') return axes
    if (axes instanceof StateAxes) {
      if (!isGraphNode(node) && !(node instanceof Variable)) throw new GraphError(`${fn}: Cannot use StateAxes on non-graph nodes, found one for ${describe(path.slice(0, depth))}; give a number or null`)
      return axes.axisOf(path.slice(depth), leaf)
    }
    const key = path[depth]
    if (axes === undefined || key === undefined || isGraphNode(node)) throw new GraphError(`${fn}: the axes do not fit the structure of the value at ${describe(path.slice(0, depth))}; give a number, null or StateAxes there`)
    axes = (axes as { readonly [key: string | number]: AxisTree })[key]
    node = node instanceof Map ? (node as ReadonlyMap<unknown, unknown>).get(key) : (node as { readonly [key: string | number]: unknown })[key]
    depth++
  }
}

const describe = (path: Path): string => (path.length === 0 ? 'the top' : `'${formatPath(path)}'`)

/** The axes of a flattened list of arguments, one per leaf. */
export const axesOfArguments = (fn: string, inAxes: readonly AxisTree[], given: readonly unknown[], { graphdef, leaves }: Flat): Axis[] =>
  leaves.map((leaf, i) => {
    const [argnum, ...path] = graphdef.paths[i]!
    return resolveAxis(fn, inAxes[argnum as number], given[argnum as number], path, leaf)
  })

const showAxis = (axis: Axis): string => (typeof axis === 'symbol' ? 'Carry' : String(axis))

/** Every path to every leaf, those that sharing makes included. */
const allPaths = (value: unknown, path: Path, open: readonly object[], out: (path: Path, leaf: Variable<unknown>) => void): void => {
  if (value instanceof Variable) return out(path, value)
  if (typeof value !== 'object' || value === null || open.includes(value)) return
  const entries = value instanceof Map ? [...(value as ReadonlyMap<string, unknown>)] : Array.isArray(value) || isGraphNode(value) || isPlain(value) ? Object.entries(value) : []
  for (const [key, child] of entries) allPaths(child, [...path, key], [...open, value], out)
}
const isPlain = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

/** Throws GraphError with a table of paths where one Variable is reached with different axes. */
export const checkAliasing = (fn: string, inAxes: readonly AxisTree[], given: readonly unknown[]): void => {
  const seen = new Map<Variable<unknown>, { readonly path: Path; readonly axis: Axis }[]>()
  given.forEach((arg, i) => {
    allPaths(arg, [], [], (path, leaf) => {
      const axis = resolveAxis(fn, inAxes[i], arg, path, leaf)
      const known = seen.get(leaf)
      if (known === undefined) seen.set(leaf, [{ path: [i, ...path], axis }])
      else known.push({ path: [i, ...path], axis })
    })
  })
  const conflicts = [...seen].filter(([, uses]) => uses.some((u) => u.axis !== uses[0]!.axis))
  if (conflicts.length === 0) return
  const table = conflicts.map(([leaf, uses]) => [`Node: ${leaf.type.name}`, ...uses.map((u) => `  ${formatPath(u.path)}: ${showAxis(u.axis)}`)].join('\n')).join('\n')
  throw new GraphError(`${fn}: Inconsistent aliasing detected. The following nodes have different prefixes:\n${table}`)
}
