import { rangeOf } from '../../../core/dtype.js'
import { mapIndices } from '../../../kernel/collapse.js'
import type { PlacedKernel } from '../../../kernel/expand-cluster.js'
import type { Expr, Index, Kernel, ReduceOp } from '../../../kernel/ir.js'
import type { AddSlot } from './flatten.js'

/** Elements that one fragment runs over where there is a choice: long loops are slow, and their sums inexact. */
const longest = 512

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

const mergeable: ReadonlySet<ReduceOp> = new Set<ReduceOp>(['sum', 'prod', 'max', 'min', 'and', 'or'])
/** What changes nothing: the elements that fill up the last part. */
const identity: Readonly<Partial<Record<ReduceOp, number>>> = {
  sum: 0,
  prod: 1,
  and: 1,
  or: 0,
  max: -Infinity,
  min: Infinity,
}

/** The loop that is cut, into how many parts, and how long each is. */
const cutOf = (
  kernel: Kernel<number>,
): { readonly axis: number; readonly parts: number; readonly each: number } | null => {
  const total = product(kernel.reduce)
  if (total <= 2 * longest || kernel.accumulators.some((a) => !mergeable.has(a.op))) return null
  const axis = kernel.reduce.indexOf(Math.max(...kernel.reduce))
  const extent = kernel.reduce[axis]!
  const parts = Math.min(extent, Math.max(2, Math.min(Math.ceil(Math.sqrt(total)), Math.ceil(total / longest))))
  const each = Math.ceil(extent / parts)
  return { axis, parts: Math.ceil(extent / each), each }
}

/**
 * A kernel with a long reduction as one that reduces parts and one that reduces their results. Parts are as many as they
 * are long, or a little more, so that the order of a sum depends on the extents alone.
 */
export const splitReduction = (
  kernel: Kernel<number>,
  inputs: readonly number[],
  outputs: readonly number[],
  add: AddSlot,
): readonly PlacedKernel[] => {
  const cut = cutOf(kernel)
  if (cut === null) return [{ kernel, inputs, outputs }]
  const { grid, reduce, accumulators } = kernel
  const { axis, parts, each } = cut
  const rank = grid.length
  // The new axis of parts is the grid's last: those of the reduction move on by one.
  const whole: Index<number> = {
    offset: 0,
    terms: [
      { atom: { kind: 'axis', axis: rank }, factor: each },
      { atom: { kind: 'axis', axis: rank + 1 + axis }, factor: 1 },
    ],
  }
  const moved = mapIndices({ ...kernel, outputs: [] }, (x) => ({
    offset: x.offset,
    terms: x.terms.flatMap((t) => {
      if (t.atom.kind !== 'axis' || t.atom.axis < rank) return [t]
      if (t.atom.axis !== rank + axis) return [{ ...t, atom: { kind: 'axis' as const, axis: t.atom.axis + 1 } }]
      return whole.terms.map(({ atom, factor }) => ({ atom, factor: factor * t.factor }))
    }),
  }))
  const extent = reduce[axis]!
  const ragged = parts * each > extent
  const kernels = accumulators.map((a, k): PlacedKernel & { readonly slot: number } => {
    const { value } = moved.accumulators[k]!
    const guarded: Expr<number> = {
      kind: 'guard',
      dtype: value.dtype,
      tests: [{ kind: 'within', of: whole, low: 0, high: extent }],
      then: value,
      else: { kind: 'const', dtype: value.dtype, value: startOf(a.op, value.dtype) },
    }
    const dtype = a.dtype === 'float16' || a.dtype === 'bfloat16' ? 'float32' : a.dtype
    const slot = add(dtype, product(grid) * parts)
    return {
      slot,
      kernel: {
        grid: [...grid, parts],
        reduce: reduce.map((n, r) => (r === axis ? each : n)),
        accumulators: [{ op: a.op, dtype, value: ragged ? guarded : value }],
        inputs: kernel.inputs,
        outputs: [{ kind: 'acc', dtype, acc: 0 }],
      },
      inputs,
      outputs: [slot],
    }
  })
  const strides = [...grid, parts].map((_, i) => product([...grid, parts].slice(i + 1)))
  const place: Index<number> = {
    offset: 0,
    terms: strides.map((factor, i) => ({ atom: { kind: 'axis', axis: i }, factor })),
  }
  const last: Kernel<number> = {
    grid,
    reduce: [parts],
    accumulators: accumulators.map((a, k) => {
      const { dtype } = kernels[k]!.kernel.outputs[0]!
      return { ...a, value: { kind: 'load', dtype, input: kernel.inputs.length + k, at: place } }
    }),
    inputs: [...kernel.inputs, ...kernels.map((p) => p.kernel.outputs[0]!.dtype)],
    outputs: kernel.outputs,
  }
  return [...kernels, { kernel: last, inputs: [...inputs, ...kernels.map((p) => p.slot)], outputs }]
}

const startOf = (op: ReduceOp, dtype: Expr<number>['dtype']): number => {
  const value = identity[op]!
  if (Number.isFinite(value)) return value
  const [low, high] = rangeOf(dtype)
  return value < 0 ? low : high
}
