import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { checkAxis, checkShape, formatShape, type Shape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../core/trace.js'
import { add, log, multiply, subtract } from '../ops/elementwise/elementwise.js'
import { iota } from '../ops/create/create.js'
import { slice, take } from '../ops/indexing/indexing.js'
import { toFloat, toTensor } from '../ops/operand.js'
import { topK } from '../ops/order/order.js'
import { cumsum } from '../ops/reduce/reduce.js'
import { reshape } from '../ops/shape/shape.js'
import { searchsorted } from '../ops/order/searchsorted.js'
import { gumbel, type GumbelOptions } from './continuous.js'
import { drawBits, drawUnit, filled, scalarKey } from './draw.js'
import { split } from './key.js'
import { randint } from './samplers.js'

export interface PermutationOptions {
  readonly axis?: number
  /** Shuffle every lane along the axis on its own instead of moving whole slices. */
  readonly independent?: boolean
}

/** Sorts lanes by fresh random words, often enough that equal words favour no order; 2 rounds from 1626 elements on. */
const shuffle = (key: Tensor, x: Tensor, axis: number): Tensor => {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, x.size))) / Math.log(2 ** 32 - 1))
  let rest = key
  let order = x
  for (let i = 0; i < rounds; i++) {
    const keys = split(rest)
    rest = keys.slice(0)
    order = bind('sort', [drawBits(keys.slice(1), x.shape), order], { axis })[1]!
  }
  return order
}

const checkCount = (fn: string, n: number): number => {
  if (!Number.isInteger(n) || n < 0) throw new TypeError(`random.${fn}: n must be a non-negative integer, got ${n}`)
  return n
}

/** The numbers below n, or the slices of an array along an axis, in random order. */
export const permutation = (key: TensorLike, nOrX: TensorLike, options: PermutationOptions = {}): Tensor => {
  const k = scalarKey('permutation', key)
  if (typeof nOrX === 'number') return shuffle(k, iota([checkCount('permutation', nOrX)], 0), 0)
  const x = toTensor('random.permutation', nOrX)
  if (x.ndim === 0)
    throw new ShapeError('random.permutation: a 0-dimensional tensor has no order; give a number or an array')
  const axis = checkAxis('random.permutation', options.axis ?? 0, x.ndim)
  if (options.independent === true) return shuffle(k, x, axis)
  return take(x, shuffle(k, iota([x.shape[axis]!], 0), 0), { axis })
}

export interface ChoiceOptions {
  /** The shape of the sample; default []. */
  readonly shape?: Shape
  /** Whether one can be drawn again; default true. */
  readonly replace?: boolean
  /** The probability of each; all alike if absent. */
  readonly p?: TensorLike
  /** The axis of an array whose slices are drawn. */
  readonly axis?: number
  readonly mode?: NonNullable<GumbelOptions['mode']>
}

/** Positions drawn with probabilities. */
const weighted = (key: Tensor, n: number, shape: Shape, p: Tensor, options: ChoiceOptions): Tensor => {
  if (p.ndim !== 1 || p.size !== n)
    throw new ShapeError(
      `random.choice: p must hold one probability for each of ${n}, got shape ${formatShape(p.shape)}`,
    )
  if (options.replace !== false) {
    const total = cumsum(p)
    const r = multiply(slice(total, -1), subtract(1, drawUnit(key, shape, p.dtype as 'float32')))
    return searchsorted(total, r)
  }
  // The greatest of logarithms with Gumbel noise are a sample without replacement.
  const noisy = add(gumbel(key, [n], { dtype: p.dtype, mode: options.mode ?? 'low' }), log(p))
  return topK(noisy, sizeOf(shape))[1]
}

/** A sample of the numbers below n, or of the slices of an array along an axis. */
export const choice = (key: TensorLike, a: TensorLike, options: ChoiceOptions = {}): Tensor => {
  const k = scalarKey('choice', key)
  const shape = checkShape('random.choice', options.shape ?? [])
  const x = typeof a === 'number' ? null : toTensor('random.choice', a)
  if (x?.ndim === 0)
    throw new ShapeError('random.choice: a 0-dimensional tensor has no slices; give a number or an array')
  const axis = x === null ? 0 : checkAxis('random.choice', options.axis ?? 0, x.ndim)
  const n = x === null ? checkCount('choice', a as number) : x.shape[axis]!
  const draws = sizeOf(shape)
  const target = x === null ? [...shape] : [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)]
  if (draws === 0)
    return x === null
      ? filled(target, 0, 'int32')
      : reshape(slice(x, ...x.shape.slice(0, axis).map(() => ':'), [0, 0]), target)
  if (n === 0) throw new RangeError('random.choice: there is nothing to draw from')
  if (options.replace === false && draws > n)
    throw new RangeError(`random.choice: cannot draw ${draws} of ${n} without replacement`)
  if (options.p === undefined && options.replace === false) {
    const order = x === null ? permutation(k, n) : permutation(k, x, { axis })
    return reshape(slice(order, ...target.slice(0, axis).map(() => ':'), [0, draws]), target)
  }
  const positions =
    options.p === undefined
      ? randint(k, shape, 0, n)
      : weighted(k, n, shape, toFloat('random.choice', options.p), options)
  return reshape(x === null ? positions : take(x, positions, { axis }), target)
}
