import { DeviceError } from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { isFloat, rangeOf, type StoredDType } from '../../src/core/dtype.js'
import { roundBFloat16, roundFloat16 } from '../../src/core/half.js'
import { constText } from '../../src/device/gpu/webgpu/scalar/constant.js'
import { declarationsOf, type WgslFunction } from '../../src/device/gpu/webgpu/scalar/library.js'
import { scalarText } from '../../src/device/gpu/webgpu/scalar/scalar-text.js'
import { storeText } from '../../src/device/gpu/webgpu/words.js'
import type { ScalarOp } from '../../src/kernel/ir.js'
import { runStep } from './run-step.js'
import { samples, singles, zeroLike } from './scalar-samples.js'
import { type Case, numbersOfWords, onJs, runCases, wordsOfNumbers } from './scalar-shader.js'

const length = 2048
const integers: readonly StoredDType[] = ['uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32']
const floats: readonly StoredDType[] = ['bfloat16', 'float16', 'float32']
const all: readonly StoredDType[] = ['bool', ...integers, ...floats]

/** Zero stands for denormal numbers of float32, which drivers may flush. */
const same = (got: number, want: number): boolean =>
  Object.is(got, want) || (Math.abs(want) < 2 ** -126 && Object.is(got, zeroLike(want)))

/** Every result is exactly the js device's. All cases have the same types of operands. */
const agree = async (argTypes: readonly StoredDType[], cases: readonly Case[]): Promise<void> => {
  const numbers = argTypes.map((type, k) => samples(type, length, 11 * k + 5))
  const results = await runCases(
    cases,
    numbers.map((x, k) => wordsOfNumbers(argTypes[k]!, x)),
  )
  const wrong = cases.flatMap((c, k) => {
    const want = onJs(c)
    const got = numbersOfWords(c.dtype, results[k]!)
    const found: string[] = []
    for (let i = 0; i < length && found.length < 3; i++) {
      const args = (c.from ?? c.argTypes.map((_, a) => a)).map((a) => numbers[a]![i]!)
      const expected = want(...args)
      if (!same(got[i]!, expected)) found.push(`${c.dtype} ${c.op}(${args.join()}): ${got[i]}, not ${expected}`)
    }
    return found
  })
  expect(wrong).toEqual([])
}

const of = (op: ScalarOp, dtype: StoredDType, arity: number): Case => ({
  op,
  dtype,
  argTypes: Array<StoredDType>(arity).fill(dtype),
})

const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const
const everyOne: readonly ScalarOp[] = ['add', 'mul', 'max', 'min']
const ofNumbers: readonly ScalarOp[] = ['sub', 'div', 'rem']
const ofIntegers: readonly ScalarOp[] = [
  'pow',
  'and',
  'or',
  'xor',
  'shift_left',
  'shift_right_logical',
  'shift_right_arithmetic',
]

const binaries = (dtype: StoredDType): readonly ScalarOp[] =>
  dtype === 'bool'
    ? [...everyOne, 'and', 'or', 'xor']
    : [...everyOne, ...ofNumbers, ...(isFloat(dtype) ? [] : ofIntegers)]
const unaries = (dtype: StoredDType): readonly ScalarOp[] =>
  dtype === 'bool'
    ? ['not']
    : isFloat(dtype)
      ? ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'sqrt']
      : ['neg', 'abs', 'sign', 'not']

test.each(all)('arithmetic, bits and comparisons of %s are exact', (dtype) =>
  agree(
    [dtype, dtype],
    [
      ...binaries(dtype).map((op) => of(op, dtype, 2)),
      ...unaries(dtype).map((op) => of(op, dtype, 1)),
      ...comparisons.map((op): Case => ({ op, dtype: 'bool', argTypes: [dtype, dtype] })),
      ...(isFloat(dtype) ? [{ op: 'is_finite', dtype: 'bool', argTypes: [dtype] } as const] : []),
    ],
  ),
)

test.each(all)('select on %s is exact', (dtype) =>
  agree(['bool', dtype, dtype], [{ op: 'select', dtype, argTypes: ['bool', dtype, dtype] }]),
)

test.each(floats)('fma on %s rounds once', (dtype) => agree([dtype, dtype, dtype], [of('fma', dtype, 3)]))

test('fma decides what is next to a tie and what cancels', async () => {
  const near = Float32Array.from({ length: 3000 }, (_, i) => 1 + (i % 60) * 2 ** -23)
  const other = near.map((_, i) => 1 + ((i * 7) % 50) * 2 ** -23)
  const third = near.map((x, i) => (i % 3 === 0 ? -x * other[i]! : (i % 2 ? 1 : -1) * 2 ** ((i % 160) - 90)))
  const c = of('fma', 'float32', 3)
  const [out] = await runCases(
    [c],
    [near, other, third].map((x) => wordsOfNumbers('float32', x)),
  )
  const want = onJs(c)
  expect(numbersOfWords('float32', out!)).toEqual(near.map((x, i) => want(x, other[i]!, third[i]!)))
})

test.each(all)('conversions from %s wrap, saturate and round as on the js device', (from) =>
  agree(
    [from],
    all.map((dtype) => ({ op: 'convert', dtype, argTypes: [from] })),
  ),
)

test('whole numbers become the nearest floats', async () => {
  const x = Float64Array.from({ length: 999 }, (_, i) => 2 ** 24 * (1 + (i % 120)) + i - 500)
  const cases = (['int32', 'uint32'] as const).map((type): Case => ({
    op: 'convert',
    dtype: 'float32',
    argTypes: [type],
  }))
  for (const out of await runCases(cases, [wordsOfNumbers('uint32', x)]))
    expect(numbersOfWords('float32', out)).toEqual(Float32Array.from(x))
})

const widths: readonly (readonly StoredDType[])[] = [
  ['int8', 'uint8'],
  ['int16', 'uint16', 'float16', 'bfloat16'],
  ['int32', 'uint32', 'float32'],
]
describe.each(widths)('bits of %s and others', (...types) => {
  test.each(types)('bits of %s read as any of that width', async (from) => {
    // The js device keeps no payloads of NaN.
    const x = samples(from, length, 3).map((v) => (Number.isNaN(v) ? 0 : v))
    const cases = types.map((dtype): Case => ({ op: 'bitcast', dtype, argTypes: [from] }))
    const results = await runCases(cases, [wordsOfNumbers(from, x)])
    for (const [k, c] of cases.entries()) {
      const want = onJs(c)
      const got = numbersOfWords(c.dtype, results[k]!)
      const wrong = Array.from(x, (v, i) => [v, got[i]!, want(v)] as const).filter(
        ([, g, w]) => !Object.is(g, w) && !(Number.isNaN(g) && Number.isNaN(w)),
      )
      expect(wrong.slice(0, 3), c.dtype).toEqual([])
    }
  })
})

test.each([
  ['float16', roundFloat16],
  ['bfloat16', roundBFloat16],
] as const)('numbers round to %s as on the host, and every pattern survives', async (dtype, round) => {
  const x = singles(40, 9)
  const patterns = Float64Array.from({ length: x.length }, (_, i) => (i * 5) % 65536)
  const [rounded, decoded, encoded] = await runCases(
    [
      { op: 'convert', dtype, argTypes: ['float32'] },
      { op: 'bitcast', dtype, argTypes: ['uint16'], from: [1] },
      { op: 'bitcast', dtype: 'uint16', argTypes: [dtype], from: [2] },
    ],
    [
      wordsOfNumbers('float32', x),
      wordsOfNumbers('uint16', patterns),
      wordsOfNumbers('float32', Array.from(patterns, onJs({ op: 'bitcast', dtype, argTypes: ['uint16'] }))),
    ],
  )
  expect(numbersOfWords(dtype, rounded!)).toEqual(x.map(round))
  const number = onJs({ op: 'bitcast', dtype, argTypes: ['uint16'] })
  expect(numbersOfWords(dtype, decoded!)).toEqual(Float32Array.from(patterns, (p) => number(p)))
  const bits = onJs({ op: 'bitcast', dtype: 'uint16', argTypes: [dtype] })
  expect(Array.from(encoded!)).toEqual(Array.from(patterns, (p) => bits(number(p))))
})

test('threefry gives the words of the js device', () =>
  agree(
    ['uint32', 'uint32', 'uint32', 'uint32', 'bool'],
    [
      of('threefry_bits', 'uint32', 4),
      { op: 'threefry_word', dtype: 'uint32', argTypes: ['uint32', 'uint32', 'uint32', 'uint32', 'uint32'] },
    ],
  ))

test('constants are what they are on the host', async () => {
  const used = new Set<WgslFunction>()
  const use = (name: WgslFunction): string => {
    used.add(name)
    return name
  }
  const numbers = [0, -0, 1, -1, 0.1, -3.4028234663852886e38, 2 ** -126, 1e-40, NaN, Infinity, -Infinity, 1e21, 65519]
  const entries = [
    ...floats.flatMap((dtype) => numbers.map((x) => [dtype, x] as const)),
    ...integers.flatMap((dtype) => [...rangeOf(dtype), 0, 5].map((x) => [dtype, x] as const)),
    ...[0, 1].map((x) => ['bool', x] as const),
  ]
  const texts = entries.map(([dtype, x]) => storeText(constText(x, dtype, use), dtype))
  const body = `if (lane > 0) { return; }\n${texts.map((text, i) => `$0[${i}] = ${text};`).join('\n')}`
  const shader = { operands: ['write'] as const, threads: 1, params: 0, declarations: declarationsOf(used), body }
  const out = new Uint32Array(entries.length)
  await runStep({ dispatches: [{ shader, operands: [0], params: [], groups: 1 }], temporaries: [] }, [], [out])
  const round = { float16: roundFloat16, bfloat16: roundBFloat16 } as Readonly<Record<string, (x: number) => number>>
  expect(entries.map(([dtype], i) => numbersOfWords(dtype, out.slice(i, i + 1))[0])).toEqual(
    entries.map(([dtype, x]) => (isFloat(dtype) ? (round[dtype] ?? Math.fround)(x) : x)),
  )
})

test('a function comes after those that it calls, each once', () => {
  const found = declarationsOf(['pow_float32', 'log_float32'])
  const names = found.map((text) => /^(?:fn|struct) (\w+)/.exec(text)![1]!)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['pow_float32', 'log_float32', 'log2_pair', 'Binary', 'held']))
  found.forEach((text, i) => {
    const later = names.slice(i + 1).filter((name) => text.includes(`${name}(`))
    expect(later, names[i]).toEqual([])
  })
})

test('float64 is refused by name', () => {
  expect(() => scalarText('exp', ['x'], 'float64', 'float64', (name) => name)).toThrow(DeviceError)
  expect(() => scalarText('convert', ['x'], 'float32', 'float64', (name) => name)).toThrow(/convert: .*float64/)
})
