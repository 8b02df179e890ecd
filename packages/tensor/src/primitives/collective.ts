import { type Aval, isFloat, isInteger } from '../core/dtype.js'
import { DtypeError } from '../core/errors.js'
import type { RuleTable } from './primitive.js'

interface NamedAxes {
  /** Distinct names of axes that running transforms have bound. */
  readonly names: readonly string[]
}

/** Operations across the entries of named axes, of which a function sees one. */
export interface CollectiveParams {
  psum: NamedAxes
  pmax: NamedAxes
  pmin: NamedAxes
  /** The operands of all entries along a new axis `dimension` of extent `size`. */
  all_gather: { readonly name: string; readonly size: number; readonly dimension: number }
  /** The number of the entry, a scalar of int32. */
  axis_index: { readonly name: string }
}

const reduction = ([x]: readonly Aval[], _: NamedAxes, name: string): readonly Aval[] => {
  if (!isFloat(x!.dtype) && !isInteger(x!.dtype))
    throw new DtypeError(`${name}: does not accept dtype ${x!.dtype}; convert with x.astype(...) first`)
  return [x!]
}

export const collectiveTypes: RuleTable<CollectiveParams> = {
  psum: reduction,
  pmax: reduction,
  pmin: reduction,
  all_gather: ([x], { size, dimension }) => [
    { ...x!, shape: [...x!.shape.slice(0, dimension), size, ...x!.shape.slice(dimension)] },
  ],
  axis_index: () => [{ shape: [], dtype: 'int32', weak: false }],
}
