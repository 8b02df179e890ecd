import { isFloat, type StoredDType } from '../../src/core/dtype.js'
import { declarationsOf, type WgslFunction } from '../../src/device/gpu/webgpu/scalar/library.js'
import { scalarText } from '../../src/device/gpu/webgpu/scalar/scalar-text.js'
import { loadText, registerType, storeText } from '../../src/device/gpu/webgpu/words.js'
import type { ScalarOp } from '../../src/kernel/ir.js'
import { reference } from '../wasm/lanes-samples.js'
import { runStep } from './run-step.js'

/** An operation whose operands are inputs of a shader, by their place. */
export interface Case {
  readonly op: ScalarOp
  readonly dtype: StoredDType
  readonly argTypes: readonly StoredDType[]
  readonly from?: readonly number[]
}

/** The number that a stored word is, of any dtype. */
export const numbersOfWords = (dtype: StoredDType, words: Uint32Array): ArrayLike<number> =>
  isFloat(dtype)
    ? new Float32Array(words.buffer, words.byteOffset, words.length)
    : registerType(dtype) === 'i32'
      ? new Int32Array(words.buffer, words.byteOffset, words.length)
      : words

/** Numbers as a device stores them. */
export const wordsOfNumbers = (dtype: StoredDType, numbers: ArrayLike<number>): Uint32Array => {
  const out = new Uint32Array(numbers.length)
  const view = numbersOfWords(dtype, out) as Float32Array
  for (let i = 0; i < numbers.length; i++) view[i] = numbers[i]!
  return out
}

/** The words of every case's result, all computed by one shader on the same inputs. */
export const runCases = async (cases: readonly Case[], inputs: readonly Uint32Array[]): Promise<Uint32Array[]> => {
  const n = inputs[0]!.length
  const used = new Set<WgslFunction>()
  const use = (name: WgslFunction): string => {
    used.add(name)
    return name
  }
  const lines = cases.map(({ op, dtype, argTypes, from }, c) => {
    const names = argTypes.map((_, k) => `x${k}`)
    const loads = argTypes.map((type, k) => `let x${k} = ${loadText(`$${from?.[k] ?? k}[i]`, type)};`)
    const result = `let y: ${registerType(dtype)} = ${scalarText(op, names, dtype, argTypes[0]!, use)};`
    return `{ ${loads.join(' ')} ${result} $${inputs.length}[${c * n} + i] = ${storeText('y', dtype)}; }`
  })
  const out = new Uint32Array(cases.length * n)
  const body = `let i = group * 64 + lane;\nif (i >= ${n}) { return; }\n${lines.join('\n')}`
  const operands = [...inputs.map(() => 'read' as const), 'write' as const]
  const shader = { operands, threads: 64, params: 0, declarations: declarationsOf(used), body }
  const groups = Math.ceil(n / 64)
  await runStep(
    { dispatches: [{ shader, operands: operands.map((_, k) => k), params: [], groups }], temporaries: [] },
    inputs,
    [out],
  )
  return cases.map((_, c) => out.slice(c * n, (c + 1) * n))
}

/** An operation as the js device computes it, on numbers. */
export const onJs = ({ op, dtype, argTypes }: Case): ((...args: readonly number[]) => number) =>
  reference(op, dtype, argTypes[0]!, argTypes.length)
