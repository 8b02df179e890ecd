import { readdirSync } from 'node:fs'
import * as np from '@linum/tensor'
import { expect, test } from 'vitest'
import { type Case, load } from './fixture.js'

/** Exports that compute no values of their own, and control flow, whose programs parity-control compares. */
const elsewhere = new Set([
  'jit',
  'evalShape',
  'makeProgram',
  'printProgram',
  'devices',
  'init',
  'setDefaultDevice',
  'withDevice',
  'scope',
  'memory',
  'cond',
  'foriLoop',
  'map',
  'scan',
  'switchCase',
  'whileLoop',
])

const isPlainFunction = (name: string, value: unknown): boolean => typeof value === 'function' && /^[a-z]/.test(name)

const covered = (): Set<string> => {
  const files = readdirSync(new URL('./fixtures/', import.meta.url)).filter((file) => file.endsWith('.json'))
  return new Set(files.flatMap((file) => load<Case>(import.meta.url, file.replace('.json', '')).map((c) => c.fn)))
}

test('every function of arrays is compared with the reference', () => {
  const names = Object.entries(np)
    .filter(([name, value]) => isPlainFunction(name, value) && !elsewhere.has(name))
    .map(([name]) => name)
  const fixtures = covered()
  expect(names.length).toBeGreaterThan(80)
  expect(names.filter((name) => !fixtures.has(name))).toEqual([])
})

test('every function of random is compared with the reference', () => {
  const names = Object.entries(np.random)
    .filter(([name, value]) => isPlainFunction(name, value))
    .map(([name]) => name)
  const fixtures = covered()
  expect(names.length).toBeGreaterThan(8)
  expect(names.filter((name) => !fixtures.has(name))).toEqual([])
})
