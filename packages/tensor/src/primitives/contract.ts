import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

type AxisPair = readonly [readonly number[], readonly number[]]

export interface ContractParams {
  /** Sums over `contract` axes, keeps `batch` axes paired. Result: batch, then the rest of the left, then of the right operand. */
  dot_general: { readonly contract: AxisPair; readonly batch: AxisPair }
}

export const contractTypes: RuleTable<ContractParams> = {
  dot_general: ([a, b], { contract, batch }, name) => {
    if (a!.dtype !== b!.dtype)
      throw new DtypeError(`${name}: operands must have one dtype, got ${a!.dtype} and ${b!.dtype}`)
    if (a!.dtype === 'key' || a!.dtype === 'bool') throw new DtypeError(`${name}: does not accept dtype ${a!.dtype}`)
    for (const [what, [l, r]] of [
      ['contracting', contract],
      ['batch', batch],
    ] as const) {
      const fits =
        l.length === r.length && l.every((d, i) => a!.shape[d] !== undefined && a!.shape[d] === b!.shape[r[i]!])
      if (!fits) {
        throw new ShapeError(
          `${name}: ${what} axes [${l.join(', ')}] of shape ${formatShape(a!.shape)} and [${r.join(', ')}] of ${formatShape(b!.shape)} must have equal extents`,
        )
      }
    }
    const free = (shape: readonly number[], c: readonly number[], d: readonly number[]): number[] =>
      shape.filter((_, i) => !c.includes(i) && !d.includes(i))
    const shape = [
      ...batch[0].map((d) => a!.shape[d]!),
      ...free(a!.shape, contract[0], batch[0]),
      ...free(b!.shape, contract[1], batch[1]),
    ]
    return [{ shape, dtype: a!.dtype, weak: a!.weak && b!.weak }]
  },
}
