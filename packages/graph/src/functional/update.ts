import { formatPath, type PathKey, toPathKey } from '@linum/filters'
import { GraphError, StateError } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import { hasKey, isNodeKind, kindOf, type Kind, type NodeKind } from '../kinds.js'
import type { DynamicStates, UpdateOf } from '../state/state-of.js'
import { mergeState } from '../state/operations.js'
import { isEmptyState, isMapping, isState, mappingEntries } from '../state/state.js'
import { assignChecked, checkMutable, makeVariable, Variable } from '../variable/variable.js'
import { VariableState } from '../variable/variable-state.js'

/** What is to be written. Everything is looked at before anything is, so that a throwing call has changed nothing. */
class Plan {
  readonly variables: Variable<unknown>[] = []
  readonly sources: unknown[] = []
  readonly attributes: {
    readonly node: object
    readonly kind: NodeKind
    readonly key: PathKey
    readonly value: unknown
  }[] = []
  /** Where the walk is, for messages. */
  readonly path: PathKey[] = []

  variable(variable: Variable<unknown>, source: unknown): void {
    if (!(source instanceof VariableState) && isState(source)) {
      if (isEmptyState(source)) return
      throw new StateError(
        `update: expected a value for ${variable.type.name} at '${formatPath(this.path)}', got a State with keys ${Object.keys(source).join(', ')}`,
      )
    }
    checkMutable(variable)
    this.variables.push(variable)
    this.sources.push(source)
  }

  node(node: object, kind: NodeKind, state: object): void {
    if (!isState(state)) {
      for (const [key, value] of mappingEntries(state)) this.entry(node, kind, key, value)
      return
    }
    const keys = Object.keys(state)
    for (let i = 0; i < keys.length; i++) this.entry(node, kind, toPathKey(keys[i]!), state[keys[i]!])
  }

  entry(node: object, kind: NodeKind, key: PathKey, value: unknown): void {
    const current = hasKey(kind, node, key) ? kind.access.get(node, key) : undefined
    const currentKind = kindOf(current)
    this.path.push(key)
    if (currentKind.role === 'variable') this.variable(current as Variable<unknown>, value)
    else if (isNodeKind(currentKind)) this.child(current as object, currentKind, value)
    else this.attribute(node, kind, key, value)
    this.path.pop()
  }

  child(node: object, kind: NodeKind, value: unknown): void {
    if (!isMapping(value))
      throw new GraphError(
        `Expected a subgraph for '${String(this.path.at(-1))}', but got: ${show(value)}; at path '${formatPath(this.path)}'`,
      )
    this.node(node, kind, value)
  }

  attribute(node: object, kind: NodeKind, key: PathKey, value: unknown): void {
    const immutable = kind.access.set === undefined || (kind.role === 'pytree' && Object.isFrozen(node))
    if (immutable)
      throw new GraphError(
        `Cannot set key '${key}' on immutable node of type ${isState(node) ? 'State' : kind.type.name}`,
      )
    if (Array.isArray(node)) this.checkIndex(node, key)
    this.attributes.push({ node, kind, key, value })
  }

  /** Arrays grow at their end only; what is planned counts as there. */
  checkIndex(array: readonly unknown[], key: PathKey): void {
    let length = array.length
    for (const planned of this.attributes) if (planned.node === array && planned.key === length) length++
    if (typeof key === 'number' && key <= length) return
    throw new GraphError(
      `update: an array of length ${array.length} has no place for key '${key}' at '${formatPath(this.path)}'; add items in order`,
    )
  }

  apply(): void {
    for (let i = 0; i < this.variables.length; i++) write(this.variables[i]!, this.sources[i])
    for (const { node, kind, key, value } of this.attributes) kind.access.set?.(node, key, toAttribute(value))
  }
}

const write = (variable: Variable<unknown>, source: unknown): void => {
  if (source instanceof VariableState || source instanceof Variable) assignChecked(variable, source)
  else variable.setRaw(source)
}

/** A new attribute as the graph holds it: snapshots become Variables, States plain objects of such. */
const toAttribute = (value: unknown): unknown => {
  if (value instanceof VariableState) return makeVariable(value.type, value.value, value.metadata)
  if (value instanceof Variable) return value.copy()
  if (isState(value)) return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toAttribute(child)]))
  return value
}

const show = (value: unknown): string => {
  if (value instanceof VariableState || value instanceof Variable) return value.type.name
  return describeValue(value)
}

const lone = (states: readonly unknown[]): unknown => {
  const given = states.filter((state) => !isEmptyState(state))
  if (given.length !== 1) throw new StateError(`Expected exactly one non-empty state, got ${given.length}`)
  return given[0]
}

/**
 * Writes States into a live graph; its objects stay the same. A Variable takes the value and metadata of a snapshot,
 * or a raw value; a missing key is added, an absent one is left alone. Of several States the later wins. Throws
 * GraphError or StateError where a State does not fit, TraceError for captured Variables; then nothing has changed.
 */
export function update<M>(node: M, ...states: readonly NoInfer<UpdateOf<M>>[]): void
export function update<M, const S extends readonly object[]>(node: M, ...states: S & DynamicStates<M, S>): void
export function update(node: unknown, ...states: readonly unknown[]): void {
  if (states.length === 0) throw new TypeError("update() missing 1 required positional argument: 'state'")
  const kind: Kind = kindOf(node)
  const plan = new Plan()
  if (kind.role === 'variable') plan.variable(node as Variable<unknown>, lone(states))
  else if (isNodeKind(kind)) {
    const merged = states.length === 1 ? states[0] : mergeState(...(states as readonly object[]))
    if (!isMapping(merged)) throw new StateError(`update: expected a State, got ${show(merged)}`)
    plan.node(node as object, kind, merged)
  } else
    throw new TypeError(
      `update: expected a graph node, got ${show(node)}; pass a Module, a Variable, or an array or object of these`,
    )
  plan.apply()
}
