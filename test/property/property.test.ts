import { fc, test as prop } from '@fast-check/vitest'
import { afterAll, expect, test } from 'vitest'

const effort = process.env['LINUM_TEST'] === 'full' ? 5 : 1
let draws = 0
let few = 0

prop.prop([fc.integer(), fc.string()])('a tuple of arbitraries arrives as arguments, 200 times', (x, s) => {
  draws++
  expect([typeof x, typeof s]).toEqual(['number', 'string'])
})

prop.prop({ x: fc.integer(), s: fc.string() }, { numRuns: 3 })(
  'a record arrives as one object, as often as asked',
  (one) => {
    few++
    expect([typeof one.x, typeof one.s]).toEqual(['number', 'string'])
  },
)

prop.prop([fc.constantFrom(1, 2)], { numRuns: 2, examples: [[2]] })('examples are arguments too', async (x) => {
  expect([1, 2]).toContain(await Promise.resolve(x))
})

prop.fails.prop([fc.nat()])('a law that returns false fails', (x) => x < 10)

prop.fails.prop([fc.nat()])('a law that throws fails', (x) => {
  expect(x).toBeLessThan(10)
})

prop('a plain test stays plain', () => {
  expect(prop.each).toBe(test.each)
})

afterAll(() => {
  expect({ draws, few }).toEqual({ draws: 200 * effort, few: 3 * effort })
})
