import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { isFloat, type StoredDType } from '../../src/core/dtype.js'
import { hostArray, hostOf } from '../../src/core/host.js'
import { interpretKernel } from '../../src/device/js/interpret.js'
import type { Expr, Index, Kernel } from '../../src/kernel/ir.js'
import { parametrize } from '../../src/kernel/parametrize.js'
import { elementsOf, runKernel, storedDtypes, textOf } from './kernel-engine.js'

const along = (factor: number, offset = 0): Index<number> => ({
  offset,
  terms: factor === 0 ? [] : [{ atom: { kind: 'axis', axis: 0 }, factor }],
})
const load = (dtype: StoredDType, input: number, at: Index<number>): Expr<number> => ({
  kind: 'load',
  dtype,
  input,
  at,
})
const expectSame = (
  kernel: Kernel<number>,
  inputs: Parameters<typeof runKernel>[1],
  length: number,
  units = length,
): void => {
  const expected = kernel.outputs.map((o) => hostArray(o.dtype, length))
  interpretKernel(kernel)([...inputs, ...expected], new Int32Array(0))
  for (const grain of [units, 1, 6]) expect(textOf(runKernel(kernel, inputs, length, { grain }))).toBe(textOf(expected))
}

describe('a kernel of any dtype', () => {
  const dtype = fc.constantFrom(...storedDtypes)
  test.prop([dtype, fc.integer({ min: 1, max: 11 }), fc.constantFrom(0, 1, -1, 2, 3, -2), fc.integer()], {
    numRuns: 80,
  })(
    'reads neighbours, one element, every other one and backwards, and writes no more than it should',
    (d, length, factor, seed) => {
      const source = elementsOf(d, 40, seed)
      const at = along(factor, factor < 0 ? 10 * -factor : 0)
      const kernel: Kernel<number> = {
        grid: [length],
        reduce: [],
        accumulators: [],
        inputs: [d],
        outputs: [load(d, 0, at), load(d, 0, along(1, 2))],
      }
      expectSame(kernel, [source], length)
    },
  )

  test.prop([dtype, fc.integer({ min: 1, max: 9 }), fc.integer()], { numRuns: 60 })(
    'computes in it',
    (d, length, seed) => {
      const call = (op: 'add' | 'mul' | 'max' | 'or' | 'and', ...args: Expr<number>[]): Expr<number> => ({
        kind: 'call',
        op,
        dtype: d,
        args,
      })
      const [a, b] = [load(d, 0, along(1)), load(d, 1, along(0, 3))]
      const less: Expr<number> = { kind: 'call', op: 'lt', dtype: 'bool', args: [a, b] }
      const value = d === 'bool' ? call('or', call('and', a, b), a) : call('max', call('add', call('mul', a, a), b), b)
      const kernel: Kernel<number> = {
        grid: [length],
        reduce: [],
        accumulators: [],
        inputs: [d, d],
        outputs: [value, less, { kind: 'call', op: 'select', dtype: d, args: [less, b, a] }],
      }
      expectSame(kernel, [elementsOf(d, 12, seed), elementsOf(d, 12, seed + 1)], length)
    },
  )

  test.prop([dtype, dtype, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -3, max: 3 })], { numRuns: 60 })(
    'counts',
    (d, other, length, factor) => {
      // Numbers that every dtype can hold.
      const offset = factor < 0 ? 60 : 0
      const kernel: Kernel<number> = {
        grid: [length],
        reduce: [],
        accumulators: [],
        inputs: [],
        outputs: [
          { kind: 'index', dtype: d, of: along(factor, offset) },
          { kind: 'const', dtype: other, value: isFloat(other) ? -0 : 1 },
        ],
      }
      expectSame(kernel, [], length)
    },
  )
})

describe('a kernel that turns what it reads', () => {
  const extent = fc.integer({ min: 1, max: 21 })
  test.prop(
    [fc.constantFrom(...storedDtypes), extent, extent, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 })],
    {
      numRuns: 60,
    },
  )(
    'gives the same in any dtype and in parts, next to operands that it does not turn',
    (d, rows, columns, depth, grain) => {
      const axis = (of: number, factor: number): Index<number>['terms'][number] => ({
        atom: { kind: 'axis', axis: of },
        factor,
      })
      const turned = load(d, 0, { offset: 1, terms: [axis(0, 1), axis(1, rows), axis(2, rows * depth)] })
      const straight = load(d, 1, { offset: 0, terms: [axis(2, 1), axis(0, columns)] })
      const less: Expr<number> = { kind: 'call', op: 'lt', dtype: 'bool', args: [turned, straight] }
      const kernel: Kernel<number> = {
        grid: [rows, depth, columns],
        reduce: [],
        accumulators: [],
        inputs: [d, d],
        outputs: [turned, { kind: 'call', op: 'select', dtype: d, args: [less, straight, turned] }],
      }
      const length = rows * depth * columns
      const inputs = [elementsOf(d, length + 1, rows), elementsOf(d, rows * columns, columns)]
      expectSame(kernel, inputs, length, rows)
      const p = parametrize(kernel)
      const expected = textOf(runKernel(kernel, inputs, length))
      expect(textOf(runKernel(p.kernel, inputs, length, { params: p.params, grain }))).toBe(expected)
    },
  )
})

describe('what a guard keeps from being read', () => {
  test.prop(
    [
      fc.constantFrom(...storedDtypes),
      fc.integer({ min: 1, max: 13 }),
      fc.integer({ min: -6, max: 6 }),
      fc.constantFrom(1, 2, -1),
    ],
    {
      numRuns: 80,
    },
  )('may lie anywhere', (d, length, start, factor) => {
    const far = 1 << 28
    const at: Index<number> = { offset: -start * factor + (factor < 0 ? 5 : 0), terms: along(factor).terms }
    const within: Expr<number> = {
      kind: 'guard',
      dtype: d,
      tests: [{ kind: 'within', of: along(1, -start), low: 0, high: 5 }],
      then: load(d, 0, at),
      else: {
        kind: 'guard',
        dtype: d,
        tests: [{ kind: 'divisible', of: along(1, 60), by: 3 }],
        then: { kind: 'const', dtype: d, value: 1 },
        else: load(d, 0, along(0, 2)),
      },
    }
    const never: Expr<number> = {
      kind: 'guard',
      dtype: d,
      tests: [{ kind: 'within', of: along(0, 3), low: 4, high: 5 }],
      then: load(d, 0, along(far, far)),
      else: within,
    }
    const kernel: Kernel<number> = {
      grid: [length],
      reduce: [],
      accumulators: [],
      inputs: [d],
      outputs: [within, never],
    }
    expectSame(kernel, [elementsOf(d, 16, 5)], length)
  })
})

describe('a place computed from data', () => {
  const wild = [0, 1, -1, 5, 7, 8, -8, 1 << 20, -(1 << 20), 2147483647, -2147483648]
  test.prop([fc.array(fc.constantFrom(...wild), { minLength: 1, maxLength: 9 }), fc.constantFrom(...storedDtypes)], {
    numRuns: 60,
  })('is kept in the buffer', (places, d) => {
    const source = elementsOf(d, 8, 3)
    const index = hostOf('int32', places)
    const kernel = (at: Index<number>): Kernel<number> => ({
      grid: [places.length, 3],
      reduce: [],
      accumulators: [],
      inputs: ['int32', d],
      outputs: [load(d, 1, at)],
    })
    const place = { atom: { kind: 'value' as const, of: load('int32', 0, along(1)) }, factor: 1 }
    const column = { atom: { kind: 'axis' as const, axis: 1 }, factor: 1 }
    const length = 3 * places.length
    // Places that are there give what is there, the others something, and none traps.
    const [got] = runKernel(kernel({ offset: 0, terms: [place, column] }), [index, source], length)
    places.forEach((p, i) => {
      for (let k = 0; k < 3; k++)
        if (p + k >= 0 && p + k < 8) expect(Object.is(got![3 * i + k], source[p + k])).toBe(true)
    })
    const flat: Kernel<number> = { ...kernel({ offset: 0, terms: [place] }), grid: [places.length] }
    const [each] = runKernel(flat, [index, source], places.length)
    places.forEach((p, i) => p >= 0 && p < 8 && expect(Object.is(each![i], source[p])).toBe(true))
    each!.forEach((x) => expect(Array.from(source)).toContain(x))
  })
})
