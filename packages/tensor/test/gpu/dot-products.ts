import type { TypedArray } from '@linum/tensor'
import { isFloat, isSigned, type StoredDType } from '../../src/core/dtype.js'
import { hostArray } from '../../src/core/host.js'
import { emitDot } from '../../src/device/gpu/webgpu/dot/emit.js'
import { elementsOf, wordsOf } from '../../src/device/gpu/webgpu/host-words.js'
import type { DotPlan } from '../../src/program/routines.js'
import { sizesOf } from '../dot-cases.js'
import { runStep, type Words } from './run-step.js'

/** Room for `length` elements as the device stores them, filled with what no test gives. */
export const room = (dtype: StoredDType, length: number): Words =>
  (isFloat(dtype) ? new Float32Array(length) : isSigned(dtype) ? new Int32Array(length) : new Uint32Array(length)).fill(
    77,
  )

/** What the shaders compute. */
export const run = async (
  plan: DotPlan,
  dtype: StoredDType,
  left: TypedArray,
  right: TypedArray,
): Promise<TypedArray> => {
  const length = sizesOf(plan)[2]
  if (length === 0) return hostArray(dtype, 0)
  const out = room(dtype, length)
  const code = emitDot(plan, { inputs: [dtype, dtype], output: dtype })
  await runStep(code, [wordsOf(left, dtype), wordsOf(right, dtype)], [out])
  return elementsOf(new Uint32Array(out.buffer), dtype)
}
