import { type DimensionNumbers, reshape, ShapeError, type Tensor } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { featureOperand } from '../operand.js'
import { checkExtent } from '../parameter.js'
import type { TensorLike } from '@linum/tensor'

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[]

export type Pair = readonly [low: number, high: number]

/**
 * A mode by name, one number for both sides of all spatial axes, or for each spatial axis a number for both sides or a
 * pair.
 */
export type Padding<Mode extends string> = Mode | number | readonly (number | Pair)[]

const show = (x: unknown): string => JSON.stringify(x) ?? String(x)

/** A kernel size as one number per spatial axis. A number stands for one axis. */
export const kernelExtents = (layer: string, kernelSize: PerAxis): readonly number[] =>
  (typeof kernelSize === 'number' ? [kernelSize] : [...kernelSize]).map((n) => checkExtent(layer, 'kernelSize', n))

/** One positive number per spatial axis. */
export const perAxis = (layer: string, option: string, value: PerAxis | null, spatial: number): readonly number[] => {
  const list =
    typeof value === 'object' && value !== null ? [...value] : Array.from({ length: spatial }, () => value ?? 1)
  if (list.length !== spatial)
    throw new ShapeError(
      `${layer}: ${option} must be a number or have one for each of ${spatial} spatial axes, got ${show(value)}`,
    )
  return list.map((n) => checkExtent(layer, option, n))
}

const pairOf = (p: unknown): Pair | null => {
  const pair = typeof p === 'number' ? [p, p] : p
  return Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger) ? (pair as unknown as Pair) : null
}

/** The name of a mode, or one pair per spatial axis. Throws RangeError for what is neither. */
export const canonicalPadding = <Mode extends string>(
  layer: string,
  modes: readonly Mode[],
  padding: Padding<Mode>,
  spatial: number,
): Mode | readonly Pair[] => {
  if (modes.includes(padding as Mode)) return padding as Mode
  const list = typeof padding === 'number' ? Array.from({ length: spatial }, () => padding) : padding
  const pairs = Array.isArray(list) && list.length === spatial ? list.map(pairOf) : []
  if (pairs.length === spatial && !pairs.includes(null)) return pairs as readonly Pair[]
  throw new RangeError(
    `${layer}: padding must be one of ${modes.join(', ')}, an integer, or an integer or a pair of them for each of ${spatial} spatial axes, got ${show(padding)}`,
  )
}

/** The layout of Flax: features last. */
export const featuresLast = (spatial: number): DimensionNumbers => {
  const letters = '0123456789'.slice(0, spatial)
  return [`N${letters}C`, `${letters}IO`, `N${letters}C`]
}

/** x with one batch axis, and the way back: any number of batch axes become one. */
export const oneBatchAxis = (
  fn: string,
  x: TensorLike,
  spatial: number,
  features: number,
): readonly [flat: Tensor, restore: (y: Tensor) => Tensor] => {
  const t = featureOperand(fn, x, features, 'inFeatures')
  const batch = t.ndim - spatial - 1
  if (batch < 0)
    throw new ShapeError(
      `${fn}: x must have ${spatial} spatial axes before that of features, got shape ${formatShape(t.shape)}`,
    )
  if (batch === 1) return [t, (y) => y]
  const lead = t.shape.slice(0, batch)
  const count = lead.reduce((n, m) => n * m, 1)
  return [reshape(t, [count, ...t.shape.slice(batch)]), (y) => reshape(y, [...lead, ...y.shape.slice(1)])]
}
