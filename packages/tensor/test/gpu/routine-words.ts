import type { TypedArray } from '@linum/tensor'
import { isFloat, isSigned, type StoredDType } from '../../src/core/dtype.js'
import { decoded } from '../../src/core/host.js'
import type { StepCode } from '../../src/device/gpu/webgpu/shader.js'
import type { Routine } from '../../src/program/schedule.js'
import { reference, stored } from '../wasm/routine-samples.js'
import { runStep, type Words } from './run-step.js'

/** What the device stores. */
export const wide: readonly StoredDType[] = stored.filter((d) => d !== 'float64')

/** Elements as they lie on the device. */
const widen = (dtype: StoredDType, x: TypedArray): Words =>
  isFloat(dtype) ? Float32Array.from(decoded(dtype, x)) : isSigned(dtype) ? Int32Array.from(x) : Uint32Array.from(x)

type Buffers = Parameters<typeof reference>[1]

/** What a step's code gives. */
export const runWords = async (code: StepCode, b: Buffers): Promise<readonly Words[]> => {
  const outputs = b.outputTypes.map((dtype, k) => {
    const length = b.outputLengths[k]!
    return isFloat(dtype)
      ? new Float32Array(length)
      : isSigned(dtype)
        ? new Int32Array(length)
        : new Uint32Array(length)
  })
  await runStep(
    code,
    b.inputs.map((x, k) => widen(b.inputTypes[k]!, x)),
    outputs,
  )
  return outputs
}

/** What the js device's routine gives. */
export const expected = (routine: Routine, b: Buffers): readonly Words[] =>
  reference(routine, b).map((x) =>
    x instanceof Float32Array
      ? x
      : x instanceof Int8Array || x instanceof Int16Array || x instanceof Int32Array
        ? Int32Array.from(x)
        : Uint32Array.from(x),
  )

/** The first element in which results differ, or -1: quick where there are many. */
export const firstDifference = (got: Words, want: Words): number => got.findIndex((v, i) => !Object.is(v, want[i]))
