import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Conformance {
  readonly readme: string
  readmeWithTable(text: string): string
  uncovered(): readonly string[]
}

const script = new URL('../../../scripts/conformance.mjs', import.meta.url).href
const { readme, readmeWithTable, uncovered } = (await import(script)) as Conformance

test('every function that the table promises is compared with the reference', () => {
  expect(uncovered()).toEqual([])
})

test("the README's table is that of the fixtures; `node scripts/conformance.mjs` writes it", () => {
  const text = readFileSync(readme, 'utf8')
  expect(readmeWithTable(text)).toBe(text)
})
