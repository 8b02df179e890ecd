import { fc } from '@fast-check/vitest'
import type { TypedArray } from '@linum/tensor'
import { dtypes, isFloat, rangeOf, type StoredDType } from '../../src/core/dtype.js'
import { decoded, hostArray, hostOf } from '../../src/core/host.js'
import { compileRoutine } from '../../src/device/js/routines.js'
import type { StepCode, Target } from '../../src/device/wasm/step-code.js'
import type { Routine } from '../../src/program/schedule.js'
import { compileStep } from './run-step.js'

export const stored: readonly StoredDType[] = dtypes.filter((d) => d !== 'key')
export const anyDType: fc.Arbitrary<StoredDType> = fc.constantFrom(...stored)
export const numbers: readonly StoredDType[] = stored.filter((d) => d !== 'bool')

const mixed = (seed: number): (() => number) => {
  let state = (seed + 1) * 0x9e3779b9
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x12345
    state ^= state >>> 13
    return (state >>> 0) / 2 ** 32
  }
}

/** Elements that repeat, with the corners of the dtype among them. */
export const samples = (dtype: StoredDType, length: number, seed: number): TypedArray => {
  const random = mixed(seed)
  const [low, high] = dtype === 'bool' ? [0, 1] : rangeOf(dtype)
  const corners = isFloat(dtype) ? [NaN, Infinity, -Infinity, -0, 0, 0.1, -1e-7, 3e4] : [low, high, 0, 1]
  const few = Array.from({ length: 6 }, () => random() * 20 - 10)
  return hostOf(
    dtype,
    Float64Array.from({ length }, () => {
      const pick = random()
      if (pick < 0.15) return corners[Math.floor(random() * corners.length)]!
      const x = pick < 0.4 ? few[Math.floor(random() * few.length)]! : (random() - 0.5) * 300
      if (isFloat(dtype)) return x
      return dtype === 'bool' ? Number(x > 0) : Math.round(pick < 0.7 ? x : x * high)
    }),
  )
}

/** Every index of an axis, some often, and with `outside` some beyond either end. */
export const indicesOf = (
  dtype: StoredDType,
  length: number,
  extent: number,
  seed: number,
  outside: boolean,
): TypedArray => {
  const random = mixed(seed)
  return hostOf(
    dtype,
    Float64Array.from({ length }, () => {
      if (outside && random() < 0.3)
        return [-1, extent, extent + 7, rangeOf(dtype)[0], rangeOf(dtype)[1]][Math.floor(random() * 5)]!
      return Math.floor(random() * random() * extent)
    }),
  )
}

interface Buffers {
  readonly inputs: readonly TypedArray[]
  readonly inputTypes: readonly StoredDType[]
  readonly outputTypes: readonly StoredDType[]
  readonly outputLengths: readonly number[]
}

const emptyOutputs = (b: Buffers): readonly TypedArray[] =>
  b.outputTypes.map((d, k) => hostArray(d, b.outputLengths[k]!))

/** The halves as numbers: which NaN it is says nothing. */
const results = (b: Buffers, outputs: readonly TypedArray[]): readonly TypedArray[] =>
  outputs.map((x, k) => decoded(b.outputTypes[k]!, x))

/** What the js device's routine gives. */
export const reference = (routine: Routine, b: Buffers): readonly TypedArray[] => {
  const outputs = emptyOutputs(b)
  const none = (): never => {
    throw new Error('there is no schedule inside')
  }
  compileRoutine(routine, { inputs: b.inputTypes, outputs: b.outputTypes }, none)(b.inputs, outputs)
  return results(b, outputs)
}

/** What a step's code gives, in chunks of `grain` units. */
export const runRoutine = (emit: (target: Target) => StepCode, b: Buffers, grain?: number): readonly TypedArray[] => {
  const outputs = emptyOutputs(b)
  compileStep(emit, grain === undefined ? {} : { grain }).run(b.inputs, outputs)
  return results(b, outputs)
}
