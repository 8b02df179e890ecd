import { isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

/** What an index outside the axis does: `clip` to the nearest, read a `fill` value; written, be dropped. */
export type GatherMode = 'clip' | 'fill'
export type ScatterOp = 'set' | 'add'

export interface IndexParams {
  /**
   * Operands: x, then one integer tensor per axis in `axes`, all of one shape S. Result: S followed by the other
   * axes of x in order. Negative indices count as outside; wrap them before.
   */
  gather: { readonly axes: readonly number[]; readonly mode: GatherMode; readonly fill: number }
  /** Operands: x, then the index tensors as in gather, then updates of gather's result shape. Outside writes are dropped; `set` keeps the last. */
  scatter: { readonly axes: readonly number[]; readonly op: ScatterOp }
}

/** The result shape of a gather. */
export const gatherShape = (x: readonly number[], axes: readonly number[], indices: readonly number[]): number[] => [
  ...indices,
  ...x.filter((_, i) => !axes.includes(i)),
]

const checkIndices = (name: string, avals: RuleAvals): void => {
  for (const i of avals) {
    if (!isInteger(i.dtype))
      throw new DtypeError(`${name}: indices must be integers, got ${i.dtype}; make them with { dtype: 'int32' }`)
    if (!sameShape(i.shape, avals[0]!.shape))
      throw new ShapeError(
        `${name}: index tensors must have one shape, got ${avals.map((a) => formatShape(a.shape)).join(', ')}`,
      )
  }
}
type RuleAvals = Parameters<RuleTable<IndexParams>['gather']>[0]

export const indexTypes: RuleTable<IndexParams> = {
  gather: ([x, ...indices], { axes }, name) => {
    checkIndices(name, indices)
    return [{ shape: gatherShape(x!.shape, axes, indices[0]!.shape), dtype: x!.dtype, weak: x!.weak }]
  },
  scatter: (avals, { axes }, name) => {
    const [x, ...indices] = avals.slice(0, -1)
    const updates = avals[avals.length - 1]!
    checkIndices(name, indices)
    const want = gatherShape(x!.shape, axes, indices[0]!.shape)
    if (!sameShape(want, updates.shape))
      throw new ShapeError(`${name}: updates must have shape ${formatShape(want)}, got ${formatShape(updates.shape)}`)
    if (updates.dtype !== x!.dtype)
      throw new DtypeError(`${name}: updates must have dtype ${x!.dtype}, got ${updates.dtype}`)
    return [x!]
  },
}
