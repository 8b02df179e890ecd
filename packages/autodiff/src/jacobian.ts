import { DtypeError, eye, moveaxis, Tensor, tree } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { checkArgnums } from './grad.js'
import { jvp } from './jvp.js'
import { leafTensor, vjp } from './vjp.js'
import { vmap } from './vmap.js'

export interface JacobianOptions {
  /** The argument, or arguments, to differentiate with respect to; the first by default. */
  readonly argnums?: number | readonly number[]
}

/** The leaves of an input or output as tensors; `where` names the value at a path. */
const realLeaves = (fn: string, value: unknown, where: (path: tree.Path) => string): readonly Tensor[] =>
  tree.leavesWithPath(value).map(([path, leaf]) => {
    const t = leafTensor(leaf)
    if (t === null || !isFloat(t.dtype))
      throw new DtypeError(
        `${fn}: requires real-valued inputs and outputs, got ${t === null ? typeof leaf : t.dtype} for ${where(path)}`,
      )
    return t
  })

const ofOutput = (path: tree.Path): string => `the output${path.length === 0 ? '' : ` at ${tree.keystr(path)}`}`

/** The unit vectors of a tree's float leaves, each as a tree of tensors with a leading axis over all of them. */
const basisOf = (
  fn: string,
  value: unknown,
  where: (path: tree.Path) => string,
): { readonly basis: unknown; readonly leaves: readonly Tensor[]; readonly def: tree.TreeDef } => {
  const leaves = realLeaves(fn, value, where)
  const total = leaves.reduce((n, t) => n + t.size, 0)
  const unit = eye(total)
  let from = 0
  const parts = leaves.map((t) => {
    const columns = unit.slice(':', [from, (from += t.size)])
    return columns.reshape([total, ...t.shape])
  })
  const def = tree.structure(value)
  return { basis: tree.unflatten(def, parts), leaves, def }
}

/** Cuts the leading axis, one entry per element of the leaves, into the leaves' own axes. */
const unstack = (stacked: Tensor, leaves: readonly Tensor[]): Tensor[] => {
  let from = 0
  return leaves.map((t) => stacked.slice([from, (from += t.size)]).reshape([...t.shape, ...stacked.shape.slice(1)]))
}

type Chosen = {
  readonly own: (x: readonly unknown[]) => readonly unknown[]
  readonly pick: readonly unknown[]
  readonly single: boolean
  /** Names an argument by its path in `pick`. */
  readonly where: (path: tree.Path) => string
}

const choose = (fn: string, args: readonly unknown[], argnums: number | readonly number[]): Chosen => {
  const list = checkArgnums(fn, argnums, args.length)
  return {
    pick: list.map((n) => args[n]),
    own: (xs) => args.map((a, i) => (list.includes(i) ? xs[list.indexOf(i)] : a)),
    single: typeof argnums === 'number',
    where: ([i, ...path]) => `argument ${list[i as number]}${path.length === 0 ? '' : ` at ${tree.keystr(path)}`}`,
  }
}

/**
 * The matrix of derivatives of every output with respect to every input, a column at a time by forward mode: for each
 * leaf of the output a tree like the input, of shape output + input. For functions with more outputs than inputs.
 */
export const jacfwd =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: JacobianOptions = {}): ((...args: A) => unknown) =>
  (...args) => {
    const { own, pick, single, where } = choose('jacfwd', args, options.argnums ?? 0)
    const { basis, leaves, def } = basisOf('jacfwd', pick, where)
    const push = (tangents: unknown): unknown =>
      jvp(
        (...xs: readonly unknown[]) => f(...(own(xs) as unknown as A)),
        pick as readonly unknown[],
        tangents as readonly unknown[],
      )[1]
    const columns = vmap(push)(basis)
    return tree.mapWithPath((path, column: unknown) => {
      if (!(column instanceof Tensor))
        throw new DtypeError(
          `jacfwd: requires real-valued inputs and outputs, got ${typeof column} for ${ofOutput(path)}`,
        )
      const parts = tree.unflatten(
        def,
        unstack(column, leaves).map((part, i) => inputsLast(part, leaves[i]!.ndim)),
      ) as readonly unknown[]
      return single ? parts[0] : parts
    }, columns)
  }

/** Input axes lead a column of the Jacobian; they belong behind those of the output. */
const inputsLast = (x: Tensor, inputs: number): Tensor =>
  moveaxis(
    x,
    Array.from({ length: inputs }, (_, i) => i),
    Array.from({ length: inputs }, (_, i) => x.ndim - inputs + i),
  )

/**
 * As `jacfwd`, a row at a time by reverse mode: for functions with more inputs than outputs.
 */
export const jacrev =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: JacobianOptions = {}): ((...args: A) => unknown) =>
  (...args) => {
    const { own, pick, single, where } = choose('jacrev', args, options.argnums ?? 0)
    realLeaves('jacrev', pick, where)
    const [out, back] = vjp((...xs: readonly unknown[]) => f(...(own(xs) as unknown as A)), pick as readonly unknown[])
    const { basis, leaves, def } = basisOf('jacrev', out, ofOutput)
    const rows = vmap((ct: unknown) => back(ct as never))(basis)
    // One tree like the input per leaf of the output.
    const [cells, cellsDef] = [tree.leaves(rows), tree.structure(rows)]
    const byOutput = leaves.map((_, o) => {
      const parts = tree.unflatten(
        cellsDef,
        cells.map((row) => unstack(row as Tensor, leaves)[o]),
      ) as readonly unknown[]
      return single ? parts[0] : parts
    })
    return tree.unflatten(def, byOutput)
  }

/** Second derivatives of a scalar function, forward over reverse: a tree like the input whose leaves are such trees. */
export const hessian = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: JacobianOptions = {},
): ((...args: A) => unknown) => jacfwd(jacrev(f, options), options)
