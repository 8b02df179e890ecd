import { type Aval, isFloat, isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

interface Axes {
  /** Sorted and distinct; removed from the result. */
  readonly axes: readonly number[]
}

export interface ReduceParams {
  reduce_sum: Axes
  reduce_prod: Axes
  reduce_max: Axes
  reduce_min: Axes
  reduce_and: Axes
  reduce_or: Axes
  /** Index of the first greatest element, NaN counting as greatest; int32. */
  argmax: { readonly axis: number }
  argmin: { readonly axis: number }
  /** Running totals along an axis. */
  cumsum: { readonly axis: number; readonly reverse: boolean }
}

const drop = (x: Aval, axes: readonly number[]): number[] => x.shape.filter((_, i) => !axes.includes(i))

const reduce =
  (accepts: (dtype: Aval['dtype']) => boolean, needsElements = false) =>
  ([x]: readonly Aval[], { axes }: Axes, name: string): readonly Aval[] => {
    if (!accepts(x!.dtype)) throw new DtypeError(`${name}: does not accept dtype ${x!.dtype}`)
    if (needsElements && axes.some((a) => x!.shape[a] === 0)) {
      throw new ShapeError(
        `${name}: zero-size array of shape ${formatShape(x!.shape)} has no identity for this reduction; give { initial }`,
      )
    }
    return [{ shape: drop(x!, axes), dtype: x!.dtype, weak: x!.weak }]
  }

const isNumber = (dtype: Aval['dtype']): boolean => isFloat(dtype) || isInteger(dtype)

const argument = ([x]: readonly Aval[], { axis }: { readonly axis: number }, name: string): readonly Aval[] => {
  if (x!.dtype === 'key') throw new DtypeError(`${name}: does not accept dtype key`)
  if (x!.shape[axis] === 0)
    throw new ShapeError(`${name}: attempt to get ${name} of an empty sequence, got shape ${formatShape(x!.shape)}`)
  return [{ shape: drop(x!, [axis]), dtype: 'int32', weak: false }]
}

export const reduceTypes: RuleTable<ReduceParams> = {
  reduce_sum: reduce(isNumber),
  reduce_prod: reduce(isNumber),
  reduce_max: reduce((d) => d !== 'key', true),
  reduce_min: reduce((d) => d !== 'key', true),
  reduce_and: reduce((d) => d === 'bool'),
  reduce_or: reduce((d) => d === 'bool'),
  argmax: argument,
  argmin: argument,
  cumsum: ([x], _params, name) => {
    if (!isNumber(x!.dtype)) throw new DtypeError(`${name}: does not accept dtype ${x!.dtype}`)
    return [x!]
  },
}
