import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { draw, type Item, itemsOf } from './suites.js'

const script = fileURLToPath(new URL('../../scripts/runtimes.mjs', import.meta.url))

/** What the script prints and how it ends. */
const run = (
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })

test('this Node passes what every runtime must pass, and ends by itself', async () => {
  const { code, stdout, stderr } = await run('--only', 'node', '--cases', '45', '--devices', 'wasm')
  expect(stderr).not.toContain('FAILED')
  const [titles, row] = stdout.split('\n').map((line) => line.split(/ {2,}/))
  const found = Object.fromEntries(titles!.map((title, k) => [title, row![k]]))
  expect(found).toMatchObject({ runtime: 'node', version: process.versions.node, cases: '45', failures: '0' })
  expect(Number(found['checks'])).toBeGreaterThan(100)
  expect(code).toBe(0)
})

test('a runtime that cannot be had is named with the reason, and is no failure', async () => {
  const before = process.env['CHROMIUM']
  process.env['CHROMIUM'] = '/nowhere/chromium'
  try {
    const { code, stdout } = await run('--only', 'page', '--cases', '1')
    expect(stdout).toContain('page was not run: CHROMIUM names no file, got /nowhere/chromium')
    expect(code).toBe(0)
  } finally {
    if (before === undefined) delete process.env['CHROMIUM']
    else process.env['CHROMIUM'] = before
  }
})

test('what fails in a runtime is told and is the exit code', async () => {
  const { code, stderr } = await run('--only', 'node', '--cases', '0', '--devices', 'abacus')
  expect(stderr).toContain("unknown device 'abacus'")
  expect(code).toBe(1)
})

test('a name that is no runtime and a count that is no number are refused', async () => {
  expect(await run('--only', 'netscape')).toMatchObject({ code: 1 })
  expect((await run('--cases', 'some')).stderr).toContain('--cases must be a whole number, got some')
})

const items = (fixture: string, count: number): Item[] =>
  Array.from({ length: count }, () => ({ fixture, fn: 'f', checks: [] }))

test('a draw takes every fixture first, keeps the order, and is the same for the same seed', () => {
  const all = [...items('many', 100), ...items('few', 2), ...items('one', 1)]
  const drawn = draw(all, 10, 5)
  expect(drawn.length).toBe(10)
  expect(new Set(drawn.map(({ fixture }) => fixture)).size).toBe(3)
  expect(drawn.map((item) => all.indexOf(item))).toEqual(drawn.map((item) => all.indexOf(item)).sort((a, b) => a - b))
  expect(draw(all, 10, 5)).toEqual(drawn)
  expect(draw(all, 1000, 5)).toEqual(all)
})

test('a case is checked as it is and compiled, and a failure is told', async () => {
  const text = (expected: number): string =>
    JSON.stringify({
      cases: [
        {
          fn: 'add',
          args: [{ shape: [1], dtype: 'float32', data: [1] }, 1],
          expect: { shape: [1], dtype: 'float32', data: [expected] },
        },
      ],
    })
  const [good] = itemsOf({ './fixtures/sums.json': text(2) })
  expect(await Promise.all(good!.checks.map((check) => check.run()))).toEqual([null, null])
  const [bad] = itemsOf({ './fixtures/sums.json': text(3) })
  expect(await bad!.checks[0]!.run()).toContain('element [0] is 2, expected 3')
})
