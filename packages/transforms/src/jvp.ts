import { jvp as pureJvp } from '@linum/autodiff'
import type { Path } from '@linum/filters'
import { isGraphNode, type Module, state, type Variable } from '@linum/graph'
import { type ArrayOps, ShapeError, type Tensor, type TensorLike, tree, zerosLike } from '@linum/tensor'
import { formatShape, isFloat, sameShape, toTensor } from '@linum/tensor/core'
import { checkNoOthers, lookUp } from './lift/mirror.js'
import { type Output, outputOf } from './lift/output.js'
import { extract, type Extracted, type Inside, insert, runInside } from './lift/sandwich.js'
import { perTensor } from './lift/values.js'

/** A tangent of a value of type X: a State or a module of tangents for a module, of which any part may be left out. */
export type TangentOf<X> = X extends Module
  ? object
  : X extends Variable<unknown> | ArrayOps | number
    ? TensorLike | Variable<Tensor> | null
    : X extends readonly unknown[]
      ? { readonly [K in keyof X]: TangentOf<X[K]> }
      : X extends object
        ? { readonly [K in keyof X]?: TangentOf<X[K]> }
        : unknown

export interface JvpOptions<Aux extends boolean = boolean> {
  /** The function returns [output, aux]; aux is handed out without a tangent. */
  readonly hasAux?: Aux
}

type Outcome<R, Aux extends boolean> = Aux extends true
  ? R extends readonly [infer O, infer X]
    ? readonly [O, O, X]
    : never
  : readonly [R, R]

/** One tangent per tensor of the arguments: what is given at its path, else zeros. */
const tangentsOf = ({ outer, values }: Extracted, tangents: readonly unknown[]): readonly Tensor[] => {
  const paths: readonly Path[] = perTensor(outer.graphdef.paths, values.shapes)
  const single = perTensor(
    values.shapes.map((s) => s === null),
    values.shapes,
  )
  const moves = tangents.map((t) => (isGraphNode(t) ? state(t as object) : t))
  moves.forEach((move, i) =>
    checkNoOthers(
      `jvp: the tangent of argument ${i}`,
      move,
      paths.flatMap(([argnum, ...own], k) => (argnum === i && single[k] === true ? [own] : [])),
    ),
  )
  return values.tensors.map((t, k) => {
    // The tangent of what is no real number is ignored.
    if (!isFloat(t.dtype)) return t
    const [argnum, ...path] = paths[k]!
    const given = single[k] === true ? lookUp(moves[argnum as number], path) : undefined
    if (given === undefined || given === null) return zerosLike(t)
    const move = toTensor('jvp', given as TensorLike)
    if (!sameShape(move.shape, t.shape))
      throw new ShapeError(
        `jvp: a tangent must have its primal's shape, got ${formatShape(move.shape)} for ${formatShape(t.shape)} at argument ${argnum}${path.length === 0 ? '' : ` at ${path.join('/')}`}`,
      )
    return move.astype(t.dtype)
  })
}

/**
 * The value of a function of graphs and its derivative along tangents: `[out, dout]`, with aux `[out, dout, aux]`. The
 * tangent of a module is a State (or a module) of tangents by path; what is left out does not move. Updates of the
 * arguments happen once. The output holds no modules: return them as aux.
 */
export const jvp = <A extends readonly unknown[], R, Aux extends boolean = false>(
  f: (...args: A) => R,
  primals: A,
  tangents: { readonly [K in keyof NoInfer<A>]: TangentOf<NoInfer<A>[K]> },
  { hasAux }: JvpOptions<Aux> = {},
): Outcome<R, Aux> => {
  if (tangents.length !== primals.length)
    throw new TypeError(`jvp: there must be one tangent per argument, got ${tangents.length} for ${primals.length}`)
  const extracted = extract('jvp', primals)
  let inside: Inside<R> | undefined
  let output: Output | undefined
  const body = (...tensors: readonly Tensor[]): readonly [readonly Tensor[], readonly Tensor[]] => {
    inside = runInside(extracted, f as unknown as (...args: never[]) => R, tensors, { liftsResult: true })
    if ((inside as unknown) instanceof Promise) return inside as never
    output = outputOf('jvp', inside.out, hasAux === true)
    return [output.tensors, inside.values.tensors]
  }
  Object.defineProperty(body, 'name', { value: f.name })
  const [, moved, tensors] = pureJvp(
    body,
    extracted.values.tensors,
    tangentsOf(extracted, tangents as readonly unknown[]),
    { hasAux: true },
  )
  const result = insert(extracted, inside!, tensors)
  const dout = tree.unflatten(output!.def, moved)
  return (hasAux === true
    ? [(result as readonly unknown[])[0], dout, (result as readonly unknown[])[1]]
    : [result, dout]) as unknown as Outcome<R, Aux>
}
