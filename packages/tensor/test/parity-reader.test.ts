import * as np from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { type Case, type Encoded, mismatch } from './fixture.js'
import { runCase, runCompiled } from './parity.js'

const encoded = (data: readonly (number | string)[], dtype: Encoded['dtype'] = 'float32'): Encoded => ({
  shape: [data.length],
  dtype,
  data,
})
const floats = (...data: number[]): np.Tensor => np.array(data)
const addition: Case = { fn: 'add', args: [encoded([1, 2]), 1], expect: encoded([2, 3]), rtol: 0 }

describe('a comparison with the reference', () => {
  test('accepts what is identical', async () => {
    expect(
      await mismatch(floats(0.1, Number.NaN, -0, Infinity), encoded([0.1, 'NaN', -0, 'Infinity']), { rtol: 0 }),
    ).toBeNull()
    expect(await runCase({ add: np.add }, addition)).toBeNull()
    expect(await runCompiled({ add: np.add }, addition)).toBeNull()
  })

  test('names the first element that differs', async () => {
    expect(await mismatch(floats(1, 2.5, 4), encoded([1, 2, 3]), { rtol: 0 })).toMatch(
      /^element \[1\] is 2.5, expected 2 .*; 2 of 3 elements differ$/,
    )
  })

  test('tells 0 from -0 and NaN from a number', async () => {
    expect(await mismatch(floats(0), encoded([-0]), { rtol: 0 })).toContain('element [0] is 0, expected -0')
    expect(await mismatch(floats(0), encoded([-0]), { signedZero: true })).toContain('expected -0')
    expect(await mismatch(floats(0), encoded([-0]))).toBeNull()
    expect(await mismatch(floats(Number.NaN), encoded([1]))).toContain('is NaN, expected 1')
    expect(await mismatch(floats(1), encoded(['NaN']))).toContain('expected NaN')
    expect(await mismatch(floats(3e38), encoded(['Infinity']))).toContain('expected Infinity')
  })

  test('holds floats to a tolerance and integers to identity', async () => {
    expect(await mismatch(floats(1.000009), encoded([1]))).toBeNull()
    expect(await mismatch(floats(1.00002), encoded([1]))).not.toBeNull()
    expect(await mismatch(np.array(Int32Array.of(1000001)), encoded([1000000], 'int32'), { rtol: 1 })).not.toBeNull()
  })

  test('refuses another shape, another dtype and what is no tensor', async () => {
    expect(await mismatch(floats(1), encoded([1, 2]))).toBe('shape [1], expected [2]')
    expect(await mismatch(floats(1), encoded([1], 'int32'))).toBe('dtype float32, expected int32')
    expect(await mismatch(1, encoded([1]))).toContain('expected a Tensor')
  })

  test('fails for a function that is missing, wrong, or does not throw what it should', async () => {
    expect(await runCase({}, addition)).toContain('add is not in the library')
    expect(await runCase({ add: np.mul }, addition)).toContain('element [0] is 1, expected 2')
    const refused: Case = { fn: 'add', args: [encoded([1, 2]), encoded([1, 2, 3])], error: 'ShapeError' }
    expect(await runCase({ add: np.add }, refused)).toBeNull()
    expect(await runCase({ add: (x: unknown) => x }, refused)).toBe('returned, expected ShapeError')
    expect(await runCase({ add: () => np.array(['x' as never]) }, refused)).toContain('expected ShapeError')
  })
})
