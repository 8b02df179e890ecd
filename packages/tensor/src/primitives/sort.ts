import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

export interface SortParams {
  /**
   * Sorts the operands together along an axis by the first `numKeys` of them (1 if absent), an earlier one before a
   * later one: stable, NaN last, -0 equal to 0.
   */
  sort: { readonly axis: number; readonly numKeys?: number }
}

export const sortTypes: RuleTable<SortParams> = {
  sort: (xs, { numKeys = 1 }, name) => {
    const first = xs[0]!
    if (!xs.every((x) => sameShape(x.shape, first.shape))) {
      throw new ShapeError(
        `${name}: operands must have one shape, got ${xs.map((x) => formatShape(x.shape)).join(', ')}`,
      )
    }
    if (!Number.isInteger(numKeys) || numKeys < 1 || numKeys > xs.length)
      throw new RangeError(`${name}: numKeys must be between 1 and ${xs.length}, got ${numKeys}`)
    if (xs.slice(0, numKeys).some((x) => x.dtype === 'key'))
      throw new DtypeError(`${name}: random keys have no order; use random.keyData(key) for their words`)
    return xs
  },
}
