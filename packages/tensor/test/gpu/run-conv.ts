import type { TypedArray } from '@linum/tensor'
import type { StoredDType } from '../../src/core/dtype.js'
import { emitConv } from '../../src/device/gpu/webgpu/conv/emit-conv.js'
import { elementsOf, wordsOf } from '../../src/device/gpu/webgpu/host-words.js'
import type { StepCode } from '../../src/device/gpu/webgpu/shader.js'
import type { ConvPlan } from '../../src/program/conv-plan.js'
import { runStep } from './run-step.js'

/** What code computes from an operand and a kernel. */
export const runCode = async (
  code: StepCode,
  dtype: StoredDType,
  x: TypedArray,
  kernel: TypedArray,
  size: number,
): Promise<TypedArray> => {
  const out = new Uint32Array(size).fill(7)
  await runStep(code, [wordsOf(x, dtype), wordsOf(kernel, dtype)], [out])
  return elementsOf(out, dtype)
}

export const emit = (plan: ConvPlan, dtype: StoredDType): StepCode =>
  emitConv(plan, { inputs: [dtype, dtype], output: dtype })

export const run = (
  plan: ConvPlan,
  dtype: StoredDType,
  x: TypedArray,
  kernel: TypedArray,
  size: number,
): Promise<TypedArray> => runCode(emit(plan, dtype), dtype, x, kernel, size)
