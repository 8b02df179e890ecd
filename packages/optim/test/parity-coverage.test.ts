import { readdirSync, readFileSync } from 'node:fs'
import * as optim from '@linum/optim'
import { expect, test } from 'vitest'

/** Used by every trajectory, or a number rather than a step. */
const elsewhere = new Set(['applyUpdates', 'globalNorm', 'transformation'])

test('every transformation, schedule and loss is compared with the reference', () => {
  const folder = new URL('./fixtures/', import.meta.url)
  const text = readdirSync(folder)
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n')
  const called = new Set([...text.matchAll(/"fn":"(\w+)"/g)].map(([, name]) => name))
  const names = Object.entries(optim)
    .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && !elsewhere.has(name))
    .map(([name]) => name)
  expect(names.length).toBeGreaterThan(25)
  expect(names.filter((name) => !called.has(name))).toEqual([])
})
