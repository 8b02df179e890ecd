import type { StoredDType } from '../../../../core/dtype.js'
import type { Expr, Kernel } from '../../../../kernel/ir.js'
import type { Routine } from '../../../../program/schedule.js'
import { accumulated, constant, index, load } from '../build.js'

type Plan = Extract<Routine, { name: 'cumsum' }>

/** Every element sums all that come before it, which takes the square of their number. */
export const cumsumKernel = (r: Plan, [dtype]: readonly StoredDType[]): Kernel<number> => {
  const x = load(
    0,
    dtype!,
    index([
      [0, r.length * r.inner],
      [3, r.inner],
      [2, 1],
    ]),
  )
  const ahead = index(
    r.reverse
      ? [
          [3, 1],
          [1, -1],
        ]
      : [
          [1, 1],
          [3, -1],
        ],
  )
  const value: Expr<number> = {
    kind: 'guard',
    dtype: dtype!,
    tests: [{ kind: 'within', of: ahead, low: 0, high: r.length }],
    then: x,
    else: constant(dtype!, 0),
  }
  return {
    grid: [r.outer, r.length, r.inner],
    reduce: [r.length],
    accumulators: [{ op: 'sum', dtype: dtype!, value }],
    inputs: [dtype!],
    outputs: [accumulated(dtype!)],
  }
}
