import { inspect } from 'node:util'
import { array, ones } from '@linum/tensor'
import { describe, expect, it, vi } from 'vitest'
import { BatchStat, display, List, Param, renderTree, Rngs, state, Variable } from '@linum/graph'
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
    expect(html).toContain('<pre>Foo\n└─ s: &quot;&lt;script&gt;&amp;\\&quot;&quot;</pre>')
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
})
