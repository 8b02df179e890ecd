import type { Aval, DType, StoredDType } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, type Shape, sizeOf } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

/** Primitives that move elements without computing: views where fused, copies where stored. */
export interface ShapeParams {
  reshape: { readonly shape: Shape }
  /** Result axis i is operand axis perm[i]. */
  transpose: { readonly perm: readonly number[] }
  /** Operand axis i becomes result axis dims[i]; operand extents are 1 or the result's. */
  broadcast_in_dim: { readonly shape: Shape; readonly dims: readonly number[] }
  /** Per axis: from start to limit (exclusive) in positive steps. */
  slice: { readonly start: readonly number[]; readonly limit: readonly number[]; readonly stride: readonly number[] }
  /** Per axis: elements of the second operand (a scalar) before, after and between; negative low and high cut. */
  pad: { readonly low: readonly number[]; readonly high: readonly number[]; readonly interior: readonly number[] }
  concatenate: { readonly axis: number }
  rev: { readonly axes: readonly number[] }
  /** Counts 0, 1, ... along an axis. No operands. */
  iota: { readonly shape: Shape; readonly axis: number; readonly dtype: StoredDType }
  /** One value everywhere. No operands. */
  full: { readonly shape: Shape; readonly value: number | boolean; readonly dtype: StoredDType; readonly weak: boolean }
}

const withShape = (x: Aval, shape: Shape): readonly Aval[] => [{ shape, dtype: x.dtype, weak: x.weak }]

const created = (shape: Shape, dtype: DType, weak: boolean): readonly Aval[] => [{ shape, dtype, weak }]

export const shapeTypes: RuleTable<ShapeParams> = {
  reshape: ([x], { shape }, name) => {
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new ShapeError(
        `${name}: cannot reshape array of shape ${formatShape(x!.shape)} (size ${sizeOf(x!.shape)}) into shape ${formatShape(shape)} (size ${sizeOf(shape)})`,
      )
    }
    return withShape(x!, shape)
  },
  transpose: ([x], { perm }, name) => {
    if (
      perm.length !== x!.shape.length ||
      new Set(perm).size !== perm.length ||
      perm.some((p) => x!.shape[p] === undefined)
    ) {
      throw new ShapeError(
        `${name}: axes must be a permutation of the ${x!.shape.length} axes of shape ${formatShape(x!.shape)}, got [${perm.join(', ')}]`,
      )
    }
    return withShape(
      x!,
      perm.map((p) => x!.shape[p]!),
    )
  },
  broadcast_in_dim: ([x], { shape, dims }, name) => {
    const ok =
      dims.length === x!.shape.length &&
      dims.every(
        (d, i) =>
          shape[d] !== undefined && (i === 0 || d > dims[i - 1]!) && (x!.shape[i] === 1 || x!.shape[i] === shape[d]),
      )
    if (!ok)
      throw new ShapeError(
        `${name}: cannot broadcast shape ${formatShape(x!.shape)} to ${formatShape(shape)} along axes [${dims.join(', ')}]`,
      )
    return withShape(x!, shape)
  },
  slice: ([x], { start, limit, stride }, name) => {
    const out = x!.shape.map((n, i) => {
      const [a, b, s] = [start[i]!, limit[i]!, stride[i]!]
      if (!(a >= 0 && b <= n && a <= b && s >= 1)) {
        throw new ShapeError(
          `${name}: start ${a}, limit ${b}, stride ${s} do not fit axis ${i} of shape ${formatShape(x!.shape)}`,
        )
      }
      return Math.ceil((b - a) / s)
    })
    return withShape(x!, out)
  },
  pad: ([x, value], { low, high, interior }, name) => {
    if (value!.shape.length !== 0 || value!.dtype !== x!.dtype) {
      throw new DtypeError(
        `${name}: the padding value must be a scalar of dtype ${x!.dtype}, got ${value!.dtype} of shape ${formatShape(value!.shape)}`,
      )
    }
    const out = x!.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(0, n - 1) * interior[i]!)
    if (out.some((n) => n < 0))
      throw new ShapeError(`${name}: negative padding cuts more than shape ${formatShape(x!.shape)} has`)
    return withShape(x!, out)
  },
  concatenate: (xs, { axis }, name) => {
    const first = xs[0]
    if (first === undefined) throw new ShapeError(`${name}: needs at least one array`)
    for (const x of xs) {
      const fits = x.shape.length === first.shape.length && x.shape.every((d, i) => i === axis || d === first.shape[i])
      if (!fits)
        throw new ShapeError(
          `${name}: arrays must agree on every axis but ${axis}, got shapes ${xs.map((y) => formatShape(y.shape)).join(', ')}`,
        )
      if (x.dtype !== first.dtype)
        throw new DtypeError(`${name}: arrays must have one dtype, got ${xs.map((y) => y.dtype).join(', ')}`)
    }
    const shape = first.shape.map((d, i) => (i === axis ? xs.reduce((n, x) => n + x.shape[axis]!, 0) : d))
    return [{ shape, dtype: first.dtype, weak: xs.every((x) => x.weak) }]
  },
  rev: ([x]) => [x!],
  iota: (_, { shape, dtype }) => created(shape, dtype, false),
  full: (_, { shape, dtype, weak }) => created(shape, dtype, weak),
}
