import type { TypedArray } from '@linum/tensor'
import type { StoredDType } from '../../src/core/dtype.js'
import { hostArray } from '../../src/core/host.js'
import { emitDot } from '../../src/device/wasm/dot/emit.js'
import type { DotPlan } from '../../src/program/routines.js'
import { sizesOf } from '../dot-cases.js'
import { compileStep, type RunOptions } from './run-step.js'

/** What the code for WebAssembly computes. */
export const run = (
  plan: DotPlan,
  dtype: StoredDType,
  left: TypedArray,
  right: TypedArray,
  options: RunOptions & { readonly by?: 'rows' | 'columns' } = {},
): TypedArray => {
  const { by } = options
  const types = { inputs: [dtype, dtype], outputs: [dtype] }
  const step = compileStep((t) => emitDot(t, plan, types, by === undefined ? {} : { by }), options)
  // Rubbish shows what is left unwritten.
  const out = hostArray(dtype, sizesOf(plan)[2]).fill(77)
  step.run([left, right], [out])
  return out
}
