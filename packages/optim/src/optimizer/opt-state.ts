import { type Metadata, OptArray, type OptState, OptVariable, Variable, VariableState } from '@linum/graph'
import { ArrayOps, StateError, Tensor, tree } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { isArray, isLevel, mapLevel, sameKeys } from '../level.js'

/** The state of a transformation whose leaves are Variables. */
export type OptStateTree = tree.Tree<OptState<unknown>>

// The hooks are about the values of the parameter, not about its momentum.
const withoutHooks = ({
  onCreateValue: _,
  onGetValue: __,
  onSetValue: ___,
  ...metadata
}: Metadata<unknown>): Metadata => metadata

/** A tensor to be stored. Numbers and booleans become one, and weak types are settled. */
const toStoredTensor = (fn: string, x: unknown): unknown => {
  if (!(x instanceof ArrayOps) && typeof x !== 'number' && typeof x !== 'boolean') {
    throw new TypeError(
      `${fn}: the state of a transformation is made of arrays, plain objects, tensors and null, got ${typeof x === 'object' ? x?.constructor.name : typeof x}`,
    )
  }
  const t = toTensor(fn, x)
  return t.weak ? t.astype(t.dtype) : t
}

/**
 * First state as Variables: what stands in the place of a parameter's snapshot becomes an OptVariable with its metadata,
 * any other tensor an OptArray.
 */
export const toOptState = (state: unknown): OptStateTree => {
  if (state === null || state === undefined) return state
  if (state instanceof VariableState) {
    const { value } = state as VariableState<unknown>
    return value === null
      ? null
      : new OptVariable(
          tree.map((x: unknown) => toStoredTensor('init', x), value),
          withoutHooks(state.metadata),
        )
  }
  if (isArray(state)) return state.map(toOptState)
  if (isLevel(state)) return mapLevel(toOptState, state) as OptStateTree
  return new OptArray<unknown>(toStoredTensor('init', state))
}

/** The values alone. */
export const rawOptState = (state: unknown): unknown => {
  if (state instanceof Variable) return state.raw
  if (isArray(state)) return state.map(rawOptState)
  return isLevel(state) ? mapLevel(rawOptState, state) : state
}

/** A Variable and what is to be written into it. */
export interface Write {
  readonly variable: Variable<unknown>
  readonly value: unknown
}

const refuse = (path: tree.Path, what: string): never => {
  throw new StateError(
    `update: the transformation returned another structure of state than before at optState${tree.keystr(path)}, ${what}; \`update\` must return what \`init\` did, with other values`,
  )
}

/** The next value of every Variable. Throws StateError where the new state is not of the structure of the old. */
export const planWrites = (
  state: unknown,
  next: unknown,
  path: tree.Path = [],
  writes: Write[] = [],
): readonly Write[] => {
  if (state instanceof Variable) {
    if (next instanceof Tensor && state.raw instanceof Tensor)
      writes.push({ variable: state, value: toStoredTensor('update', next) })
    else if (!tree.structure(next).equals(tree.structure(state.raw))) return refuse(path, 'where there is a tensor')
    else writes.push({ variable: state, value: tree.map((x: unknown) => toStoredTensor('update', x), next) })
  } else if (isArray(state)) {
    if (!isArray(next) || next.length !== state.length) return refuse(path, `expected an array of ${state.length}`)
    state.forEach((child, i) => planWrites(child, next[i], [...path, i], writes))
  } else if (isLevel(state)) {
    if (!isLevel(next) || !sameKeys(state, next))
      return refuse(path, `expected keys ${Object.keys(state).join(', ') || '(none)'}`)
    for (const key of Object.keys(state)) planWrites(state[key], next[key], [...path, key], writes)
  } else if (state !== next) refuse(path, 'where there is no tensor')
  return writes
}
