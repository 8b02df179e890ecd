import { expect, test } from 'vitest'
import { measureCheckpoint } from '../src/checkpoint/measure.js'
import { checkpointTable } from '../src/checkpoint/table.js'
import { breakDown, parts } from '../src/first/breakdown.js'
import { firstTable } from '../src/first/table.js'
import { measureFlax } from '../src/graph/flax.js'
import { calls, measureLinum } from '../src/graph/linum.js'
import { layersOf } from '../src/graph/model.js'
import { graphTable } from '../src/graph/table.js'
import { readOptions, usage } from '../src/options.js'
import { drawArrays } from '../src/rivals/data.js'
import { prepareMlp } from '../src/rivals/linum/mlp.js'
import { specs } from '../src/rivals/specs.js'

test('every call is measured on every size', () => {
  const times = measureLinum(2, 1)
  expect(Object.keys(times)).toEqual([...calls])
  for (const { best, median } of Object.values(times)) {
    expect(best).toBeGreaterThan(0)
    expect(median).toBeGreaterThanOrEqual(best)
  }
  expect(layersOf(3).length).toBe(3)
})

test('the table has a row per call and size, and ratios where Flax was measured', () => {
  const time = { best: 10, median: 12 }
  const times = { split: time, merge: time, update: time, 'jit of a no-op': time }
  const best = { split: 500, merge: 20, update: 30, 'jit of a no-op': 40 }
  const lines = graphTable(new Map([[100, times]]), { version: '0.0.1', best: { '100': best } }).split('\n')
  expect(lines).toHaveLength(6)
  expect(lines[2]).toBe('| split | 200 | 10.0 | 12.0 | 0.0500 | 500 | 50.0 x |')
  expect(graphTable(new Map([[100, times]]), null)).not.toContain('Flax')
})

test('a Python without Flax is a reason, not a failure', () => {
  const { times, reason } = measureFlax('no-such-python', [1], 1)
  expect(times).toBeNull()
  expect(reason).toMatch(/^no-such-python cannot be run/)
})

test('options are read, and refused with a sentence', () => {
  expect(readOptions([], {}).workload).toBe('rivals')
  expect(readOptions([], {}).only).toHaveLength(7)
  expect(readOptions(['graph'], {}).layers).toEqual([100, 1000, 10000])
  expect(readOptions(['first'], {})).toMatchObject({ workload: 'first', rounds: 5, device: 'wasm' })
  expect(readOptions(['--only', 'gpt,mlp', '--write', '--device', 'js'], {})).toMatchObject({
    only: ['gpt', 'mlp'],
    write: true,
    device: 'js',
    rounds: 5,
  })
  expect(readOptions(['graph', '--layers', '5', '--rounds', '2'], { LINUM_PYTHON: 'py' })).toMatchObject({
    workload: 'graph',
    layers: [5],
    rounds: 2,
    python: 'py',
    help: false,
  })
  expect(() => readOptions(['--only', 'gtp'], {})).toThrow("--only takes names of workloads, got 'gtp'")
  expect(() => readOptions(['--layers', '0'], {})).toThrow("--layers takes positive integers, got '0'")
  expect(() => readOptions(['matmul'], {})).toThrow('unknown workload')
  expect(usage).toContain('--python')
})

test('checkpoint takes less memory than keeping everything', () => {
  const [plain, products, layers] = measureCheckpoint(4, 1)
  expect(products!.workspaceBytes).toBeLessThan(plain!.workspaceBytes)
  expect(layers!.workspaceBytes).toBeLessThan(products!.workspaceBytes)
  expect(checkpointTable([plain!, layers!]).split('\n')[2]).toMatch(
    /^\| nothing computed again \| [\d,]+ KB \| 1\.00 x \| [\d.]+ ms \| 1\.00 x \|$/,
  )
})

test('the parts of a first call add up to it, and every stage takes its time', () => {
  const { params, inputs } = specs.mlp
  const first = breakDown(prepareMlp(drawArrays([...params, ...inputs])))
  for (const part of parts) expect(first.parts[part], part).toBeGreaterThan(0)
  expect(parts.reduce((sum, part) => sum + first.parts[part], 0)).toBeCloseTo(first.total, 3)
  expect(first.second).toBeLessThan(first.total)
  const lines = firstTable({ MLP: first }).split('\n')
  expect(lines).toHaveLength(parts.length + 4)
  expect(lines[0]).toBe('| first call, ms | MLP |')
  expect(lines.at(-1)).toMatch(/^\| second call \| [\d.]+ \|$/)
})
