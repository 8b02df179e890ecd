import { type Aval, isFloat, isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

/** Elements before and after an axis; negative ones cut. */
export type Padding = readonly [low: number, high: number]

export interface ConvParams {
  /**
   * Operands: x of shape [batch, ...spatial, features] and a kernel [...window, features / groups, out]. Result:
   * [batch / batchGroups, ...spatial, out]. Per spatial axis the input is spread apart by `lhsDilation`, then padded
   * with zeros; the window, spread apart by `rhsDilation`, moves in `strides`. With `groups` the features, with
   * `batchGroups` the batch is cut into as many consecutive parts, and so are the out features: part i sees part i.
   */
  conv_general_dilated: {
    readonly strides: readonly number[]
    readonly padding: readonly Padding[]
    readonly lhsDilation: readonly number[]
    readonly rhsDilation: readonly number[]
    readonly groups: number
    readonly batchGroups: number
  }
}

/** The extent of `n` elements with `step - 1` gaps between neighbours. */
export const dilated = (n: number, step: number): number => (n === 0 ? 0 : (n - 1) * step + 1)

/** The number of places of a window of extent `window` that moves over `n` elements. */
export const places = (n: number, window: number, stride: number): number =>
  Math.max(0, Math.floor((n - window) / stride) + 1)

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1

/** Throws ShapeError unless there is one positive integer per axis. */
export const checkSteps = (name: string, what: string, steps: readonly number[], ndim: number): void => {
  if (steps.length !== ndim || !steps.every(isCount))
    throw new ShapeError(
      `${name}: ${what} must hold one positive integer for each of ${ndim} axes, got [${steps.join(', ')}]`,
    )
}

/** Throws ShapeError unless there is one pair of integers per axis. */
export const checkPadding = (name: string, padding: readonly Padding[], ndim: number): void => {
  if (padding.length !== ndim || !padding.every((p) => p.length === 2 && p.every(Number.isInteger)))
    throw new ShapeError(
      `${name}: padding must hold one pair of integers for each of ${ndim} axes, got ${JSON.stringify(padding)}`,
    )
}

/** The extents that a padded array has along some axes. Throws ShapeError where padding cuts more than there is. */
export const paddedExtents = (
  name: string,
  extents: readonly number[],
  dilation: readonly number[],
  padding: readonly Padding[],
): number[] => {
  const out = extents.map((n, i) => dilated(n, dilation[i]!) + padding[i]![0] + padding[i]![1])
  if (out.some((n) => n < 0))
    throw new ShapeError(
      `${name}: negative padding cuts more than there is, got padding ${JSON.stringify(padding)} for extents [${extents.join(', ')}]`,
    )
  return out
}

/** The type of a convolution's result. Throws errors that begin with `name` where the operands do not fit. */
export const convResult = (
  name: string,
  x: Aval,
  k: Aval,
  { strides, padding, lhsDilation, rhsDilation, groups, batchGroups }: ConvParams['conv_general_dilated'],
): Aval => {
  if (x.dtype !== k.dtype) throw new DtypeError(`${name}: operands must have one dtype, got ${x.dtype} and ${k.dtype}`)
  if (!isFloat(x.dtype) && !isInteger(x.dtype))
    throw new DtypeError(`${name}: does not accept dtype ${x.dtype}; convert with x.astype(...) first`)
  const ndim = x.shape.length - 2
  if (ndim < 0 || k.shape.length !== x.shape.length)
    throw new ShapeError(
      `${name}: the operand and the kernel must have the same number of axes, 2 or more, got shapes ${formatShape(x.shape)} and ${formatShape(k.shape)}`,
    )
  checkSteps(name, 'strides', strides, ndim)
  checkSteps(name, 'lhsDilation', lhsDilation, ndim)
  checkSteps(name, 'rhsDilation', rhsDilation, ndim)
  checkPadding(name, padding, ndim)
  for (const [what, n] of [
    ['groups', groups],
    ['batchGroups', batchGroups],
  ] as const)
    if (!isCount(n)) throw new ShapeError(`${name}: ${what} must be a positive integer, got ${n}`)
  if (groups > 1 && batchGroups > 1)
    throw new ShapeError(
      `${name}: only one of groups and batchGroups may be greater than 1, got ${groups} and ${batchGroups}`,
    )
  const [batch, features] = [x.shape[0]!, x.shape[ndim + 1]!]
  const [kernelFeatures, out] = [k.shape[ndim]!, k.shape[ndim + 1]!]
  if (features !== kernelFeatures * groups)
    throw new ShapeError(
      `${name}: the operand must have groups times as many features as the kernel takes, got ${features} features, ${groups} groups and a kernel for ${kernelFeatures}`,
    )
  if (out % (groups * batchGroups) !== 0)
    throw new ShapeError(
      `${name}: the kernel's out features must be a multiple of ${groups > 1 ? 'groups' : 'batchGroups'}, got ${out} and ${groups * batchGroups}`,
    )
  if (batch % batchGroups !== 0)
    throw new ShapeError(`${name}: the batch must be a multiple of batchGroups, got ${batch} and ${batchGroups}`)
  const window = k.shape.slice(0, ndim).map((n, i) => dilated(n, rhsDilation[i]!))
  const spatial = paddedExtents(name, x.shape.slice(1, -1), lhsDilation, padding).map((n, i) =>
    places(n, window[i]!, strides[i]!),
  )
  return { shape: [batch / batchGroups, ...spatial, out], dtype: x.dtype, weak: x.weak && k.weak }
}

export const convTypes: RuleTable<ConvParams> = {
  conv_general_dilated: ([x, k], params, name) => [convResult(name, x!, k!, params)],
}
