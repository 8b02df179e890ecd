import { formatPath, type Path, type PathKey } from '@linum/filters'
import { flatState, type GraphDef, type Layout } from '@linum/graph'
import { ArrayOps, ShapeError, StateError, Tensor } from '@linum/tensor'
import { formatShape, sameShape } from '@linum/tensor/core'
import { rawLeaf } from '../raw.js'

/** The leaves of a model that an optimizer trains: by number, as `graphdef.paths` counts. */
export interface Selection {
  readonly graphdef: GraphDef
  readonly selected: readonly boolean[]
}

/** A Variable may hold null: it has nothing to train. */
export const isNone = (value: unknown): value is null | undefined => value === null || value === undefined

const setOwn = (target: Record<PathKey, unknown>, key: PathKey, value: unknown): void => {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

const nestLevel = (
  layout: Layout,
  selected: readonly boolean[],
  value: (leaf: number) => unknown,
): Record<PathKey, unknown> | null => {
  const { keys, children } = layout
  let level: Record<PathKey, unknown> | null = null
  for (let i = 0; i < keys.length; i++) {
    const child = children[i]!
    const below = typeof child !== 'number' ? nestLevel(child, selected, value) : selected[child] ? value(child) : null
    if (below !== null) setOwn((level ??= {}), keys[i]!, below)
  }
  return level
}

/** The selected leaves as nested plain objects, in which levels without leaves are left out. */
export const nest = ({ graphdef: { layout }, selected }: Selection, value: (leaf: number) => unknown): unknown =>
  typeof layout === 'number' ? (selected[layout] ? value(layout) : {}) : (nestLevel(layout, selected, value) ?? {})

const isMapping = (x: unknown): x is object => typeof x === 'object' && x !== null && !(x instanceof ArrayOps)

const getOwn = (level: object, key: PathKey): unknown =>
  Object.hasOwn(level, key) ? (level as Record<PathKey, unknown>)[key] : undefined

/** Reads the selected leaves of one level; false where it has other keys than these, those of `known` aside. */
const readLevel = (
  layout: Layout,
  level: object,
  selected: readonly boolean[],
  known: boolean,
  out: unknown[],
): boolean => {
  const { keys, children } = layout
  let found = 0
  for (let i = 0; i < keys.length; i++) {
    const child = children[i]!
    const value = getOwn(level, keys[i]!)
    if (Object.hasOwn(level, keys[i]!)) found++
    const absent = isNone(rawLeaf(value))
    if (typeof child !== 'number') {
      if (!absent && !isMapping(value)) return false
      if (!readLevel(child, absent ? {} : (value as object), selected, known, out)) return false
    } else if (selected[child]) {
      if (absent) return false
      out[child] = value
    } else if (!absent && !known) return false
  }
  return found === Object.keys(level).length
}

const shown = 8
const list = (label: string, paths: readonly Path[]): string =>
  paths.length === 0
    ? ''
    : `; ${label} ${paths
        .slice(0, shown)
        .map((path) => formatPath(path) || '(the model itself)')
        .join(', ')}${paths.length > shown ? `, and ${paths.length - shown} more` : ''}`

const mismatch = (fn: string, { graphdef, selected }: Selection, gradients: unknown): StateError => {
  const id = (path: Path): string => JSON.stringify(path)
  const wanted = graphdef.paths.filter((_, i) => selected[i])
  const got = isMapping(gradients)
    ? flatState(gradients)
        .filter(([, leaf]) => !isNone(rawLeaf(leaf)))
        .map(([path]) => path)
    : [[]]
  const [wantedIds, gotIds] = [new Set(wanted.map(id)), new Set(got.map(id))]
  const missing = wanted.filter((path) => !gotIds.has(id(path)))
  const extra = got.filter((path) => !wantedIds.has(id(path)))
  return new StateError(
    `${fn}: the gradients must have exactly the parameters that the optimizer trains, ${wanted.length}, got ${got.length}${list('missing', missing)}${list('not trained', extra)}; give \`grad\` the same filter as \`wrt\``,
  )
}

const checkShapes = (
  fn: string,
  { graphdef, selected }: Selection,
  params: readonly unknown[],
  gradients: readonly unknown[],
): void => {
  for (let i = 0; i < params.length; i++) {
    if (!selected[i]) continue
    const p = rawLeaf(params[i])
    const g = gradients[i]
    if (p instanceof Tensor && g instanceof Tensor && !sameShape(p.shape, g.shape)) {
      throw new ShapeError(
        `${fn}: the gradient of ${formatPath(graphdef.paths[i]!)} must have its shape ${formatShape(p.shape)}, got ${formatShape(g.shape)}`,
      )
    }
  }
}

const readAll = (
  { graphdef: { layout }, selected }: Selection,
  gradients: unknown,
  known: boolean,
  out: unknown[],
): boolean => {
  if (typeof layout !== 'number') return isMapping(gradients) && readLevel(layout, gradients, selected, known, out)
  out[layout] = gradients
  return selected[layout] === true ? gradients instanceof ArrayOps : known
}

/**
 * The raw gradients by number of leaf, from a State or nested plain objects. With `known`, leaves of the model that are
 * not selected may be there too and are left alone. Throws StateError where the keys are not those of the selected
 * leaves, ShapeError where a gradient has not its parameter's shape.
 */
export const readGradients = (
  fn: string,
  selection: Selection,
  params: readonly unknown[],
  gradients: unknown,
  known: boolean,
): readonly unknown[] => {
  const found: unknown[] = new Array(params.length).fill(undefined)
  if (!readAll(selection, gradients, known, found)) throw mismatch(fn, selection, gradients)
  const raw = found.map(rawLeaf)
  checkShapes(fn, selection, params, raw)
  return raw
}

/** The leaves by number of a tree that `nest` made, or that has its structure. */
export const unnest = (selection: Selection, nested: unknown): readonly unknown[] => {
  const out: unknown[] = []
  readAll(selection, nested, false, out)
  return out
}
