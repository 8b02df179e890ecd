import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { rivalsChart } from '../src/rivals/chart.js'
import { agree, type Cell, compare } from '../src/rivals/compare.js'
import type { Contender } from '../src/rivals/contenders.js'
import { type ArraySpec, drawArrays } from '../src/rivals/data.js'
import { withRivals } from '../src/rivals/readme.js'
import { Runner } from '../src/rivals/runner.js'
import { run } from '../src/rivals/serve.js'
import { specs, type Workload, workloads } from '../src/rivals/specs.js'
import { median } from '../src/rivals/statistics.js'
import { type Report, rivalsTables } from '../src/rivals/table.js'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

const echo = (name: string, version: string, loss: number, milliseconds: number): Contender => ({
  name,
  command: process.execPath,
  args: [fixture('echo-runner.mjs'), version, String(loss), String(milliseconds)],
})

test('the numbers drawn here are those that Python draws', () => {
  const { specs: samples, values } = JSON.parse(readFileSync(fixture('draws.json'), 'utf8')) as {
    readonly specs: readonly ArraySpec[]
    readonly values: Readonly<Record<string, readonly number[]>>
  }
  const drawn = drawArrays(samples)
  expect(drawn.size).toBe(5)
  for (const [name, array] of drawn) expect(Array.from(array)).toEqual(values[name])
})

test('every workload has arrays of distinct names', () => {
  expect(workloads).toHaveLength(7)
  for (const workload of workloads) {
    const names = [...specs[workload].params, ...specs[workload].inputs].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(0)
  }
})

test('libraries take turns, and what one cannot do is a reason in its cell', async () => {
  const lines: string[] = []
  const { participants, absent, cells } = await compare(
    [echo('ours', '1.0', 2, 3), echo('theirs', '2.0', 2.001, 6), echo('none', 'broken', 1, 1)],
    ['mlp', 'cnn', 'gpt'],
    2,
    (line) => lines.push(line),
  )
  expect(participants).toEqual([
    { name: 'ours', version: '1.0', peakBytes: 2 ** 20 },
    { name: 'theirs', version: '2.0', peakBytes: 2 ** 20 },
  ])
  expect(absent).toEqual([{ name: 'none', reason: 'Error: no such library' }])
  expect(cells.get('mlp')!.get('ours')).toEqual({ best: 3, median: 6, firstCallMs: 7, agrees: true })
  expect(cells.get('mlp')!.get('theirs')).toMatchObject({ best: 6, agrees: false })
  expect(cells.get('cnn')!.get('theirs')).toEqual({ cannot: 'no convolutions here' })
  expect(cells.get('gpt')!.size).toBe(0)
  expect(lines).toContain('mlp: round 2 of 2')
})

test('a library that dies in one workload is started again for the next', async () => {
  const { cells } = await compare([echo('fragile', 'fragile', 1, 1)], ['matmul', 'tiny'], 1, () => undefined)
  expect(cells.get('matmul')!.get('fragile')).toEqual({ cannot: 'out of memory' })
  expect(cells.get('tiny')!.get('fragile')).toMatchObject({ best: 1 })
})

test('a command that does not exist is a reason', async () => {
  await expect(Runner.start({ command: 'no-such-command', args: [] })).rejects.toThrow(/^cannot be run: /)
})

test('steps run for the time asked, and once at least', () => {
  let steps = 0
  const ran = run(() => steps++, 5)
  expect(ran.steps).toBe(steps)
  expect(ran.median).toBeGreaterThanOrEqual(ran.best)
  expect(run(() => 0, 0).steps).toBe(1)
  expect(median([3, 1, 2])).toBe(2)
})

test('losses agree to one in ten thousand', () => {
  expect(agree([2, 1], [2.0001, 1])).toBe(true)
  expect(agree([2, 1], [2.001, 1])).toBe(false)
  expect(agree([NaN], [1])).toBe(false)
  expect(agree([1], [1, 2])).toBe(false)
})

const timing = (best: number, agrees = true): Cell => ({ best, median: 2 * best, firstCallMs: 30, agrees })

const report: Report = {
  participants: [
    { name: 'linum, 2 threads', version: '1.0', peakBytes: 100 * 2 ** 20 },
    { name: 'a & b', version: '2.0', peakBytes: 200 * 2 ** 20 },
  ],
  absent: [{ name: 'PyTorch', reason: 'no module' }],
  cells: new Map<Workload, ReadonlyMap<string, Cell>>([
    [
      'mlp',
      new Map([
        ['linum, 2 threads', timing(2)],
        ['a & b', timing(500, false)],
      ]),
    ],
    [
      'cnn',
      new Map<string, Cell>([
        ['linum, 2 threads', timing(20)],
        ['a & b', { cannot: 'no gradient' }],
      ]),
    ],
  ]),
  starts: [
    { name: 'bare Node', best: 40 },
    { name: 'a & b', best: 300 },
  ],
  bundles: [
    { name: 'linum', gzipped: 80 * 1024, wasm: 0 },
    { name: 'a & b', gzipped: 200 * 1024, wasm: 100 * 1024 },
  ],
}

test('the tables have ratios to the first column, reasons for what is missing and costs per library', () => {
  const text = rivalsTables(report)
  expect(text).toContain('| MLP 784-256-128-10, batch 64, Adam | 2.00 | 500 (250 x) (1) |')
  expect(text).toContain('| CNN 28x28, batch 32, Adam | 20.0 | cannot (2) |')
  expect(text).toContain('(1) its first losses are not those of the leftmost library\n\n(2) no gradient')
  expect(text).toContain('| 2.00 / 4.00 / 30.0 | 500 / 1,000 / 30.0 |')
  expect(text).toContain('a Node that does nothing: 40 ms')
  expect(text).toContain('| linum, 2 threads | 1.0 | - | 80 KB | 100 MB |')
  expect(text).toContain('| a & b | 2.0 | 300 ms | 200 KB + 100 KB wasm | 200 MB |')
  expect(text).toContain('Without PyTorch: no module.')
})

test('the chart puts a ratio where its logarithm belongs', () => {
  const chart = rivalsChart(report)
  const dots = [...chart.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="[67]" fill="[^"]+"(?:\/>|><title>([^<]*))/g)]
  const rows = dots.filter(([, , y]) => Number(y) > 30)
  expect(rows.map(([, , , title]) => title)).toEqual([undefined, 'a &#38; b: 250 x', undefined])
  // From 1/10 to 1000 is four decades over 550 points from 340.
  expect(Number(rows[0]![1])).toBeCloseTo(340 + 550 / 4, 0)
  expect(Number(rows[1]![1])).toBeCloseTo(340 + (550 / 4) * (1 + Math.log10(250)), 0)
  expect(chart).toContain('prefers-color-scheme: dark')
})

test('the report replaces what is between the markers', () => {
  const once = withRivals('a\n<!-- rivals -->\nold\n<!-- end of rivals -->\nb\n', 'new')
  expect(once).toBe('a\n<!-- rivals -->\n\nnew\n\n<!-- end of rivals -->\nb\n')
  expect(withRivals(once, 'newer')).toContain('newer')
  expect(() => withRivals('nothing', 'new')).toThrow("must have '<!-- rivals -->'")
})
