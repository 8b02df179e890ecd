import { formatPath, type Path } from '@linum/filters'
import {
  type Aval,
  cond as pureCond,
  GraphError,
  switchCase as pureSwitch,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { baseTrace } from '@linum/tensor/core'
import { differences } from '../lift/differences.js'
import { rememberBy } from '../lift/remember.js'
import { type Extracted, extract, type Inside, insert, runInside } from '../lift/sandwich.js'
import { sameShapes, typesOf } from '../lift/values.js'
import { checkTypes, tensorPaths } from '../lift/check-types.js'

type Branch = (...operands: never[]) => unknown

/** A path of [operands, result] in the words of the caller. */
const showPath = ([side, ...path]: Path): string => formatPath(side === 0 ? path : ['result', ...path])

/** What all branches leave must be one structure of one type each, since only one of them will have run. */
const checkBranch = (fn: string, names: readonly [string, string], first: Inside, other: Inside): void => {
  const [a, b] = [first.flat.graphdef, other.flat.graphdef]
  if (!a.equals(b))
    throw new GraphError(
      `${fn}: all branches must leave the same reference and pytree structure in their operands and results, but they differ:\n${differences(a, b, [`in ${names[0]}`, `in ${names[1]}`], showPath)}\nMake the change in every branch, before or after`,
    )
  if (!sameShapes(first.values.shapes, other.values.shapes))
    throw new GraphError(
      `${fn}: a value that is no tensor must be the same in all branches, got another one in ${names[1]} than in ${names[0]}; use a tensor`,
    )
  const types: readonly Aval[] = typesOf(first.values).avals
  checkTypes(
    (got, want, path) =>
      `${fn}: all branches must give the same types, got ${want} from ${names[0]} and ${got} from ${names[1]} at '${path}'`,
    types,
    other.values.tensors,
    tensorPaths(b.paths, other.values.shapes),
    showPath,
  )
}

/** The branches as functions of the operands' tensors, and what the last of them left. */
const branchesOf = (
  fn: string,
  operands: Extracted,
  branches: readonly Branch[],
  names: readonly string[],
): { readonly pure: readonly ((tensors: readonly Tensor[]) => readonly Tensor[])[]; readonly left: () => Inside } => {
  let first: Inside | undefined
  const pure = branches.map((branch, i) => (tensors: readonly Tensor[]): readonly Tensor[] => {
    const inside = runInside(operands, branch, tensors, { liftsResult: true })
    if ((inside as unknown) instanceof Promise) return inside as never
    if (first === undefined) first = inside
    else checkBranch(fn, [names[0]!, names[i]!], first, inside)
    return inside.values.tensors
  })
  return { pure, left: () => first! }
}

const condDirect =
  (onTrue: Branch, onFalse: Branch) =>
  (pred: TensorLike, ...operands: readonly unknown[]): unknown => {
    const extracted = extract('cond', operands)
    const { pure, left } = branchesOf('cond', extracted, [onTrue, onFalse], ['onTrue', 'onFalse'])
    const tensors = pureCond(pred, pure[0]!, pure[1]!, extracted.values.tensors)
    return insert(extracted, left(), tensors)
  }

/**
 * Runs one of two functions on operands that may hold modules: what it does to them appears in the original objects.
 * Both are traced, and must leave the same structure and types; Variables that the chosen one does not touch keep
 * their values. Throws GraphError with the paths that differ.
 */
export const cond = <O extends readonly unknown[], R>(
  pred: TensorLike,
  onTrue: (...operands: O) => R,
  onFalse: (...operands: O) => R,
  ...operands: O
): R => rememberBy('cond', [onTrue, onFalse], condDirect(onTrue as Branch, onFalse as Branch))(pred, ...operands) as R

const switchDirect =
  (branches: readonly Branch[]) =>
  (index: TensorLike, ...operands: readonly unknown[]): unknown => {
    const extracted = extract('switchCase', operands)
    const { pure, left } = branchesOf(
      'switchCase',
      extracted,
      branches,
      branches.map((_, i) => `branch ${i}`),
    )
    const tensors = pureSwitch(index, pure, extracted.values.tensors)
    return insert(extracted, left(), tensors)
  }

/** As `cond`, by the number of the branch, which is clamped to those there are. */
export const switchCase = <O extends readonly unknown[], R>(
  index: TensorLike,
  branches: readonly ((...operands: O) => R)[],
  ...operands: O
): R => {
  // A number would be traced as a float.
  const i = Number.isInteger(index) ? baseTrace().literal(index as number, 'int32', false) : index
  return rememberBy(
    'switchCase',
    branches as readonly Branch[],
    switchDirect(branches as readonly Branch[]),
  )(i, ...operands) as R
}
