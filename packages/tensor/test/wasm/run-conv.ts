import type { TypedArray } from '@linum/tensor'
import { hostArray } from '../../src/core/host.js'
import type { StoredDType } from '../../src/core/dtype.js'
import { emitConv } from '../../src/device/wasm/conv/emit-conv.js'
import type { ConvPlan } from '../../src/program/conv-plan.js'
import { compileStep, type RunOptions } from './run-step.js'

/** What the code for WebAssembly computes. */
export const run = (
  plan: ConvPlan,
  dtype: StoredDType,
  x: TypedArray,
  kernel: TypedArray,
  size: number,
  options: RunOptions = {},
): TypedArray => {
  const out = hostArray(dtype, size).fill(7)
  compileStep((target) => emitConv(target, plan, { inputs: [dtype, dtype], outputs: [dtype] }), options).run(
    [x, kernel],
    [out],
  )
  return out
}
