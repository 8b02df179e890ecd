import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Row {
  readonly worked: number
  readonly refused: number
  readonly reasons: Readonly<Record<string, number>>
}

type Rows = Readonly<Record<string, Row>>
type Refusals = Readonly<Record<string, { readonly does: 'some' | 'none'; readonly refuses: readonly string[] }>>

interface Stored {
  readonly cases: number
  readonly functions: Readonly<Record<string, readonly string[]>>
  readonly webgpu: Refusals
  readonly webgl2: Refusals
}

interface Support {
  readonly readme: string
  readSupport(): Stored
  supportOf(cases: number, reports: Readonly<Record<'webgpu' | 'webgl2', { readonly functions: Rows }>>): Stored
  disagreements(support: Stored, mode: 'webgpu' | 'webgl2', functions: Rows): readonly string[]
  readmeWithTable(text: string, support: Stored): string
}

const script = new URL('../../../../scripts/gpu/support.mjs', import.meta.url).href
const { readme, readSupport, supportOf, disagreements, readmeWithTable } = (await import(script)) as Support

const works: Row = { worked: 3, refused: 0, reasons: {} }
const refuses = (...reasons: readonly string[]): Row => ({
  worked: 0,
  refused: reasons.length,
  reasons: Object.fromEntries(reasons.map((reason) => [reason, 1])),
})
const functions = {
  'sort sort': works,
  'sets unique': { ...refuses('values'), worked: 1 },
  'linalg linalg.qr': works,
  'unary exp': { worked: 3, refused: 1, reasons: { float64: 1 } },
}
const onWebgl2 = {
  ...functions,
  'sort sort': { ...refuses('size'), worked: 2 },
  'linalg linalg.qr': refuses('routine'),
}
const support = supportOf(3, { webgpu: { functions }, webgl2: { functions: onWebgl2 } })

test("the README's table of the gpu is that of the stored outcome; `node scripts/gpu/table.mjs` writes both", () => {
  const text = readFileSync(readme, 'utf8')
  expect(readmeWithTable(text, readSupport())).toBe(text)
})

test('the table names what a mode refuses, in words', () => {
  const text = readmeWithTable('<!-- gpu --><!-- /gpu -->', support)
  expect(text).toContain('| linalg | all | not (host routine) |')
  expect(text).toContain('in part (needs values): `unique`')
  expect(text).toContain('in part (long sorts): `sort`')
  expect(text).toContain('| elementwise, dtypes | all | all |')
})

test('every function that the fixtures compute with is in the stored outcome', () => {
  const stored = new Set(Object.values(readSupport().functions).flat())
  const folder = new URL('../fixtures/', import.meta.url)
  const withoutArrays = ['refuse.json', 'dtype-relations.json']
  const missing = readdirSync(folder)
    .filter((file) => !withoutArrays.includes(file))
    .flatMap((file) => {
      const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
        readonly cases: readonly { readonly fn: string }[]
      }
      return cases.map(({ fn }) => fn)
    })
    .filter((fn) => !['', 'random.', 'control.'].some((prefix) => stored.has(`${prefix}${fn}`)))
  expect([...new Set(missing)]).toEqual([])
})

test('a run that goes as stored is in order, also if it refuses float64', () => {
  expect(disagreements(support, 'webgpu', functions)).toEqual([])
  expect(disagreements(support, 'webgl2', onWebgl2)).toEqual([])
  expect(disagreements(support, 'webgpu', { 'sort sort': refuses('float64') })).toEqual([])
})

test('what is refused against the stored outcome is told, and what is done against it', () => {
  const told = (mode: 'webgpu' | 'webgl2', rows: Rows): readonly string[] => disagreements(support, mode, rows)
  expect(told('webgpu', { 'sort sort': refuses('size') })[0]).toContain('webgpu refused sort')
  expect(told('webgl2', { 'sort sort': refuses('routine') })[0]).toContain('host routine')
  expect(told('webgpu', { 'sets unique': refuses('other') })[0]).toContain('other')
  expect(told('webgl2', { 'linalg linalg.qr': works })[0]).toContain('webgl2 does linalg.qr')
})

test('an outcome is not stored of functions run with float64 alone, or refused for a reason without a name', () => {
  const of = (row: Row): Stored => supportOf(1, { webgpu: { functions: { 'unary exp': row } }, webgl2: { functions } })
  expect(() => of(refuses('float64'))).toThrow('every case of exp that was run is one of float64')
  expect(() => of(refuses('other'))).toThrow('exp was refused for a reason that has no name')
})
