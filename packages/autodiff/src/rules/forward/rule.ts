import type { Tensor } from '@linum/tensor'
import { bind1, type PrimitiveName, type PrimitiveParams } from '@linum/tensor/core'
import { zerosOf } from '../rule.js'

/** A tangent; null stands for zero and costs nothing. */
export type Tangent = Tensor | null

/** What a forward rule knows of one application of its primitive. */
export interface ForwardApplication<P> {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly params: P
}

/** The forward rule of a primitive: from the inputs' tangents, not all null, those of the outputs. */
export type ForwardRule<P> = (tangents: readonly Tangent[], application: ForwardApplication<P>) => readonly Tangent[]

/** A complete table over some primitives: a missing entry does not compile. */
export type ForwardRules<P> = { readonly [K in keyof P]: ForwardRule<P[K]> }

/** For primitives through which no tangent flows. */
export const constant = (): readonly Tangent[] => []

/** A tangent, or the zeros that null stands for. */
export const filled = (t: Tangent | undefined, x: Tensor): Tensor => t ?? zerosOf(x)

/** For primitives that are linear in their first operand and take no other tangent. */
export const linear =
  <K extends PrimitiveName>(name: K): ForwardRule<PrimitiveParams[K]> =>
  ([t], { inputs, params }) => [t ? bind1(name, [t, ...inputs.slice(1)], params) : null]
