import { describe, expect, test } from 'vitest'
import { isFloat, type StoredDType } from '../../src/core/dtype.js'
import { hostFunctions } from '../../src/device/wasm/lanes/hosts.js'
import type { ScalarOp } from '../../src/kernel/ir.js'
import { compileOp } from './lanes-kernel.js'
import { numbersOf, reference, samples } from './lanes-samples.js'

const length = 2048
const integers: readonly StoredDType[] = ['uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32']
const floats: readonly StoredDType[] = ['bfloat16', 'float16', 'float32', 'float64']
const all: readonly StoredDType[] = ['bool', ...integers, ...floats]

/** Every result is exactly the js device's. */
const agrees = (op: ScalarOp, dtype: StoredDType, argTypes: readonly StoredDType[]): void => {
  const inputs = argTypes.map((type, k) => samples(type, length, 11 * k + 5))
  const got = numbersOf(dtype, compileOp(op, dtype, argTypes, length)(...inputs))
  const expected = reference(op, dtype, argTypes[0]!, argTypes.length)
  const args = argTypes.map((type, k) => numbersOf(type, inputs[k]!))
  const wrong: string[] = []
  for (let i = 0; i < length; i++) {
    const operands = args.map((a) => a[i]!)
    const want = expected(...operands)
    if (!Object.is(got[i], want)) wrong.push(`${op} ${operands.join()} of ${argTypes.join()}: ${got[i]}, not ${want}`)
  }
  expect(wrong.slice(0, 5)).toEqual([])
}

const groups: readonly (readonly [readonly ScalarOp[], readonly StoredDType[], arity: number])[] = [
  [['add', 'mul', 'max', 'min'], all, 2],
  [['sub', 'div', 'rem'], [...integers, ...floats], 2],
  [['neg', 'abs', 'sign'], [...integers, ...floats], 1],
  [['floor', 'ceil', 'round', 'sqrt'], floats, 1],
  [['and', 'or', 'xor'], ['bool', ...integers], 2],
  [['not'], ['bool', ...integers], 1],
  [['shift_left', 'shift_right_logical', 'shift_right_arithmetic', 'pow'], integers, 2],
  [['fma'], floats, 3],
]

describe.each(groups)('%j', (ops, dtypes, arity) => {
  test.each(ops.flatMap((op) => dtypes.map((dtype) => [op, dtype] as const)))('%s on %s is exact', (op, dtype) =>
    agrees(op, dtype, Array<StoredDType>(arity).fill(dtype)),
  )
})

test.each(all)('comparisons and select on %s are exact', (dtype) => {
  for (const op of ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const) agrees(op, 'bool', [dtype, dtype])
  agrees('select', dtype, ['bool', dtype, dtype])
})

test.each(floats)('is_finite on %s is exact', (dtype) => agrees('is_finite', 'bool', [dtype]))

test.each(all)('conversions from %s wrap, saturate and round as on the js device', (from) => {
  for (const dtype of all) agrees('convert', dtype, [from])
})

test.each([
  ['int8', 'uint8'],
  ['uint8', 'int8'],
  ['int16', 'uint16'],
  ['uint16', 'float16'],
  ['int16', 'bfloat16'],
  ['float16', 'bfloat16'],
  ['bfloat16', 'int16'],
  ['float32', 'int32'],
  ['uint32', 'float32'],
  ['int32', 'uint32'],
] as const)('bits of %s read as %s', (from, dtype) => {
  // The js device keeps no payloads of NaN.
  const input = samples(from, length, 3).map((x, i, a) =>
    isFloat(from) && numbersOf(from, a.slice(i, i + 1)).some(Number.isNaN) ? 0 : x,
  )
  const got = numbersOf(dtype, compileOp('bitcast', dtype, [from], length)(input))
  const expected = reference('bitcast', dtype, from, 1)
  expect(got).toEqual(numbersOf(from, input).map((x) => expected(x)))
})

test('shifts by a constant agree with shifts by elements', () => {
  for (const op of ['shift_left', 'shift_right_logical', 'shift_right_arithmetic'] as const)
    for (const dtype of ['int8', 'uint16', 'uint32', 'int32'] as const)
      for (const by of [0, 9, 31]) {
        const x = samples(dtype, length, by)
        const amounts = samples(dtype, length, 1).fill(by)
        expect(compileOp(op, dtype, [dtype, dtype], length, { constants: { 1: by } })(x, amounts)).toEqual(
          compileOp(op, dtype, [dtype, dtype], length)(x, amounts),
        )
      }
})

test('threefry gives the words of the js device', () => {
  agrees('threefry_bits', 'uint32', ['uint32', 'uint32', 'uint32', 'uint32'])
  for (const word of [0, 1]) {
    const inputs = [1, 2, 3, 4].map((seed) => samples('uint32', length, seed))
    const expected = reference('threefry_word', 'uint32', 'uint32', 5)
    const run = compileOp('threefry_word', 'uint32', Array<StoredDType>(5).fill('uint32'), length, {
      constants: { 4: word },
    })
    expect(Array.from(run(...inputs, samples('uint32', length, 5)))).toEqual(
      Array.from({ length }, (_, i) => expected(...inputs.map((x) => x[i]!), word)),
    )
  }
})

test('functions of Math, and no others, are everywhere', () => {
  for (const [name, { everywhere }] of Object.entries(hostFunctions)) expect(everywhere).toBe(name.startsWith('Math.'))
})
