import { dtypes, type StoredDType, type TypedArray } from '../../src/core/dtype.js'
import { hostArray, hostOf } from '../../src/core/host.js'
import { emitCluster } from '../../src/device/wasm/kernels/cluster.js'
import { emitKernel } from '../../src/device/wasm/kernels/kernel.js'
import { hostFunctions } from '../../src/device/wasm/lanes/hosts.js'
import type { Kernel } from '../../src/kernel/ir.js'
import type { Step } from '../../src/program/schedule.js'
import { compileStep } from './run-step.js'

export const storedDtypes: readonly StoredDType[] = dtypes.filter((d): d is StoredDType => d !== 'key')

/** Runs a kernel as WebAssembly, in chunks of `grain` units. */
export const runKernel = (
  kernel: Kernel,
  inputs: readonly TypedArray[],
  length: number,
  { params = [], grain }: { readonly params?: readonly number[]; readonly grain?: number } = {},
): TypedArray[] => {
  const outputs = kernel.outputs.map((o) => hostArray(o.dtype, length))
  const options = { params, hosts: hostFunctions, ...(grain === undefined ? {} : { grain }) }
  compileStep((target) => emitKernel(target, kernel), options).run(inputs, outputs)
  return outputs
}

export const runCluster = (
  step: Extract<Step, { kind: 'cluster' }>,
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
  grain?: number,
): void => {
  const options = { hosts: hostFunctions, ...(grain === undefined ? {} : { grain }) }
  compileStep((target) => emitCluster(target, step), options).run(inputs, outputs)
}

/** Elements that differ, some of them special. */
export const elementsOf = (dtype: StoredDType, length: number, seed = 1): TypedArray => {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0
  return hostOf(
    dtype,
    Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      const value = ((state >>> 8) % 2001) / 100 - 10
      return dtype === 'bool' ? (value > 0 ? 1 : 0) : value
    }),
  )
}

/** Elements as text that tells every two values apart but not two NaNs. */
export const textOf = (xs: readonly TypedArray[]): string =>
  xs.map((x) => Array.from(x, (v) => (Object.is(v, -0) ? '-0' : String(v))).join()).join(' ')
