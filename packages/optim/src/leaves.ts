import {
  type ArrayOps,
  type DType,
  full,
  StateError,
  type Tensor,
  type TensorLike,
  tree,
  zerosLike,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'

/** The leaves of trees of one structure, side by side, and the way back. */
export interface Aligned {
  /** The leaves of each tree, in the same order. */
  readonly columns: readonly (readonly ArrayOps[])[]
  /** The tree with these leaves. */
  readonly build: (leaves: readonly unknown[]) => unknown
}

const shown = 4
const list = (paths: readonly string[]): string =>
  `${paths.slice(0, shown).join(', ')}${paths.length > shown ? `, and ${paths.length - shown} more` : ''}`

const mismatch = (fn: string, first: unknown, other: unknown): StateError => {
  const paths = [first, other].map((t) => tree.leavesWithPath(t).map(([path]) => tree.keystr(path)))
  const [a, b] = paths.map((p) => new Set(p)) as [Set<string>, Set<string>]
  const missing = [...a].filter((path) => !b.has(path))
  const extra = [...b].filter((path) => !a.has(path))
  const found = [
    ...(missing.length > 0 ? [`nothing at ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`something at ${list(extra)}`] : []),
  ]
  return new StateError(
    `${fn}: the trees have different structures, got ${found.join(' and ') || 'other containers'} in one of them; gradients, state and parameters must be of one structure, that of the parameters given to init`,
  )
}

/** Takes trees apart together. Null and undefined have no leaves. Throws StateError naming `fn` where the structures differ. */
export const align = (fn: string, first: unknown, ...others: readonly unknown[]): Aligned => {
  const [leaves, def] = tree.flatten(first)
  const columns = [leaves as ArrayOps[]]
  for (const other of others) {
    const [column, otherDef] = tree.flatten(other)
    if (!otherDef.equals(def)) throw mismatch(fn, first, other)
    columns.push(column as ArrayOps[])
  }
  return { columns, build: (values) => tree.unflatten(def, values) }
}

/** `f` of every leaf. */
export const mapLeaves = (f: (leaf: ArrayOps) => unknown, t: unknown): unknown => tree.map(f, t)

/** `f` of the leaves that trees of one structure have in one place. Throws StateError naming `fn` where the structures differ. */
export const mapAligned = (
  fn: string,
  f: (...leaves: readonly ArrayOps[]) => unknown,
  first: unknown,
  ...others: readonly unknown[]
): unknown => {
  const { columns, build } = align(fn, first, ...others)
  return build(columns[0]!.map((_, i) => f(...columns.map((column) => column[i]!))))
}

/** Zeros in the shapes of the leaves, and in their dtypes unless one is given. */
export const zerosLikeTree = (t: unknown, dtype?: DType): unknown =>
  mapLeaves((x) => zerosLike(x, dtype === undefined ? {} : { dtype }), t)

/** Leaves of one value in the shapes and dtypes of those there. */
export const fullLikeTree = (t: unknown, value: TensorLike): unknown =>
  mapLeaves((x) => full(x.shape, value, { dtype: x.dtype }), t)

/** The tensors in that dtype, if there is one. */
export const castAll = (tensors: readonly Tensor[], dtype: DType | undefined): readonly Tensor[] =>
  dtype === undefined ? tensors : tensors.map((x) => x.astype(dtype))

const plus = (p: Tensor, u: ArrayOps): Tensor => p.add(u).astype(p.dtype)

/** `params + updates`, in the dtypes of the parameters. A null leaf of both stays null. */
export const applyUpdates = <P>(params: P, updates: unknown): P => {
  const {
    columns: [p, u],
    build,
  } = align('applyUpdates', params, updates)
  return build(p!.map((x, i) => plus(toTensor('applyUpdates', x), u![i]!))) as P
}
