import { rangeOf, type StoredDType } from '../../../../core/dtype.js'
import type { Expr, Index, Kernel, ReduceOp } from '../../../../kernel/ir.js'
import type { Routine } from '../../../../program/schedule.js'
import { accumulated, call, constant, index, load } from '../build.js'

type Plan = Extract<Routine, { name: 'scatter' }>

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

const combined: Readonly<Record<Exclude<Plan['op'], 'set'>, ReduceOp & ('sum' | 'prod' | 'min' | 'max')>> = {
  add: 'sum',
  mul: 'prod',
  min: 'min',
  max: 'max',
}

/** Every element of the target runs over the updates and takes those that are for it. */
export const scatterKernel = (r: Plan, types: readonly StoredDType[]): Kernel<number> => {
  const dtype = types[0]!
  const axes = [
    ...r.extents.map((extent, k) => ({ extent, stride: r.strides[k]!, indexed: k })),
    ...r.window.shape.map((extent, k) => ({ extent, stride: r.window.strides[k]!, indexed: -1 })),
  ].sort((a, b) => b.stride - a.stride || a.extent - b.extent)
  const grid = axes.map((a) => a.extent)
  const u = grid.length
  const within = product(r.window.shape)
  const windowAxes = axes.map((a, i) => [a, i] as const).filter(([a]) => a.indexed < 0)
  const updateStrides = windowAxes.map((_, k) => product(windowAxes.slice(k + 1).map(([a]) => a.extent)))
  const update = load(
    types.length - 1,
    dtype,
    index([[u, within], ...windowAxes.map(([, i], k) => [i, updateStrides[k]!] as const)]),
  )
  const hits = axes.flatMap(({ indexed }, i): Expr<number>[] => {
    if (indexed < 0) return []
    const type = types[1 + indexed]!
    const wanted: Expr<number> = { kind: 'index', dtype: type, of: index([[i, 1]]) }
    return [call('eq', 'bool', load(1 + indexed, type, index([[u, 1]])), wanted)]
  })
  const hit = hits.length === 0 ? constant('bool', 1) : hits.reduce((x, y) => call('and', 'bool', x, y))
  const old = load(0, dtype, index(grid.map((_, i) => [i, product(grid.slice(i + 1))] as const)))
  const base = { grid, reduce: [r.updates], inputs: types }
  if (r.op === 'set') {
    // The last update for an element is the one that stays: its number plus one, 0 for none.
    const number: Expr<number> = { kind: 'index', dtype: 'int32', of: index([[u, 1]], 1) }
    const value = call('select', 'int32', hit, number, constant('int32', 0))
    const last = accumulated('int32')
    const at: Index<number> = {
      offset: -within,
      terms: [
        { atom: { kind: 'value', of: last }, factor: within },
        ...index(windowAxes.map(([, i], k) => [i, updateStrides[k]!] as const)).terms,
      ],
    }
    const taken = call('gt', 'bool', last, constant('int32', 0))
    return {
      ...base,
      accumulators: [{ op: 'max', dtype: 'int32', value }],
      outputs: [call('select', dtype, taken, load(types.length - 1, dtype, at), old)],
    }
  }
  const bool = dtype === 'bool'
  const op: ReduceOp = bool ? (r.op === 'add' || r.op === 'max' ? 'or' : 'and') : combined[r.op]
  const [low, high] = rangeOf(dtype)
  const start = { sum: 0, prod: 1, or: 0, and: 1, min: high, max: low }[op]
  const value = call('select', dtype, hit, update, constant(dtype, start))
  return {
    ...base,
    accumulators: [{ op, dtype, value }],
    outputs: [call(r.op, dtype, old, accumulated(dtype))],
  }
}
