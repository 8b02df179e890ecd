import type { StoredDType } from '../../../core/dtype.js'
import type { Expr, Index, ScalarOp } from '../../../kernel/ir.js'

/** A sum of loop counters with their factors. */
export const index = (terms: readonly (readonly [axis: number, factor: number])[], offset = 0): Index<number> => ({
  offset,
  terms: terms.filter(([, factor]) => factor !== 0).map(([axis, factor]) => ({ atom: { kind: 'axis', axis }, factor })),
})
export const load = (input: number, dtype: StoredDType, at: Index<number>): Expr<number> => ({
  kind: 'load',
  dtype,
  input,
  at,
})
export const call = (op: ScalarOp, dtype: StoredDType, ...args: readonly Expr<number>[]): Expr<number> => ({
  kind: 'call',
  op,
  dtype,
  args,
})
export const constant = (dtype: StoredDType, value: number): Expr<number> => ({ kind: 'const', dtype, value })
/** The result of the first reduction. */
export const accumulated = (dtype: StoredDType): Expr<number> => ({ kind: 'acc', dtype, acc: 0 })
