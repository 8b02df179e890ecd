import { vjp as pureVjp } from '@linum/autodiff'
import { toPredicate } from '@linum/filters'
import { Param, type VariableClass } from '@linum/graph'
import { StateError, Tensor, tree } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import type { GradOf } from './grad.js'
import { isChosen } from './lift/chosen.js'
import { mirror } from './lift/mirror.js'
import { type Output, outputOf } from './lift/output.js'
import { extract, type Inside, insert, runInside } from './lift/sandwich.js'
import { perTensor } from './lift/values.js'

type InstanceOf<F> = F extends { readonly prototype: infer V } ? V : never

export interface VjpOptions<W extends VariableClass = VariableClass, Aux extends boolean = boolean> {
  /** Which Variables of a module count; Param by default. */
  readonly wrt?: W
  /** The function returns [output, aux]; aux is handed out and not differentiated. */
  readonly hasAux?: Aux
}

/** From a cotangent of the output, a tree of its structure, to one cotangent per argument: a State for a module. */
export type Pullback<A extends readonly unknown[], O, W = Param> = (cotangent: O) => {
  readonly [K in keyof A]: GradOf<A[K], W>
}

type Outcome<A extends readonly unknown[], R, W, Aux extends boolean> = Aux extends true
  ? R extends readonly [infer O, infer X]
    ? readonly [O, Pullback<A, O, W>, X]
    : never
  : readonly [R, Pullback<A, R, W>]

/**
 * The value of a function of graphs and its pullback: `[out, back]`, with aux `[out, back, aux]`. Cotangents are for the
 * Params of modules (or for the class `wrt`) and for tensors of real numbers; null stands for any other tensor. Updates of
 * the arguments happen once, in the call; `back` may be called many times. The output holds no modules: return them as aux.
 */
export const vjp = <
  A extends readonly unknown[],
  R,
  W extends VariableClass = typeof Param,
  Aux extends boolean = false,
>(
  f: (...args: A) => R,
  primals: A,
  { wrt = Param as unknown as W, hasAux }: VjpOptions<W, Aux> = {},
): Outcome<A, R, InstanceOf<W>, Aux> => {
  const extracted = extract('vjp', primals)
  const { given, outer, values } = extracted
  const matches = toPredicate(wrt)
  const leafOf = perTensor(
    outer.leaves.map((_, i) => i),
    values.shapes,
  )
  const chosen = values.tensors.flatMap((t, k) => {
    const leaf = leafOf[k]!
    const path = outer.graphdef.paths[leaf]!
    return isFloat(t.dtype) && values.shapes[leaf] === null && isChosen(matches, given, path, outer.leaves[leaf])
      ? [k]
      : []
  })
  let inside: Inside<R> | undefined
  let output: Output | undefined
  const body = (tracked: readonly Tensor[]): readonly [readonly Tensor[], readonly Tensor[]] => {
    const tensors = [...values.tensors]
    chosen.forEach((k, i) => (tensors[k] = tracked[i]!))
    inside = runInside(extracted, f as unknown as (...args: never[]) => R, tensors, { liftsResult: true })
    if ((inside as unknown) instanceof Promise) return inside as never
    output = outputOf('vjp', inside.out, hasAux === true)
    return [output.tensors, inside.values.tensors]
  }
  const [, pull, tensors] = pureVjp(body, [chosen.map((k) => values.tensors[k]!)], { hasAux: true })
  const result = insert(extracted, inside!, tensors)
  const { def } = output!
  const back = (cotangent: unknown): unknown => {
    const [leaves, own] = tree.flatten(cotangent)
    if (!own.equals(def))
      throw new StateError(
        `vjp: the cotangent must have the structure of the output, got ${String(own)} for ${String(def)}`,
      )
    const [grads] = pull(leaves as never) as readonly [readonly (Tensor | null)[]]
    const byLeaf = new Map<number, unknown>(chosen.map((k, i) => [leafOf[k]!, grads[i]!]))
    return given.map((arg, i) =>
      arg instanceof Tensor && !byLeaf.has(outer.graphdef.paths.findIndex((p) => p.length === 1 && p[0] === i))
        ? null
        : mirror(arg, [i], outer, byLeaf),
    )
  }
  return (hasAux === true
    ? [(result as readonly unknown[])[0], back, (result as readonly unknown[])[1]]
    : [result, back]) as unknown as Outcome<A, R, InstanceOf<W>, Aux>
}
