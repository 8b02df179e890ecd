import {
  add,
  divide,
  full,
  maximum,
  minimum,
  ones,
  pad,
  reduceWindow,
  ShapeError,
  type Tensor,
  type TensorLike,
  where,
  type WindowPadding,
} from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { floatOperand, numberOperand } from './operand.js'
import { checkExtent } from './parameter.js'

/**
 * What pooling does at the edges: windows inside only (`VALID`), as many as strides fit (`SAME`, or `SAME_LOWER` with
 * an odd place before), or so many places before and after each pooled axis.
 */
export type PoolPadding = WindowPadding

export interface PoolOptions {
  /** How far windows are apart: one number for all pooled axes, or one for each. 1 by default. */
  readonly strides?: number | readonly number[] | null
  /** `VALID` by default. */
  readonly padding?: PoolPadding
}

/** Combines two elements: one of these by name, or any associative and commutative function of tensors. */
export type PoolReduction = 'sum' | 'max' | 'min' | ((a: Tensor, b: Tensor) => Tensor)

interface Windows {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: PoolPadding
}

/** Windows over all axes: extent 1 over batch axes and features. */
const windowsOf = (
  fn: string,
  x: Tensor,
  window: readonly number[],
  strides: number | readonly number[] | null,
  padding: PoolPadding,
): Windows => {
  const extents = window.map((n) => checkExtent(fn, 'windowShape', n))
  const steps = (typeof strides === 'object' ? (strides ?? window.map(() => 1)) : window.map(() => strides)).map((n) =>
    checkExtent(fn, 'strides', n),
  )
  if (steps.length !== window.length)
    throw new ShapeError(
      `${fn}: strides must have one number for each axis of the window [${window.join(', ')}], got [${steps.join(', ')}]`,
    )
  const batch = x.ndim - window.length - 1
  if (batch < 0)
    throw new ShapeError(
      `${fn}: x must have ${window.length} axes for the window [${window.join(', ')}] before that of features, got shape ${formatShape(x.shape)}`,
    )
  const lead = Array.from({ length: batch }, () => 1)
  if (typeof padding !== 'string' && (padding.length !== window.length || padding.some((p) => p.length !== 2)))
    throw new ShapeError(
      `${fn}: padding must be 'SAME', 'SAME_LOWER', 'VALID' or a pair for each axis of the window [${window.join(', ')}], got ${JSON.stringify(padding)}`,
    )
  return {
    window: [...lead, ...extents, 1],
    strides: [...lead, ...steps, 1],
    padding: typeof padding === 'string' ? padding : [...lead.map((): [number, number] => [0, 0]), ...padding, [0, 0]],
  }
}

const named = { sum: add, max: maximum, min: minimum }

/** One slice of x per place in a window, combined one after the other. */
const fold = (
  fn: string,
  x: Tensor,
  init: number,
  reduce: (a: Tensor, b: Tensor) => Tensor,
  { window, strides, padding }: Windows,
): Tensor => {
  // What 'SAME' means depends on nothing but extents.
  const pairs =
    typeof padding !== 'string'
      ? padding
      : x.shape.map((n, i): readonly [number, number] => {
          if (padding === 'VALID') return [0, 0]
          const total = Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + window[i]! - n)
          return padding === 'SAME' ? [total >> 1, total - (total >> 1)] : [total - (total >> 1), total >> 1]
        })
  if (pairs.flat().some((n) => n < 0))
    throw new RangeError(`${fn}: a function of your own takes no negative padding, got ${JSON.stringify(padding)}`)
  const padded = pad(x, pairs)
  const places = padded.shape.map((n, i) => Math.max(0, Math.floor((n - window[i]!) / strides[i]!) + 1))
  const inside = pairs.flat().some((n) => n > 0) ? pad(ones(x.shape, { dtype: 'bool' }), pairs) : null
  const offsets = window.reduce<readonly (readonly number[])[]>(
    (list, n) => list.flatMap((at) => Array.from({ length: n }, (_, k) => [...at, k])),
    [[]],
  )
  const pick = (y: Tensor, at: readonly number[]): Tensor =>
    y.slice(
      ...at.map((k, i) => (places[i] === 0 ? '0:0' : `${k}:${k + (places[i]! - 1) * strides[i]! + 1}:${strides[i]}`)),
    )
  return offsets.reduce<Tensor>(
    (folded, at) => {
      const next = reduce(folded, pick(padded, at))
      return inside === null ? next : where(pick(inside, at), next, folded)
    },
    full(places, init, { dtype: x.dtype }),
  )
}

/**
 * Combines the elements of every window and, once, `init`; padding takes no part. x is
 * [...batch, ...pooled axes, features], the window has one extent per pooled axis. With a name instead of a function it
 * goes through `reduceWindow`. Throws ShapeError where window, strides and padding do not fit x.
 */
export const pool = (
  x: TensorLike,
  init: number,
  reduce: PoolReduction,
  windowShape: readonly number[],
  { strides = null, padding = 'VALID' }: PoolOptions = {},
): Tensor => {
  const t = numberOperand('pool', x)
  const windows = windowsOf('pool', t, windowShape, strides, padding)
  if (typeof reduce === 'function') return fold('pool', t, init, reduce, windows)
  if (!Object.hasOwn(named, reduce))
    throw new RangeError(`pool: unknown reduction, got '${String(reduce)}'; use 'sum', 'max', 'min' or a function`)
  return reduceWindow(t, reduce, windows.window, windows.strides, windows.padding, { init })
}

const pooling =
  (fn: string, op: 'max' | 'min') =>
  (x: TensorLike, windowShape: readonly number[], { strides = null, padding = 'VALID' }: PoolOptions = {}): Tensor => {
    const t = numberOperand(fn, x)
    const windows = windowsOf(fn, t, windowShape, strides, padding)
    return reduceWindow(t, op, windows.window, windows.strides, windows.padding)
  }

type Pooling = (x: TensorLike, windowShape: readonly number[], options?: PoolOptions) => Tensor

/** The greatest element of every window; padding takes no part. x is [...batch, ...pooled axes, features]. */
export const maxPool: Pooling = pooling('maxPool', 'max')

/** The least element of every window; padding takes no part. x is [...batch, ...pooled axes, features]. */
export const minPool: Pooling = pooling('minPool', 'min')

export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts, as zeros; true by default. */
  readonly countIncludePad?: boolean
}

/** The mean of every window. x is [...batch, ...pooled axes, features]. */
export const avgPool = (
  x: TensorLike,
  windowShape: readonly number[],
  { strides = null, padding = 'VALID', countIncludePad = true }: AvgPoolOptions = {},
): Tensor => {
  const fn = 'avgPool'
  const t = floatOperand(fn, x)
  const over = windowsOf(fn, t, windowShape, strides, padding)
  const sumOf = (y: Tensor): Tensor => reduceWindow(y, 'sum', over.window, over.strides, over.padding)
  if (countIncludePad)
    return divide(
      sumOf(t),
      windowShape.reduce((n, m) => n * m, 1),
    )
  const batch = t.ndim - windowShape.length - 1
  const counted = ones(t.shape.map((n, i) => (i < batch || i === t.ndim - 1 ? 1 : n)))
  return divide(sumOf(t), sumOf(counted))
}
