import { ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

export interface SortParams {
  /** Sorts the operands together along an axis by the first one: stable, NaN last, -0 equal to 0. */
  sort: { readonly axis: number }
}

export const sortTypes: RuleTable<SortParams> = {
  sort: (xs, _params, name) => {
    const first = xs[0]!
    if (!xs.every((x) => sameShape(x.shape, first.shape))) {
      throw new ShapeError(
        `${name}: operands must have one shape, got ${xs.map((x) => formatShape(x.shape)).join(', ')}`,
      )
    }
    return xs
  },
}
