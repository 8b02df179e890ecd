import { readdirSync } from 'node:fs'
import * as nn from '@linum/nn'
import { expect, test } from 'vitest'
import { load } from './fixture.js'

/** Sequential is compared as a whole network, base classes by what extends them, and functions of tensors that nn only hands on where they live. */
const elsewhere = new Set(['sequential', 'Sequential', 'Metric', 'RNNCellBase', 'logsumexp', 'oneHot'])

const called = (): Set<string> => {
  const files = readdirSync(new URL('./fixtures/', import.meta.url)).filter((file) => file.endsWith('.json'))
  return new Set(
    files.flatMap((file) => load<{ readonly fn: string }>(import.meta.url, file.replace('.json', '')).map((c) => c.fn)),
  )
}

test('every layer and activation is compared with the reference', () => {
  const fixtures = called()
  const names = Object.entries(nn).flatMap(([name, value]) =>
    typeof value === 'function' && !elsewhere.has(name) ? [name] : [],
  )
  expect(names.length).toBeGreaterThan(25)
  expect(names.filter((name) => !fixtures.has(name))).toEqual([])
})

test('every initializer is compared with the reference', () => {
  const fixtures = called()
  const names = Object.keys(nn.initializers)
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter((name) => !fixtures.has(name))).toEqual([])
})
