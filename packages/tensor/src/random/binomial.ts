import type { TensorLike } from '../core/array-ops.js'
import type { StoredDType } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import { ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { array } from '../ops/create/create.js'
import {
  abs,
  add,
  ceil,
  clip,
  divide,
  equal,
  floor,
  greater,
  greaterEqual,
  isinf,
  isnan,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  multiply,
  negative,
  sqrt,
  stopGradient,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { take } from '../ops/indexing/indexing.js'
import { any, cumsum } from '../ops/reduce/reduce.js'
import { promoteFloats } from '../ops/operand.js'
import { flip, moveaxis } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { scan, whileLoop } from '../program/control.js'
import { drawShape, drawUnit, filled, floatType, scalarKey, type ShapedOptions, spread } from './draw.js'
import { split } from './key.js'

/** log k! minus Stirling's approximation, for k from 0 to 9. */
const tails = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
]

/** The same for any k, from the first terms of its series beyond 9. */
const stirlingTail = (k: Tensor): Tensor => {
  const square = multiply(add(k, 1), add(k, 1))
  const inner = subtract(1 / 360, divide(1 / 1260, square))
  const series = divide(subtract(1 / 12, divide(inner, square)), add(k, 1))
  const table = array(tails, { dtype: k.dtype })
  return where(lessEqual(k, 9), take(table, floor(clip(k, 0, 9)).astype('int32'), { mode: 'clip' }), series)
}

/** Geometric waiting times added up until they exceed the number of trials. */
const byInversion = (key: Tensor, count: Tensor, p: Tensor, shape: Shape, dtype: StoredDType): Tensor => {
  const failure = log1p(negative(p))
  const { successes } = whileLoop(
    ({ total }) => any(lessEqual(total, count)),
    ({ total, successes: before, key: last }) => {
      const keys = split(last)
      const wait = ceil(divide(log(drawUnit(keys.slice(0), shape, dtype)), failure))
      return {
        total: add(total, wait),
        successes: where(lessEqual(total, count), add(before, 1), before),
        key: keys.slice(1),
      }
    },
    { total: filled(shape, 0, dtype), successes: filled(shape, 0, dtype), key },
  )
  return subtract(successes, 1)
}

/** Transformed rejection with squeeze: Hörmann, "The generation of binomial random variates", 1993. */
const byRejection = (key: Tensor, count: Tensor, p: Tensor, shape: Shape, dtype: StoredDType): Tensor => {
  const deviation = sqrt(multiply(multiply(count, p), subtract(1, p)))
  const b = add(multiply(deviation, 2.53), 1.15)
  const a = add(add(multiply(b, 0.0248), -0.0873), multiply(p, 0.01))
  const c = add(multiply(count, p), 0.5)
  const limit = subtract(0.92, divide(4.2, b))
  const odds = divide(p, subtract(1, p))
  const alpha = multiply(add(divide(5.1, b), 2.83), deviation)
  const m = floor(multiply(add(count, 1), p))
  const rest = add(subtract(count, m), 1)
  const { k } = whileLoop(
    ({ accepted }) => any(logicalNot(accepted)),
    ({ k: found, accepted, key: last }) => {
      const keys = split(last, 3)
      const u = subtract(drawUnit(keys.slice(1), shape, dtype), 0.5)
      const v = drawUnit(keys.slice(2), shape, dtype)
      const inner = subtract(0.5, abs(u))
      const inside = logicalAnd(greaterEqual(inner, 0.07), lessEqual(v, limit))
      const successes = floor(add(multiply(add(divide(multiply(a, 2), inner), b), u), c))
      const reject = logicalOr(less(successes, 0), greater(successes, count))
      const left = add(subtract(count, successes), 1)
      const terms = [
        multiply(add(m, 0.5), log(divide(add(m, 1), multiply(odds, rest)))),
        multiply(add(count, 1), log(divide(rest, left))),
        multiply(add(successes, 0.5), log(divide(multiply(odds, left), add(successes, 1)))),
        stirlingTail(m),
        stirlingTail(subtract(count, m)),
        negative(stirlingTail(successes)),
        negative(stirlingTail(subtract(count, successes))),
      ]
      const bound = terms.reduce((x, y) => add(x, y))
      const weighed = log(divide(multiply(v, alpha), add(divide(a, multiply(inner, inner)), b)))
      const accept = logicalOr(inside, logicalAnd(logicalNot(reject), lessEqual(weighed, bound)))
      return { k: where(accept, successes, found), accepted: logicalOr(accepted, accept), key: keys.slice(0) }
    },
    // Infinitely many trials would never be accepted.
    { k: filled(shape, -1, dtype), accepted: logicalOr(isinf(count), filled(shape, 0, 'bool')), key },
  )
  return k
}

/** The number of successes of n trials with probability p each, in floating point; NaN for a bad n or p. Not differentiable. */
export const binomial = (key: TensorLike, n: TensorLike, p: TensorLike, options: ShapedOptions = {}): Tensor => {
  const target = floatType('binomial', options.dtype)
  const [trials, chance] = promoteFloats('random.binomial', [n, p]).map(stopGradient) as [Tensor, Tensor]
  const dtype = chance.dtype as StoredDType
  const shape = drawShape('binomial', options.shape, trials, chance)
  const k = scalarKey('binomial', key)
  const [count, prob] = [spread(trials, shape), spread(chance, shape)]
  const rare = less(prob, 0.5)
  const q = where(rare, prob, subtract(1, prob))
  const badCount = logicalOr(isnan(count), less(count, 0))
  const badChance = logicalOr(isnan(q), less(q, 0))
  const safe = where(badChance, 0.01, q)
  const inverts = logicalOr(badCount, lessEqual(multiply(count, safe), 10))
  const whole = floor(count)
  const drawn = where(
    inverts,
    byInversion(k, where(inverts, whole, 0), safe, shape, dtype),
    byRejection(k, where(inverts, 1e4, whole), where(inverts, 0.5, safe), shape, dtype),
  )
  const invalid = logicalOr(badChance, badCount)
  const endless = logicalAnd(isinf(count), logicalNot(invalid))
  const samples = where(endless, Infinity, where(invalid, NaN, drawn))
  const keeps = [rare, badCount, isnan(q), isinf(count)].reduce((x, y) => logicalOr(x, y))
  return where(keeps, samples, subtract(whole, samples)).astype(target)
}

/** How often each class along the last axis of `p` occurs in n draws, in floating point. `shape` includes the classes. */
export const multinomial = (key: TensorLike, n: TensorLike, p: TensorLike, options: ShapedOptions = {}): Tensor => {
  const target = floatType('multinomial', options.dtype)
  const [trials, chance] = promoteFloats('random.multinomial', [n, p]).map(stopGradient) as [Tensor, Tensor]
  if (chance.ndim === 0) throw new ShapeError('random.multinomial: p needs an axis of classes, got a scalar')
  const shape = drawShape('multinomial', options.shape ?? chance.shape, chance)
  const classes = moveaxis(spread(chance, shape), -1, 0)
  const remaining = flip(cumsum(flip(classes, { axis: 0 }), { axis: 0 }), { axis: 0 })
  const ratios = divide(classes, where(equal(remaining, 0), 1, remaining))
  const keys = split(scalarKey('multinomial', key), classes.shape[0]!)
  const [, counts] = scan(
    (left: Tensor, [ratio, own]: readonly [Tensor, Tensor]): readonly [Tensor, Tensor] => {
      const count = binomial(own, left, clip(ratio, 0, 1), { dtype: left.dtype })
      return [subtract(left, count), count]
    },
    spread(trials, shape.slice(0, -1)),
    [ratios, keys] as readonly [Tensor, Tensor],
  )
  return moveaxis(counts, 0, -1).astype(target)
}
