import { isFloat, type StoredDType } from '../../../../core/dtype.js'
import type { PlacedKernel } from '../../../../kernel/expand-cluster.js'
import type { Expr, Index, Kernel } from '../../../../kernel/ir.js'
import type { Routine } from '../../../../program/schedule.js'
import { accumulated, call, constant, index, load } from '../build.js'
import type { RoutineSlots } from '../routines.js'

type Plan = Extract<Routine, { name: 'sort' }>

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/**
 * Counts for every element how many come before it, ties by place and NaN last, and then puts each where that says: the
 * square of their number twice.
 */
export const sortKernels = (r: Plan, types: readonly StoredDType[], slots: RoutineSlots): readonly PlacedKernel[] => {
  const { outer, length, inner } = r
  const grid = [outer, length, inner]
  const at = (axis: number): Index<number> =>
    index([
      [0, length * inner],
      [axis, inner],
      [2, 1],
    ])
  const isNaN = (x: Expr<number>): Expr<number> => call('ne', 'bool', x, x)
  const before = (x: Expr<number>, y: Expr<number>): Expr<number> => {
    const less = call('lt', 'bool', x, y)
    if (!isFloat(x.dtype)) return less
    return call('or', 'bool', less, call('and', 'bool', isNaN(y), call('not', 'bool', isNaN(x))))
  }
  // Of two places, counted: the other, axis 3, and one's own, axis 1.
  const tie: Expr<number> = {
    kind: 'guard',
    dtype: 'bool',
    tests: [
      {
        kind: 'within',
        of: index([
          [1, 1],
          [3, -1],
        ]),
        low: 1,
        high: length,
      },
    ],
    then: constant('bool', 1),
    else: constant('bool', 0),
  }
  const first = types
    .slice(0, r.keys)
    .map((dtype, k) => [load(k, dtype, at(3)), load(k, dtype, at(1))] as const)
    .reduceRight<Expr<number>>((rest, [other, own]) => {
      const same = call('not', 'bool', call('or', 'bool', before(other, own), before(own, other)))
      return call('or', 'bool', before(other, own), call('and', 'bool', same, rest))
    }, tie)
  const rank = slots.add('int32', product(grid))
  const counting: Kernel<number> = {
    grid,
    reduce: [length],
    accumulators: [{ op: 'sum', dtype: 'int32', value: call('convert', 'int32', first) }],
    inputs: types,
    outputs: [accumulated('int32')],
  }
  const placing = types.map((dtype, k): PlacedKernel => {
    // The one element whose rank is the place: found by number, then loaded.
    const own: Expr<number> = { kind: 'index', dtype: 'int32', of: index([[1, 1]]) }
    const number: Expr<number> = { kind: 'index', dtype: 'int32', of: index([[3, 1]]) }
    const found = call('eq', 'bool', load(1, 'int32', at(3)), own)
    const place: Index<number> = {
      offset: 0,
      terms: [
        ...index([
          [0, length * inner],
          [2, 1],
        ]).terms,
        { atom: { kind: 'value', of: accumulated('int32') }, factor: inner },
      ],
    }
    return {
      kernel: {
        grid,
        reduce: [length],
        accumulators: [
          { op: 'max', dtype: 'int32', value: call('select', 'int32', found, number, constant('int32', 0)) },
        ],
        inputs: [dtype, 'int32'],
        outputs: [load(0, dtype, place)],
      },
      inputs: [slots.inputs[k]!, rank],
      outputs: [slots.outputs[k]!],
    }
  })
  return [{ kernel: counting, inputs: slots.inputs, outputs: [rank] }, ...placing]
}
