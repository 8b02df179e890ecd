import { type GraphDef, staticHash, Variable } from '@linum/graph'
import { type Aval, Tensor, TraceError, tree } from '@linum/tensor'
import { avalKey, flattenResult, isRunning, mergeLeaves, traced } from '@linum/tensor/core'

/** How a leaf's value is made of tensors: null for a tensor itself, else a tree with its other leaves. */
type Shape = null | { readonly def: tree.TreeDef; readonly statics: readonly unknown[] }

/** The values of a graph's leaves as tensors, and what puts them together again. */
export interface Values {
  readonly tensors: readonly Tensor[]
  readonly shapes: readonly Shape[]
}

/** A leaf's value past the hooks: what a Variable stores, or a bare Tensor. */
const rawOf = (leaf: unknown): unknown => (leaf instanceof Variable ? (leaf.raw as unknown) : leaf)

/** Takes the values of live leaves apart. Values that are no tensors are static. */
export const takeValues = (leaves: readonly unknown[]): Values => {
  const tensors: Tensor[] = []
  const shapes = leaves.map((leaf): Shape => {
    const raw = rawOf(leaf)
    if (raw instanceof Tensor) {
      tensors.push(raw)
      return null
    }
    const { tensors: own, def, statics } = flattenResult(raw)
    tensors.push(...own)
    return { def, statics }
  })
  return { tensors, shapes }
}

/** The inverse of `takeValues`: one raw value per leaf, of other tensors. */
export const putValues = (shapes: readonly Shape[], tensors: readonly Tensor[]): unknown[] => {
  let at = 0
  return shapes.map((shape) => {
    if (shape === null) return tensors[at++]!
    const count = shape.statics.filter((s) => s === traced).length
    const own = tensors.slice(at, at + count)
    at += count
    return tree.unflatten(shape.def, mergeLeaves(shape.statics, own))
  })
}

/** One item per tensor, from one per leaf: a leaf may hold several tensors or none. */
export const perTensor = <T>(perLeaf: readonly T[], shapes: Values['shapes']): T[] =>
  perLeaf.flatMap((item, i) => {
    const shape = shapes[i]!
    return shape === null ? [item] : shape.statics.filter((s) => s === traced).map(() => item)
  })

/** Throws TraceError, naming the place, for a value of a transform that has ended: one stored on an object from outside. */
export const checkLeaks = (fn: string, { tensors }: Values, leaves: readonly unknown[], graphdef: GraphDef): void => {
  for (const t of tensors) {
    if (isRunning(t.trace)) continue
    const [argument, ...path] = graphdef.paths[leaves.findIndex((leaf) => takeValues([leaf]).tensors.includes(t))]!
    throw new TraceError(
      `${fn}: argument ${argument}${path.length > 0 ? ` at ${path.join('/')}` : ''} holds a traced value of ${t.trace.label}, which has ended; return it from the function instead of storing it on an object from outside`,
    )
  }
}

/** What is known of values without their numbers. */
export interface ValueTypes {
  readonly avals: readonly Aval[]
  readonly shapes: readonly Shape[]
}

export const typesOf = ({ tensors, shapes }: Values): ValueTypes => ({ avals: tensors.map((t) => t.aval), shapes })

/** Text equal for values of equal types; whether their static parts are equal too says `sameShapes`. */
export const valuesKey = ({ tensors, shapes }: Values): string => {
  let key = ''
  for (const t of tensors) key += avalKey(t.aval)
  for (const shape of shapes) if (shape !== null) for (const s of shape.statics) key += `;${staticHash(s)}`
  return key
}

/** Whether two graphs' values have the same form and the same static parts. */
export const sameShapes = (a: readonly Shape[], b: readonly Shape[]): boolean =>
  a.length === b.length &&
  a.every((x, i) => {
    const y = b[i]!
    if (x === null || y === null) return x === y
    return x.def.equals(y.def) && x.statics.every((s, k) => Object.is(s, y.statics[k]))
  })
