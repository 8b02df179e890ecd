import { readFileSync } from 'node:fs'
import * as optim from '@linum/optim'
import { expect, test } from 'vitest'

test('the table of exports names every export that has a value, and nothing else', () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const cells = text.split('\n').flatMap((line) => (/^\| [`]/.test(line) ? [line.split(' | ')[0]!] : []))
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`(?:new )?(\w+)[^`]*`/g)].map(([, name]) => name!))
  const types = new Set(['Mask', 'Labels'])
  expect(listed.filter((name) => !types.has(name)).sort()).toEqual(Object.keys(optim).sort())
})
