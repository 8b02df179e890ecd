import { isHalf, type StoredDType } from '../../../core/dtype.js'
import { finfo } from '../../../core/limits.js'
import type { Expr, Kernel } from '../../../kernel/ir.js'
import { call, constant, index, load } from './build.js'

/** The number next to each of the first operand's in the direction of the second's: one more or less as an integer. */
export const nextAfter = (dtype: StoredDType, length: number): Kernel<number> => {
  const integer: StoredDType = isHalf(dtype) ? 'int16' : 'int32'
  const [x, y] = [0, 1].map((k) => load(k, dtype, index([[0, 1]]))) as [Expr<number>, Expr<number>]
  const zero = constant(dtype, 0)
  const bits = call('bitcast', integer, x)
  // By its bits: a driver may take the least numbers for 0.
  const positive = call('gt', 'bool', bits, constant(integer, 0))
  const outwards = call('eq', 'bool', call('gt', 'bool', y, x), positive)
  const step = call('select', integer, outwards, constant(integer, 1), constant(integer, -1))
  const moved = call('bitcast', dtype, call('add', integer, bits, step))
  const { nmant, minexp } = finfo(dtype)
  const least = 2 ** (minexp - nmant)
  const fromZero = call('select', dtype, call('gt', 'bool', y, zero), constant(dtype, least), constant(dtype, -least))
  const isZero = call('eq', 'bool', call('shift_left', integer, bits, constant(integer, 1)), constant(integer, 0))
  const next = call('select', dtype, isZero, fromZero, moved)
  const isNaN = call('or', 'bool', call('ne', 'bool', x, x), call('ne', 'bool', y, y))
  const result = call(
    'select',
    dtype,
    isNaN,
    constant(dtype, NaN),
    call('select', dtype, call('eq', 'bool', x, y), y, next),
  )
  return { grid: [length], reduce: [], accumulators: [], inputs: [dtype, dtype], outputs: [result] }
}
