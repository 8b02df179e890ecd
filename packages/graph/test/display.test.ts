import { inspect } from 'node:util'
import { array, ones } from '@linum/tensor'
import { describe, expect, it, vi } from 'vitest'
import { BatchStat, display, List, Param, renderTree, Rngs, split, state, Variable } from '@linum/graph'
import { Foo, Linear } from './models.js'

const shown = (...nodes: unknown[]): { text: string; html: string; printed: unknown[] } => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const result = display(...nodes)
  const printed = log.mock.calls.map(([x]) => x as unknown)
  log.mockRestore()
  return { ...result, printed }
}

describe('display', () => {
  it('draws classes, attributes, Variables with statistics, and where shared objects are', () => {
    const linear = new Linear(2, 3)
    const m = new Foo({
      linear,
      again: linear,
      stats: new BatchStat(array([1, 2, 3]), { tag: 'x' }),
      rate: 0.5,
      name: 'net',
      act: Math.max,
      list: [1, 'a'],
      none: null,
      t: ones([2]),
    })
    expect(shown(m).text).toBe(`Foo # Param: 9 (36 B), BatchStat: 3 (12 B)
├─ act: max()
├─ again: Linear
│  ├─ b: Param float32[3] mean 0, range [0, 0]
│  ├─ din: 2
│  ├─ dout: 3
│  └─ w: Param float32[2, 3] mean 1, range [1, 1]
├─ linear: Linear (shared, see again)
├─ list: Array
│  ├─ 0: 1
│  └─ 1: "a"
├─ name: "net"
├─ none: null
├─ rate: 0.5
├─ stats: BatchStat float32[3] mean 2, range [1, 3] {tag: "x"}
└─ t: float32[2] mean 1, range [1, 1]`)
  })

  it('prints once and returns what it printed, with an escaped page', () => {
    const { text, html, printed } = shown(new Foo({ s: '<script>&"' }))
    expect(printed).toEqual([text])
    expect(html).toContain('<span class="text">&quot;&lt;script&gt;&amp;\\&quot;&quot;</span>')
    expect(html).not.toContain('<script>')
    expect(html.startsWith('<!doctype html>')).toBe(true)
  })

  it('draws cycles, keys, scalars, NaN, big counts and unreadable values', () => {
    const m = new Foo({
      rngs: new Rngs(0),
      n: new Variable(3),
      nan: new Param(array([Number.NaN])),
      big: new Param(ones([1000, 2])),
    })
    m.me = m
    const { text } = shown(m)
    expect(text).toContain('me: Foo (shared, see the root)')
    expect(text).toContain('key: RngKey key[] {tag: "default"}')
    expect(text).toContain('count: RngCount uint32[] 0')
    expect(text).toContain('n: Variable 3')
    expect(text).toContain('nan: Param float32[1] NaN')
    expect(text.split('\n')[0]).toBe(
      'Foo # Param: 2,001 (8.0 KB), Variable: 0 (0 B), RngCount: 1 (4 B), RngKey: 1 (8 B)',
    )
  })

  it('takes several values, States and Variables', () => {
    const m = new Linear(1, 1)
    expect(shown(state(m), m.w, 3).text).toBe(`State # Param: 2 (8 B)
├─ b: Param float32[1] 0
└─ w: Param float32[1, 1] 1
Param float32[1, 1] 1
3`)
  })

  it('console.log of Modules, Variables, snapshots and States is readable', () => {
    const m = new Linear(1, 1)
    expect(inspect(m)).toBe(renderTree(m))
    expect(inspect(m.w)).toBe('Param float32[1, 1] 1')
    expect(inspect(m.w.toState())).toBe('Param float32[1, 1] 1')
    expect(inspect(state(new Foo({ m, list: new List([ones([])]) })))).toBe(
      'State\n  list:\n    0: float32[] 1\n  m:\n    b: Param float32[1] 0\n    w: Param float32[1, 1] 1',
    )
    expect(inspect(state(new Foo()))).toBe('State {}')
  })

  it('draws a GraphDef as the graph that it describes', () => {
    const linear = new Linear(2, 3)
    const m = new Foo({ linear, again: linear, rate: 0.5, t: ones([2]) })
    m.me = m
    const [graphdef] = split(m)
    expect(shown(graphdef).text).toBe(`GraphDef (3 leaves)
└─ Foo
   ├─ again: Linear
   │  ├─ b: Param
   │  ├─ din: 2
   │  ├─ dout: 3
   │  └─ w: Param
   ├─ linear: (shared, see again)
   ├─ me: (shared, see the root)
   ├─ rate: 0.5
   └─ t: Tensor`)
  })

  it('is in colours where the environment asks for them, and the text it returns never is', () => {
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('FORCE_COLOR', '1')
    const { text, printed } = shown(new Foo({ w: new Param(ones([2])) }))
    expect(printed[0]).toContain('\u001b[32mParam\u001b[0m float32[2] mean 1, range [1, 1]')
    expect(text).not.toContain('\u001b')
    vi.stubEnv('NO_COLOR', '1')
    expect(shown(new Param(ones([2]))).printed[0]).not.toContain('\u001b')
    vi.unstubAllEnvs()
  })

  it('marks NaN and the infinities, and takes the mean of the rest', () => {
    const x = new Param(array([1, Number.NaN, Number.POSITIVE_INFINITY, 3, Number.NEGATIVE_INFINITY]))
    expect(shown(x).text).toBe('Param float32[5] mean 2, range [-Infinity, Infinity], 1 NaN, 2 Inf')
  })

  it('pictures arrays on its page, every cell with the colour of its value', () => {
    const w = new Param(
      array([
        [1, -2, 0],
        [Number.NaN, Number.POSITIVE_INFINITY, 2],
      ]),
    )
    const { html } = shown(new Foo({ w, scalar: new Param(ones([])) }))
    const uris = [...html.matchAll(/src="data:image\/bmp;base64,([^"]*)"/g)].map(([, uri]) => uri!)
    expect(uris).toHaveLength(1)
    const file = Buffer.from(uris[0]!, 'base64')
    expect(file.toString('latin1', 0, 2)).toBe('BM')
    expect([file.readInt32LE(18), file.readInt32LE(22)]).toEqual([3, 2])
    const at = (row: number, column: number): number[] => {
      const colour = file[file.readUInt32LE(10) + (1 - row) * 4 + column]!
      const [b, g, r] = [...file.subarray(54 + 4 * colour, 54 + 4 * colour + 3)]
      return [r!, g!, b!]
    }
    expect(at(0, 1)).toEqual([33, 102, 172])
    expect(at(1, 2)).toEqual([178, 24, 43])
    expect(at(0, 2)).toEqual([247, 247, 247])
    expect(at(1, 0)).toEqual([230, 0, 230])
    expect(at(1, 1)).toEqual([255, 170, 0])
    expect(html).toContain('w: from -2 (blue) to 2 (red)')
    expect(html).not.toContain('<script')
  })

  it('joins the cells of large arrays, so that a page stays small, and no NaN is lost', () => {
    const large = array(new Float32Array(1000 * 500))
      .reshape([1000, 500])
      .add(1)
    const { html } = shown(new Param(large))
    expect(html.length).toBeLessThan(60_000)
    const spoiled = new Float32Array(1000 * 500)
    spoiled[123_456] = Number.NaN
    const page = shown(new Param(array(spoiled).reshape([1000, 500]))).html
    const file = Buffer.from(/base64,([^"]*)"/.exec(page)![1]!, 'base64')
    expect(file.subarray(file.readUInt32LE(10)).filter((c) => c === 1)).toHaveLength(1)
  })

  it('shows by itself in notebooks', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const result = display(new Foo()) as unknown as Record<symbol, () => Record<string, string>>
    log.mockRestore()
    expect(Object.keys(result[Symbol.for('Jupyter.display')]!())).toEqual(['text/plain', 'text/html'])
  })
})
