import { add, ArrayOps, asarray, GraphError, Tensor, type TensorLike, zerosLike } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import { setOwn } from '../keys.js'
import { makeVariable, Variable, type VariableClass } from '../variable/variable.js'

export interface SowOptions<A = unknown, B = unknown> {
  /** What is kept of what was kept before and the new value. Appends to an array by default. */
  reduce?(kept: B, value: A): B
  /** What is kept before the first value. An empty array by default. */
  init?(): B
}

/** The attribute by which a Module knows that its values are being captured. It travels through transforms. */
export const capturesKey = '__captures__'

/** Captured values: one object of Variables by name per type. */
export interface Captures {
  readonly types: readonly VariableClass[]
  readonly values: readonly Record<string, Variable<unknown>>[]
  /** The type in which the results of methods are noted, or null. */
  readonly outputs: VariableClass | null
}

/** What `capture` gave a Module for the time of its call. */
export const capturesOf = (module: object): Captures | undefined =>
  (module as { readonly [capturesKey]?: Captures })[capturesKey]

/** Where values of a type go: an object of Variables, or null where nobody asked for them. */
const targetOf = (module: object, type: VariableClass): Record<string, Variable<unknown>> | null => {
  const captures = capturesOf(module)
  if (captures === undefined) return module as Record<string, Variable<unknown>>
  return captures.values[captures.types.indexOf(type)] ?? null
}

/** The Variable of that name. Throws GraphError where something else has it. */
const existing = (
  target: Record<string, unknown>,
  name: string,
  fits: (variable: Variable<unknown>) => boolean,
  type: VariableClass,
): Variable<unknown> | null => {
  if (!(name in target)) return null
  const found = target[name]
  if (!(found instanceof Variable))
    throw new GraphError(`Expected '${name}' to be a Variable, got ${describeValue(found)}; choose another name`)
  if (fits(found)) return found as Variable<unknown>
  throw new GraphError(`Expected '${name}' to be of type '${type.name}', got '${found.type.name}'; choose another name`)
}

const append = (kept: unknown, value: unknown): unknown => [...(kept as readonly unknown[]), value]

/** What `Module.sow` does. */
export const sow = (
  module: object,
  type: VariableClass,
  name: string,
  value: unknown,
  { reduce = append, init = () => [] }: SowOptions = {},
): boolean => {
  const target = targetOf(module, type)
  if (target === null) return false
  const plain = value instanceof ArrayOps && !(value instanceof Tensor) ? value.asTensor() : value
  const variable = existing(target, name, (v) => v.type === type, type)
  if (variable === null) setOwn(target, name, makeVariable(type, reduce(init(), plain), {}))
  else variable.value = reduce(variable.value, plain)
  return true
}

/** What `Module.perturb` does. */
export const perturb = (module: object, type: VariableClass, name: string, value: TensorLike): Tensor => {
  const target = targetOf(module, type)
  if (target === null) return asarray(value)
  const variable = existing(target, name, (v) => v instanceof type, type) ?? makeVariable(type, zerosLike(value), {})
  setOwn(target, name, variable)
  return add(variable.value as Tensor, value)
}
