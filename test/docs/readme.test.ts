import { describe, expect, test } from 'vitest'
import { writeExamples } from '../../scripts/readme.mjs'

const readmes = writeExamples().filter(({ required, modules }) => required || modules.length > 0)

describe.each(readmes)('$path', ({ required, modules }) => {
  if (required) {
    test('has an example', () => {
      expect(modules.length).toBeGreaterThan(0)
    })
  }

  test.for(modules.map((url, index) => ({ url, number: index + 1 })))('example $number runs', async ({ url }) => {
    await import(url)
  })
})
