import type { Structural } from '@linum/graph'
import type { ArrayOps, tree } from '@linum/tensor'
import { type Hyperparameters, namedText, sameNamed } from './structural.js'

/** What a transformation keeps between steps: a tree of tensors. */
export type TransformationState = tree.Tree<ArrayOps>

/** Values by name for transformations that need more than gradients and parameters, such as the loss. */
export type Extra = Readonly<Record<string, unknown>>

/** The two functions of a transformation, on trees of any form. `params` may be absent. */
export interface TransformationFunctions {
  init(params: unknown): unknown
  update(updates: unknown, state: never, params: unknown, extra: Extra): readonly [updates: unknown, state: unknown]
}

/**
 * A step of an optimizer as a pure value: `init(params)` gives the first state, `update(updates, state, params?, extra?)`
 * gives `[updates, state]`. Two of the same name and equal hyperparameters are equal, so that building the same
 * optimizer again does not retrace.
 */
export class GradientTransformation implements Structural {
  readonly name: string
  readonly hyperparameters: Hyperparameters
  readonly init: (params: unknown) => TransformationState
  /** Throws StateError where the trees do not have the structure that `init` saw. */
  readonly update: <U>(
    updates: U,
    state: TransformationState,
    params?: NoInfer<U>,
    extra?: Extra,
  ) => readonly [updates: U, state: TransformationState]
  readonly hash: string

  /** For `transformation`, which says what the parts must be. */
  constructor(name: string, hyperparameters: Hyperparameters, { init, update }: TransformationFunctions) {
    this.name = name
    this.hyperparameters = Object.freeze(hyperparameters)
    this.init = init as GradientTransformation['init']
    this.update = ((updates, state, params, extra = {}) =>
      update(updates, state as never, params, extra)) as GradientTransformation['update']
    this.hash = namedText(this)
    Object.freeze(this)
  }

  equals(other: unknown): boolean {
    return other instanceof GradientTransformation && other.hash === this.hash && sameNamed(this, other)
  }

  toString(): string {
    return this.hash
  }
}

/**
 * A transformation of one's own. Its functions must depend on nothing but their arguments and the hyperparameters,
 * because transformations of one name and equal hyperparameters stand for each other: numbers are compared by value,
 * functions by identity. Without hyperparameters it is equal only to those made of the same two functions.
 */
export const transformation = (
  name: string,
  functions: TransformationFunctions,
  hyperparameters?: Hyperparameters,
): GradientTransformation =>
  new GradientTransformation(
    name,
    { ...(hyperparameters ?? { init: functions.init, update: functions.update }) },
    functions,
  )

/** A known transformation under a name of its own. */
export const named = (
  name: string,
  hyperparameters: Hyperparameters,
  { init, update }: GradientTransformation,
): GradientTransformation =>
  new GradientTransformation(name, hyperparameters, { init, update: update as TransformationFunctions['update'] })

/** A transformation that keeps nothing. */
export const stateless = (
  name: string,
  hyperparameters: Hyperparameters,
  f: (updates: unknown, params: unknown) => unknown,
): GradientTransformation =>
  new GradientTransformation(name, hyperparameters, {
    init: () => ({}),
    update: (updates, state, params) => [f(updates, params), state],
  })
