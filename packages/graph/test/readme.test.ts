import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as graph from '@linum/graph'

test('the table of the README has every export', () => {
  const rows = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .join('\n')
  expect(Object.keys(graph).filter((name) => !new RegExp(`[\`]${name}\\b`).test(rows))).toEqual([])
})
