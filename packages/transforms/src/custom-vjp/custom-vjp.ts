import type { Argnum } from '@linum/autodiff'
import type { Variable } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import type { DiffState } from '../diff-state.js'
import type { GradOf } from '../grad.js'
import { extract, insert } from '../lift/sandwich.js'
import { type Plan, planOf } from './plan.js'
import { type AnyFunction, ruleOf } from './rule.js'

/** The arguments that numbers in nondiffArgnums name, in their order. */
type Named<A extends readonly unknown[], N> = N extends readonly [infer H, ...infer T]
  ? H extends number
    ? [A[H], ...Named<A, T>]
    : Named<A, T>
  : []

type InputCotangent<X> = X extends Tensor ? null : GradOf<X, Variable<unknown>>

/** The other arguments' cotangents: of what the call left in modules, null for tensors. */
type InputCotangents<A extends readonly unknown[], N> = [
  Extract<N extends readonly unknown[] ? N[number] : never, number>,
] extends [never]
  ? { readonly [K in keyof A]: InputCotangent<A[K]> }
  : readonly unknown[]

export interface CustomVjpOptions<N> {
  /** Arguments that are not differentiated, which the rule gets first; DiffState for an argument of which only the Variables that a filter takes are. */
  readonly nondiffArgnums?: N
}

/**
 * A function of graphs with a reverse rule of its own. `fwd` takes the arguments and returns `[output, residuals]`, both
 * of which may hold modules, and must leave the arguments as the function does. `bwd(residuals, [inputs, output])`, after
 * the arguments that nondiffArgnums numbers name, gets the cotangents of what the call left: a State per module in
 * `inputs`, null for other arguments. It returns one cotangent per argument: a State of the differentiated Variables
 * for a module, null for none. Updates happen once.
 *
 * Throws GraphError where fwd leaves another structure, StateError, ShapeError or DtypeError, naming the argument and the
 * path, for a cotangent that does not fit.
 */
export const customVjp = <
  A extends readonly unknown[],
  R,
  Residuals,
  const N extends readonly (Argnum<A> | DiffState)[] = readonly [],
>(
  f: (...args: A) => R,
  fwd: (...args: NoInfer<A>) => readonly [NoInfer<R>, Residuals],
  bwd: (
    ...args: [
      ...Named<NoInfer<A>, N>,
      NoInfer<Residuals>,
      readonly [inputs: InputCotangents<NoInfer<A>, N>, output: GradOf<NoInfer<R>, Variable<unknown>>],
    ]
  ) => readonly unknown[],
  { nondiffArgnums }: CustomVjpOptions<N> = {},
): ((...args: A) => R) => {
  const rule = ruleOf(f as AnyFunction, fwd as AnyFunction, bwd as AnyFunction, nondiffArgnums ?? [])
  // A rule may call its own function: such a call is part of the one that runs.
  const running: Plan[] = []
  const call = (...args: A): R => {
    const extracted = extract(rule.label, args, (i) => !rule.named.includes(i))
    const plan = running.find((p) => p.left() !== undefined && p.fits(extracted)) ?? planOf(rule, extracted)
    running.push(plan)
    try {
      const tensors = plan.run(extracted.values.tensors)
      return insert(extracted, plan.left()!, tensors) as R
    } finally {
      running.pop()
    }
  }
  return Object.defineProperty(call, 'name', { value: f.name })
}
