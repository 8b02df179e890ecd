import { type Aval, isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

/** What an index outside the axis does: `clip` to the nearest, read a `fill` value; written, be dropped. */
export type GatherMode = 'clip' | 'fill'
export type ScatterOp = 'set' | 'add' | 'mul' | 'min' | 'max'

export interface IndexParams {
  /**
   * Operands: x, then one integer tensor per axis in `axes`, all of one shape S. Result: S followed by the other
   * axes of x in order. Negative indices count as outside; wrap them before.
   */
  gather: { readonly axes: readonly number[]; readonly mode: GatherMode; readonly fill: number }
  /** Operands: x, then the index tensors as in gather, then updates of gather's result shape. Outside writes are dropped; `set` keeps the last. */
  scatter: { readonly axes: readonly number[]; readonly op: ScatterOp }
  /** Operands: x, then one int32 scalar per axis where the window starts, moved so that it fits. Result: the window. */
  dynamic_slice: { readonly sizes: readonly number[] }
  /** Operands: x, an update of its rank, then starts as in dynamic_slice. Result: x with the update in the window. */
  dynamic_update_slice: null
}

/** The result shape of a gather. */
export const gatherShape = (x: readonly number[], axes: readonly number[], indices: readonly number[]): number[] => [
  ...indices,
  ...x.filter((_, i) => !axes.includes(i)),
]

const checkIndices = (name: string, avals: readonly Aval[]): void => {
  for (const i of avals) {
    if (!isInteger(i.dtype))
      throw new DtypeError(`${name}: indices must be integers, got ${i.dtype}; make them with { dtype: 'int32' }`)
    if (!sameShape(i.shape, avals[0]!.shape))
      throw new ShapeError(
        `${name}: index tensors must have one shape, got ${avals.map((a) => formatShape(a.shape)).join(', ')}`,
      )
  }
}

const checkWindow = (name: string, x: Aval, sizes: readonly number[], starts: readonly Aval[]): void => {
  if (sizes.length !== x.shape.length || starts.length !== x.shape.length)
    throw new ShapeError(
      `${name}: needs one start and one size per axis of shape ${formatShape(x.shape)}, got ${starts.length} starts and ${sizes.length} sizes`,
    )
  if (sizes.some((n, i) => !Number.isInteger(n) || n < 0 || n > x.shape[i]!))
    throw new ShapeError(`${name}: a window of ${formatShape(sizes)} does not fit shape ${formatShape(x.shape)}`)
  for (const s of starts) {
    if (s.dtype !== 'int32' || s.shape.length !== 0)
      throw new DtypeError(`${name}: starts must be scalars of int32, got ${s.dtype} of shape ${formatShape(s.shape)}`)
  }
}

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
  dynamic_slice: ([x, ...starts], { sizes }, name) => {
    checkWindow(name, x!, sizes, starts)
    return [{ shape: [...sizes], dtype: x!.dtype, weak: x!.weak }]
  },
  dynamic_update_slice: ([x, update, ...starts], _params, name) => {
    checkWindow(name, x!, update!.shape, starts)
    if (update!.dtype !== x!.dtype)
      throw new DtypeError(`${name}: the update must have dtype ${x!.dtype}, got ${update!.dtype}`)
    return [x!]
  },
}
