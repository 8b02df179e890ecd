import { readdirSync } from 'node:fs'
import * as np from '@linum/tensor'
import { expect, test } from 'vitest'
import { type Case, load } from './fixture.js'

/** Exports that compute no values of their own, and control flow, whose programs parity-control compares. */
const elsewhere = new Set([
  'jit',
  'broadcastShapes',
  'evalShape',
  'makeProgram',
  'printProgram',
  'devices',
  'init',
  'setDefaultDevice',
  'withDevice',
  'scope',
  'deviceStats',
  'memory',
  'associativeScan',
  'cond',
  'foriLoop',
  'map',
  'scan',
  'switchCase',
  'whileLoop',
  'callRoutine',
  'callback',
  'debugNans',
  'lower',
  'print',
  'traceCount',
  'defineRoutine',
  'setThreads',
  'threads',
])

const isPlainFunction = (name: string, value: unknown): boolean => typeof value === 'function' && /^[a-z]/.test(name)

const covered = (): Set<string> => {
  const files = readdirSync(new URL('./fixtures/', import.meta.url)).filter((file) => file.endsWith('.json'))
  return new Set(files.flatMap((file) => load<Case>(import.meta.url, file.replace('.json', '')).map((c) => c.fn)))
}

/** Functions of a namespace, by the names that fixtures may use for them. */
const functionsOf = (namespace: object, prefix: string): string[] =>
  Object.entries(namespace)
    .filter(([name, value]) => isPlainFunction(name, value) && !elsewhere.has(name))
    .map(([name]) => `${prefix}${name}`)

const missing = (names: readonly string[]): string[] => {
  const fixtures = covered()
  return names.filter((name) => !fixtures.has(name) && !fixtures.has(name.slice(name.indexOf('.') + 1)))
}

test('every function of arrays is compared with the reference', () => {
  const names = functionsOf(np, '')
  expect(names.length).toBeGreaterThan(80)
  expect(missing(names)).toEqual([])
})

/** Namespaces whose functions compute no arrays of their own. */
const structural = new Set(['tree'])

test('every function of a namespace is compared with the reference', () => {
  const namespaces = Object.entries(np).filter(
    ([name, value]) =>
      typeof value === 'object' && /^[a-z]/.test(name) && !Array.isArray(value) && !structural.has(name),
  )
  expect(namespaces.map(([name]) => name)).toContain('random')
  expect(missing(namespaces.flatMap(([name, value]) => functionsOf(value as object, `${name}.`)))).toEqual([])
})
