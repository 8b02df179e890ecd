import { random, Tensor, tree, where } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import { unflatten } from '../flatten/unflatten.js'
import { flattenInterned } from '../flatten/interned.js'
import { GraphDef } from '../graphdef.js'
import { graphdefKey } from '../state/state.js'
import { makeVariable, type Variable } from '../variable/variable.js'
import type { CarriedGraphDef } from './unpack.js'
import { leavesOf } from './leaves.js'

/**
 * The graph that a GraphDef and the union of these States describe, of new objects: sharing and cycles are as they
 * were, constructors do not run. Nested plain objects of raw values are taken too. States of `unpack` bring the
 * GraphDef themselves. Throws StateError where the leaves are not those of the graph.
 */
export function merge<M>(graphdef: GraphDef<M>, ...states: readonly object[]): M
export function merge<M>(first: CarriedGraphDef<M>, ...others: readonly object[]): M
export function merge(first: object, ...others: readonly object[]): unknown {
  const carried = (first as Partial<CarriedGraphDef<unknown>>)?.[graphdefKey]
  const graphdef: unknown = carried ?? first
  if (!(graphdef instanceof GraphDef))
    throw new TypeError(
      `Expected a GraphDef or GraphState object, got: ${describeValue(first)}; pass what \`split\` or \`unpack\` returned`,
    )
  const states = carried === undefined ? others : [first, ...others]
  if (states.length === 0) throw new TypeError("merge() missing 1 required positional argument: 'state'")
  return unflatten(graphdef, leavesOf(graphdef, states))
}

export interface CloneOptions {
  /** False: the copy has the same Variables instead of new ones. */
  readonly variables?: boolean
  /** True: the elements are copied too, so that either may be disposed of or donated. */
  readonly arrays?: boolean
}

const copyTensor = (x: Tensor): Tensor => {
  if (!x.concrete) return x
  return x.dtype === 'key' ? random.wrapKeyData(copyTensor(random.keyData(x))) : where(true, x, x)
}

const copyArrays = (leaf: unknown): unknown => {
  if (leaf instanceof Tensor) return copyTensor(leaf)
  const variable = leaf as Variable<unknown>
  const raw = tree.map((x: unknown) => (x instanceof Tensor ? copyTensor(x) : x), variable.raw)
  return makeVariable(variable.type, raw, variable.metadata)
}

/**
 * A copy of a graph with its sharing and cycles, that shares nothing with the original but static values and, being
 * immutable, tensors. Throws TypeError for copied arrays in shared Variables.
 */
export const clone = <M>(node: M, { variables = true, arrays = false }: CloneOptions = {}): M => {
  if (arrays && !variables)
    throw new TypeError(
      'clone: If `arrays` is true, `variables` should be also true, got { variables: false }; leave it out',
    )
  const { graphdef, leaves } = flattenInterned(node)
  if (arrays) return unflatten(graphdef, leaves.map(copyArrays), { shareVariables: true })
  return unflatten(graphdef, leaves, { shareVariables: !variables })
}
