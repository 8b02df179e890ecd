import { fc, test } from '@fast-check/vitest'
import { DeviceError, type DType } from '@linum/tensor'
import type { StoredDType } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { hostOf } from '../../src/core/host.js'
import { elementsOf, numbersOf } from '../../src/device/gpu/webgl2/host-numbers.js'
import { nativesOf } from '../../src/device/gpu/webgl2/natives/catalog.js'
import { constantText, scalarText } from '../../src/device/gpu/webgl2/scalar.js'
import { kernelSource } from '../../src/device/gpu/webgl2/source.js'
import type { Expr, Kernel, ScalarOp } from '../../src/kernel/ir.js'
import { elementwiseTypes, type ElementwiseParams } from '../../src/primitives/elementwise.js'

const load = (input: number, dtype: StoredDType, ...factors: number[]): Expr<number> => ({
  kind: 'load',
  dtype,
  input,
  at: { offset: 0, terms: factors.map((factor, axis) => ({ atom: { kind: 'axis', axis }, factor })) },
})
const call = (op: ScalarOp, dtype: StoredDType, ...args: Expr<number>[]): Expr<number> => ({
  kind: 'call',
  op,
  dtype,
  args,
})

describe('the source of a kernel', () => {
  test('has a register for every value, and integers of loop counters in place', () => {
    const kernel: Kernel<number> = {
      grid: [2, 3],
      reduce: [],
      accumulators: [],
      inputs: ['float32', 'int32'],
      outputs: [call('add', 'float32', load(0, 'float32', 3, 1), call('convert', 'float32', load(1, 'int32', 0, 2)))],
    }
    expect(kernelSource(kernel)).toEqual({
      text: `function (a0, a1) {
  const v0 = a0[l_div0(this.thread.x, 3) * 3 + l_mod0(this.thread.x, 3)];
  const v1 = a1[l_mod0(this.thread.x, 3) * 2];
  const v2 = l_float_of_int32(v1);
  const v3 = v0 + v2;
  return v3;
}`,
      reads: [0, 1],
      inputs: ['single', 'pair'],
      output: 'single',
    })
  })

  test('keeps what rounding takes from a sum of floats', () => {
    const kernel: Kernel<number> = {
      grid: [],
      reduce: [8],
      accumulators: [{ op: 'sum', dtype: 'float16', value: load(0, 'float16', 1) }],
      inputs: ['float16'],
      outputs: [{ kind: 'acc', dtype: 'float16', acc: 0 }],
    }
    expect(kernelSource(kernel).text).toBe(`function (a0) {
  let s0 = l_bits(0, 0);
  let c0 = l_bits(0, 0);
  for (let r0 = 0; r0 < 8; r0++) {
    const v0 = a0[r0];
    const v1 = v0 - c0;
    const v2 = s0 + v1;
    c0 = l_lost(s0, v1, v2);
    s0 = v2;
  }
  s0 = l_round_float16(s0);
  return s0;
}`)
  })

  test('nests no integer function in itself, which gpu.js would keep in a float', () => {
    const inner = { offset: 1, terms: [{ atom: { kind: 'axis' as const, axis: 1 }, factor: 1 }] }
    const quotient = { kind: 'div' as const, of: inner, by: 2 }
    const outer = { offset: 0, terms: [{ atom: quotient, factor: 1 }] }
    const kernel: Kernel<number> = {
      grid: [4, 6],
      reduce: [],
      accumulators: [],
      inputs: ['float32'],
      outputs: [
        {
          kind: 'load',
          dtype: 'float32',
          input: 0,
          at: { offset: 0, terms: [{ atom: { kind: 'div', of: outer, by: 3 }, factor: 1 }] },
        },
      ],
    }
    const { text } = kernelSource(kernel)
    expect(text).toContain('l_div1(l_div0(l_mod0(this.thread.x, 6) + 1, 2), 3)')
  })

  test('is refused for float64 by name, with what to do', () => {
    const kernel: Kernel<number> = {
      grid: [2],
      reduce: [],
      accumulators: [],
      inputs: ['float64'],
      outputs: [load(0, 'float64', 1)],
    }
    expect(() => kernelSource(kernel)).toThrow(DeviceError)
    expect(() => kernelSource(kernel)).toThrow(/float64.*float32.*x\.to\('wasm'\)/)
  })
})

const dtypes: readonly StoredDType[] = [
  'bool',
  'uint8',
  'uint16',
  'uint32',
  'int8',
  'int16',
  'int32',
  'bfloat16',
  'float16',
  'float32',
]
const accepts = (op: keyof ElementwiseParams, count: number, dtype: StoredDType): StoredDType | null => {
  const aval = { shape: [], dtype: dtype as DType, weak: false }
  const first = op === 'select' ? { ...aval, dtype: 'bool' as DType } : aval
  try {
    const [result] = elementwiseTypes[op](
      [first, ...Array.from({ length: count - 1 }, () => aval)],
      { dtype: 'int32', weak: false } as never,
      op as never,
    )
    return result!.dtype as StoredDType
  } catch {
    return null
  }
}
const arity = (op: string): number =>
  ['select', 'fma'].includes(op)
    ? 3
    : /^(sub|div|rem|pow|add|mul|max|min|and|or|xor|shift_.*|eq|ne|lt|le|gt|ge|atan2)$/.test(op)
      ? 2
      : 1

describe('scalar operations', () => {
  const ops = (Object.keys(elementwiseTypes) as (keyof ElementwiseParams)[]).filter(
    (op) => !['stop_gradient', 'convert', 'bitcast'].includes(op),
  )
  test.each(ops)('%s calls functions that exist, on every dtype that it takes', (op) => {
    const taken = dtypes.filter((dtype) => {
      const result = accepts(op, arity(op), dtype)
      if (result === null) return false
      const args = ['v0', 'v1', 'v2'].slice(0, arity(op))
      const text = scalarText(op as ScalarOp, args, result, dtype)
      const { called, needed } = nativesOf(text)
      for (const { name, takes } of called) {
        const given = new RegExp(`\\b${name}\\(([^()]*)\\)`).exec(text)
        const count = given === null ? takes.length : given[1]!.split(',').length
        expect(count).toBe(takes.length)
      }
      const names = needed.map((n) => n.name)
      needed.forEach(({ needs }, k) => expect(needs.every((n) => names.indexOf(n) < k)).toBe(true))
      return true
    })
    expect(taken.length).toBeGreaterThan(0)
  })

  test.each(dtypes)('conversions from %s call functions that exist', (from) => {
    for (const to of dtypes) expect(() => nativesOf(scalarText('convert', ['v0'], to, from))).not.toThrow()
  })

  test.each<readonly StoredDType[]>([
    ['float32', 'int32', 'uint32'],
    ['float16', 'bfloat16', 'int16', 'uint16'],
    ['int8', 'uint8'],
  ])('bits of %s can be taken for others of their width', (...same) => {
    for (const from of same)
      for (const to of same) expect(() => nativesOf(scalarText('bitcast', ['v0'], to, from))).not.toThrow()
  })
})

describe('elements as texels', () => {
  const exact = fc.constantFrom<StoredDType>(
    'bool',
    'uint8',
    'uint16',
    'uint32',
    'int8',
    'int16',
    'int32',
    'float16',
    'bfloat16',
  )
  test.prop([exact, fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }))], { numRuns: 50 })(
    'come back as they were',
    (dtype, values) => {
      const data = dtype === 'bool' ? Uint8Array.from(values, (x) => x & 1) : hostOf(dtype, values)
      const numbers = numbersOf(data, dtype)
      expect(elementsOf(numbers, dtype)).toEqual(data)
      for (const x of numbers)
        expect(Math.abs(x) <= 65536 || !Number.isInteger(x) || dtype.includes('float')).toBe(true)
    },
  )

  test('constants are written with all their bits', () => {
    expect(constantText(-1, 'int32')).toBe('l_pair_of_words(65535, 65535)')
    expect(constantText(2 ** 31 + 5, 'uint32')).toBe('l_pair_of_words(32768, 5)')
    expect(constantText(Infinity, 'float32')).toBe('l_bits(32640, 0)')
    expect(constantText(-0, 'float32')).toBe('l_bits(32768, 0)')
    expect(constantText(0.1, 'float32')).toBe(String(Math.fround(0.1)))
    expect(constantText(3, 'int8')).toBe('3.0')
  })
})
