import type { TensorLike } from '../../core/array-ops.js'
import { isInteger } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { integers } from '../constant.js'
import { add, divide, floor, multiply, round, subtract } from '../elementwise/elementwise.js'
import { take } from '../indexing/indexing.js'
import { concatenate } from './join.js'
import { literalLike, toFloat, toTensor } from '../operand.js'
import { max, mean, min } from '../reduce/reduce.js'
import { broadcastTo, flip, reshape } from './shape.js'

/** Before and after. */
type Pair<T = number> = readonly [T, T]
/** One for all, one pair for all axes, or a pair per axis. */
type Pairs<T = number> = T | Pair<T> | readonly Pair<T>[]

export type PadMode =
  | 'constant'
  | 'empty'
  | 'edge'
  | 'reflect'
  | 'symmetric'
  | 'wrap'
  | 'linear_ramp'
  | 'maximum'
  | 'mean'
  | 'minimum'

export interface PadOptions {
  readonly mode?: PadMode
  /** For mode constant. Default 0. */
  readonly constantValues?: Pairs
  /** For mode linear_ramp: what the ramp ends with. Default 0. */
  readonly endValues?: Pairs
  /** For maximum, mean and minimum: how many elements of each end count. All if absent. */
  readonly statLength?: Pairs
}

const isNumbers = (x: readonly unknown[]): boolean => x.every((w) => typeof w === 'number')

const pairsOf = (value: Pairs, ndim: number): readonly Pair[] | null => {
  const every = (pair: Pair): Pair[] => Array.from({ length: ndim }, () => pair)
  if (typeof value === 'number') return every([value, value])
  if (!Array.isArray(value)) return null
  if (value.length === 0) return ndim === 0 ? [] : null
  if (isNumbers(value)) return value.length === 2 ? every(value as unknown as Pair) : null
  const pairs = value as unknown as readonly Pair[]
  if (!pairs.every((p) => Array.isArray(p) && p.length === 2 && isNumbers(p))) return null
  return pairs.length === 1 ? every(pairs[0]!) : pairs.length === ndim ? pairs : null
}

const valuesOf = (what: string, value: Pairs, ndim: number): readonly Pair[] => {
  const pairs = pairsOf(value, ndim)
  if (pairs === null)
    throw new ShapeError(`pad: ${what} must be a number, a pair, or one pair per axis, got ${JSON.stringify(value)}`)
  return pairs
}

const widen = (x: Tensor, value: number, low: readonly number[], high: readonly number[]): Tensor =>
  bind1('pad', [x, literalLike(value, x.dtype).astype(x.dtype)], { low, high, interior: low.map(() => 0) })

const constant = (x: Tensor, widths: readonly Pair[], values: readonly Pair[]): Tensor => {
  const first = values[0]![0]
  if (values.every((v) => v.every((n) => Object.is(n, first))))
    return widen(
      x,
      first,
      widths.map((w) => w[0]),
      widths.map((w) => w[1]),
    )
  return widths.reduce((t, [before, after], axis) => {
    const only = (n: number): number[] => widths.map((_, i) => (i === axis ? n : 0))
    return widen(widen(t, values[axis]![0], only(before), only(0)), values[axis]![1], only(0), only(after))
  }, x)
}

/** Which element of an axis of `n` stands at a place before or behind it. */
const mirrors: Readonly<Record<'edge' | 'reflect' | 'symmetric' | 'wrap', (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  wrap: (i, n) => ((i % n) + n) % n,
  symmetric: (i, n) => {
    const k = ((i % (2 * n)) + 2 * n) % (2 * n)
    return k < n ? k : 2 * n - 1 - k
  },
  reflect: (i, n) => {
    const period = Math.max(1, 2 * (n - 1))
    const k = ((i % period) + period) % period
    return k < n ? k : period - k
  },
}

/** Replaces the axes one after the other; those without padding stay as they are. */
const byAxis = (
  x: Tensor,
  widths: readonly Pair[],
  mode: PadMode,
  extend: (t: Tensor, axis: number, widths: Pair) => Tensor,
): Tensor =>
  widths.reduce((t, pair, axis) => {
    if (pair[0] === 0 && pair[1] === 0) return t
    if (t.shape[axis] === 0)
      throw new ShapeError(
        `pad: cannot extend empty axis ${axis} of shape ${formatShape(t.shape)} by mode '${mode}'; use mode 'constant'`,
      )
    return extend(t, axis, pair)
  }, x)

const part = (x: Tensor, axis: number, from: number, to: number): Tensor =>
  bind1('slice', [x], {
    start: x.shape.map((_, i) => (i === axis ? from : 0)),
    limit: x.shape.map((d, i) => (i === axis ? to : d)),
    stride: x.shape.map(() => 1),
  })

const around = (x: Tensor, axis: number, before: Tensor | null, after: Tensor | null): Tensor =>
  concatenate(
    [before, x, after].filter((t) => t !== null),
    { axis },
  )

const repeatedTo = (x: Tensor, axis: number, n: number): Tensor | null =>
  n === 0
    ? null
    : broadcastTo(
        x,
        x.shape.map((d, i) => (i === axis ? n : d)),
      )

const statistics = { maximum: max, mean, minimum: min }

const statistic = (
  x: Tensor,
  axis: number,
  [before, after]: Pair,
  mode: 'maximum' | 'mean' | 'minimum',
  lengths: Pair | null,
): Tensor => {
  const n = x.shape[axis]!
  const of = (from: number, to: number): Tensor => {
    const value = statistics[mode](part(x, axis, from, to), { axis, keepdims: true })
    return (isInteger(x.dtype) && mode === 'mean' ? round(value) : value).astype(x.dtype)
  }
  const [first, last] = lengths ?? [n, n]
  if (Math.min(first, last) < 1) throw new RangeError(`pad: statLength must be at least 1, got [${first}, ${last}]`)
  return around(
    x,
    axis,
    repeatedTo(of(0, Math.min(first, n)), axis, before),
    repeatedTo(of(n - Math.min(last, n), n), axis, after),
  )
}

/** From an end value towards an edge, which it does not reach: as linspace blends them. */
const ramp = (edge: Tensor, axis: number, end: number, n: number): Tensor | null => {
  if (n === 0) return null
  const shape = edge.shape.map((_, i) => (i === axis ? n : 1))
  const steps = reshape(divide(bind1('iota', [], { shape: [n], axis: 0, dtype: 'int32' }).astype('float32'), n), shape)
  const wide = toFloat('pad', edge)
  const values = add(multiply(subtract(1, steps), end), multiply(wide, steps.astype(wide.dtype)))
  return (isInteger(edge.dtype) ? floor(values) : values).astype(edge.dtype)
}

const linearRamp = (x: Tensor, axis: number, [before, after]: Pair, [low, high]: Pair): Tensor => {
  const n = x.shape[axis]!
  const end = ramp(part(x, axis, n - 1, n), axis, high, after)
  return around(x, axis, ramp(part(x, axis, 0, 1), axis, low, before), end && flip(end, { axis }))
}

/**
 * Elements before and after each axis: pairs, one pair for all axes, or one number. Modes as NumPy's: constant (default),
 * edge, reflect, symmetric, wrap, linear_ramp, maximum, mean, minimum, empty (zeros).
 */
export const pad = (x: TensorLike, widths: Pairs, options: PadOptions = {}): Tensor => {
  const t = toTensor('pad', x)
  const pairs = pairsOf(widths, t.ndim)
  if (pairs === null || !pairs.every((p) => p.every((n) => Number.isInteger(n) && n >= 0)))
    throw new ShapeError(
      `pad: needs one pair of non-negative integers per axis of shape ${formatShape(t.shape)}, got ${JSON.stringify(widths)}`,
    )
  const mode = options.mode ?? 'constant'
  if (t.ndim === 0) return t
  switch (mode) {
    case 'constant':
    case 'empty':
      return constant(t, pairs, valuesOf('constantValues', options.constantValues ?? 0, t.ndim))
    case 'edge':
    case 'reflect':
    case 'symmetric':
    case 'wrap':
      return byAxis(t, pairs, mode, (y, axis, [before, after]) => {
        const n = y.shape[axis]!
        const places = Int32Array.from({ length: before + n + after }, (_, i) => mirrors[mode](i - before, n))
        return take(y, integers(places), { axis, mode: 'clip' })
      })
    case 'linear_ramp': {
      const ends = valuesOf('endValues', options.endValues ?? 0, t.ndim)
      return byAxis(t, pairs, mode, (y, axis, pair) => linearRamp(y, axis, pair, ends[axis]!))
    }
    case 'maximum':
    case 'mean':
    case 'minimum': {
      const lengths = options.statLength === undefined ? null : valuesOf('statLength', options.statLength, t.ndim)
      return byAxis(t, pairs, mode, (y, axis, pair) => statistic(y, axis, pair, mode, lengths?.[axis] ?? null))
    }
    default:
      throw new RangeError(
        `pad: unknown mode, got '${String(mode)}'; use 'constant', 'edge', 'reflect', 'symmetric', 'wrap', 'linear_ramp', 'maximum', 'mean', 'minimum' or 'empty'`,
      )
  }
}
