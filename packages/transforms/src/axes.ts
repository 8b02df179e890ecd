import { type Filter, type FilterFn, formatPath, type Path, toPredicate } from '@linum/filters'
import { type Flat, isGraphNode, Variable } from '@linum/graph'
import { GraphError } from '@linum/tensor'
import { allPaths } from './lift/all-paths.js'

/** Marks the carried argument and result of `scan`. The same symbol in every copy of the library. */
export const Carry: unique symbol = Symbol.for('linum.Carry')

/** Where the mapped or scanned axis of a value is: a number counts from either end, null is nowhere. */
export type Axis = number | null | typeof Carry

/** Leaves that a filter takes, and their axis. */
export type StateAxis<A extends Axis = Axis> = readonly [filter: Filter, axis: A]

/** Axes of a graph node's leaves by filter; the first that matches decides. */
export class StateAxes<E extends StateAxis = StateAxis> {
  readonly entries: readonly E[]
  readonly #predicates: readonly FilterFn[]

  constructor(entries: readonly E[]) {
    this.entries = entries
    this.#predicates = entries.map(([filter]) => toPredicate(filter))
  }

  /** The axis of a leaf at a path of its node. Throws GraphError where no filter takes it. */
  axisOf(path: Path, leaf: unknown): E[1] {
    const at = this.#predicates.findIndex((matches) => matches(path, leaf))
    if (at < 0) {
      const what = leaf instanceof Variable ? leaf.type.name : 'Tensor'
      throw new GraphError(
        `StateAxes: No axis found for path '${formatPath(path)}', a ${what}; add [rest, null] to say that all others have none`,
      )
    }
    return this.entries[at]![1]
  }
}

/** An axis for all leaves, StateAxes for a graph node, or a tree of these that the value's structure begins with. */
export type AxisTree = Axis | StateAxes | readonly AxisTree[] | { readonly [key: string]: AxisTree }

/** One entry per argument; one axis alone holds for all. */
export type AxesFor<A extends readonly unknown[]> = { readonly [K in keyof A]: AxisTree }

/** The axis that a prefix tree gives to the leaf at `path` of `value`. */
export const resolveAxis = (
  fn: string,
  prefix: AxisTree | undefined,
  value: unknown,
  path: Path,
  leaf: unknown,
): Axis => {
  let axes = prefix
  let node = value
  let depth = 0
  for (;;) {
    if (axes === null || typeof axes === 'number' || typeof axes === 'symbol') return axes
    if (axes instanceof StateAxes) {
      if (!isGraphNode(node) && !(node instanceof Variable))
        throw new GraphError(
          `${fn}: Cannot use StateAxes on non-graph nodes, found one for ${describe(path.slice(0, depth))}; give a number or null`,
        )
      return axes.axisOf(path.slice(depth), leaf)
    }
    const key = path[depth]
    if (axes === undefined || key === undefined || isGraphNode(node))
      throw new GraphError(
        `${fn}: the axes do not fit the structure of the value at ${describe(path.slice(0, depth))}; give a number, null or StateAxes there`,
      )
    axes = (axes as { readonly [key: string | number]: AxisTree })[key]
    node =
      node instanceof Map
        ? (node as ReadonlyMap<unknown, unknown>).get(key)
        : (node as { readonly [key: string | number]: unknown })[key]
    depth++
  }
}

const describe = (path: Path): string => (path.length === 0 ? 'the top' : `'${formatPath(path)}'`)

/** The axes of a flattened list of arguments, one per leaf. */
export const axesOfArguments = (
  fn: string,
  inAxes: readonly AxisTree[],
  given: readonly unknown[],
  { graphdef, leaves }: Flat,
): Axis[] =>
  leaves.map((leaf, i) => {
    const [argnum, ...path] = graphdef.paths[i]!
    return resolveAxis(fn, inAxes[argnum as number], given[argnum as number], path, leaf)
  })

/** What a function left, and the axes of the leaves that were there before. */
interface After {
  readonly inAxes: readonly AxisTree[]
  readonly outAxes: AxisTree
  readonly inner: readonly unknown[]
  readonly out: unknown
  /** [arguments, result] taken apart. */
  readonly flat: Flat
  readonly known: ReadonlyMap<unknown, Axis>
}

/** The axes of arguments and result after a function, one per leaf; a Variable that was there before keeps its own. */
export const axesAfter = (fn: string, { inAxes, outAxes, inner, out, flat, known }: After): readonly Axis[] =>
  flat.leaves.map((leaf, i): Axis => {
    const before = leaf instanceof Variable ? known.get(leaf) : undefined
    if (before !== undefined) return before
    const [side, ...path] = flat.graphdef.paths[i]!
    return side === 0
      ? resolveAxis(fn, inAxes[path[0] as number], inner[path[0] as number], path.slice(1), leaf)
      : resolveAxis(fn, outAxes, out, path, leaf)
  })

const showAxis = (axis: Axis): string => (typeof axis === 'symbol' ? 'Carry' : String(axis))

/** What is reached and with which axes: the arguments alone, or these and the result. */
interface Reached {
  readonly prefixes: readonly AxisTree[]
  readonly values: readonly unknown[]
  readonly flat: Flat
  /** A path in the words of the caller. */
  readonly show?: (path: Path) => string
}

/** Paths of [arguments, result]. */
export const pathOfPair = ([side, ...path]: Path): string => formatPath(side === 0 ? path : ['result', ...path])

/** Throws GraphError with a table of paths where one Variable is reached with different axes. */
export const checkAliasing = (fn: string, { prefixes, values, flat, show = formatPath }: Reached): void => {
  const conflicts = [...allPaths(flat)].flatMap(([leaf, paths]) => {
    const uses = paths.map((path): { readonly path: Path; readonly axis: Axis } => ({
      path,
      axis: resolveAxis(fn, prefixes[path[0] as number], values[path[0] as number], path.slice(1), leaf),
    }))
    return uses.some((u) => u.axis !== uses[0]!.axis)
      ? [[`Node: ${leaf.type.name}`, ...uses.map((u) => `  ${show(u.path)}: ${showAxis(u.axis)}`)].join('\n')]
      : []
  })
  if (conflicts.length === 0) return
  throw new GraphError(
    `${fn}: Inconsistent aliasing detected. The following nodes have different prefixes:\n${conflicts.join('\n')}`,
  )
}

/** One prefix per argument. */
export const perArgument = <A extends readonly unknown[]>(
  axes: AxisTree | AxesFor<A>,
  count: number,
): readonly AxisTree[] =>
  Array.isArray(axes) ? (axes as readonly AxisTree[]) : Array.from({ length: count }, () => axes as AxisTree)
