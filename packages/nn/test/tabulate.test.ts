import { Module, Param, Rngs } from '@linum/graph'
import {
  BatchNorm,
  Conv,
  Dropout,
  GRUCell,
  LayerNorm,
  Linear,
  MultiHeadAttention,
  relu,
  RNN,
  tabulate,
} from '@linum/nn'
import { ones, type Tensor, zeros } from '@linum/tensor'
import { expect, test } from 'vitest'
import { first, guarded, load, parity } from './fixture.js'

class Block extends Module {
  linear: Linear
  bn: BatchNorm
  constructor(din: number, dout: number, rngs: Rngs) {
    super()
    this.linear = new Linear(din, dout, { rngs })
    this.bn = new BatchNorm(dout, { rngs })
  }
  forward(x: Tensor): Tensor {
    return relu(this.bn.forward(this.linear.forward(x)))
  }
}

class Foo extends Module {
  block1: Block
  block2: Block
  constructor(rngs: Rngs) {
    super()
    this.block1 = new Block(32, 128, rngs)
    this.block2 = new Block(128, 10, rngs)
  }
  forward(x: Tensor): Tensor {
    return this.block2.forward(this.block1.forward(x))
  }
}

/** One layer at two places, called with two shapes and then again, a list of layers, several inputs and outputs. */
class Shared extends Module {
  first: Linear
  layers: readonly [Linear, LayerNorm]
  second: Linear
  scale: Param
  constructor(rngs: Rngs) {
    super()
    this.first = new Linear(4, 4, { useBias: false, rngs })
    this.layers = [new Linear(4, 4, { rngs }), new LayerNorm(4, { rngs })]
    this.second = this.first
    this.scale = new Param(ones([4]), { role: 'scale' })
  }
  forward(x: Tensor, pair: readonly [Tensor, Tensor]): unknown {
    let y = this.first.forward(x).add(this.second.forward(x))
    for (const layer of this.layers) y = layer.forward(y)
    return [y.mul(this.scale), { narrow: this.first.forward(pair[0]), none: [pair[1], pair[1]] }]
  }
  encode(x: Tensor): Tensor {
    return this.first.forward(x)
  }
}

class MLP extends Module {
  linear1: Linear
  linear2: Linear
  constructor(rngs: Rngs) {
    super()
    this.linear1 = new Linear(3, 8, { rngs })
    this.linear2 = new Linear(8, 2, { rngs })
  }
  forward(x: Tensor): Tensor {
    const h = this.linear1.forward(x)
    return this.linear2.forward(h.mul(h))
  }
}

interface TableCase {
  readonly fn: string
  readonly model: keyof typeof models
  readonly options: { readonly method?: string }
  readonly lines: readonly string[]
}

const models = {
  Foo: { Class: Foo, args: [ones([1, 32])] },
  Shared: { Class: Shared, args: [ones([2, 4]), [ones([4]), zeros([2, 1], { dtype: 'int32' })]] },
  MLP: { Class: MLP, args: [ones([5, 3])] },
} as const

const tableMismatch = ({ model, options, lines }: TableCase): Promise<string | null> =>
  guarded(async () => {
    const { Class, args } = models[model]
    const text = tabulate(new Class(new Rngs(0)), options.method === undefined ? args : args.slice(0, 1), options)
    const got = text.trimEnd().split('\n')
    const checks = Array.from({ length: Math.max(got.length, lines.length) }, (_, i) => async () => {
      const [a, b] = [got[i]?.trimEnd(), lines[i]]
      return a === b ? null : `line ${i}\n  is       ${a}\n  expected ${b}\n${text}`
    })
    return first(...checks)
  })

parity('tables', load<TableCase>(import.meta.url, 'tabulate'), tableMismatch)

const column = (text: string, name: string): readonly string[] => {
  const lines = text.split('\n').filter((line) => line.startsWith('┃') || line.startsWith('│'))
  const cells = lines.map((line) =>
    line
      .split(/[┃│]/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const at = cells[0]!.indexOf(name)
  expect(at).toBeGreaterThanOrEqual(0)
  return cells.slice(1).map((row) => row[at]!)
}
const present = (cells: readonly string[]): readonly string[] => cells.filter((cell) => cell !== '')

test('the model stays as it is, and its methods too', () => {
  const model = new Foo(new Rngs(0))
  const { forward } = Linear.prototype
  const [mean, keys] = [model.block1.bn.mean.value, Object.keys(model)]
  tabulate(model, [ones([1, 32])])
  expect(model.block1.bn.mean.value).toBe(mean)
  expect(Object.keys(model)).toEqual(keys)
  expect(Linear.prototype.forward).toBe(forward)
  expect(() => tabulate(model, [ones([1, 3])])).toThrow('Linear.forward: the last axis of x must be 32')
  expect(Linear.prototype.forward).toBe(forward)
})

test('a layer inside of a loop is one row', () => {
  const text = tabulate(new RNN(new GRUCell(3, 2, { rngs: new Rngs(0) })), [ones([4, 5, 3])], { computeFlops: true })
  expect(present(column(text, 'path'))).toEqual(['cell/initializeCarry', 'cell', 'cell/denseI', 'cell/denseH'])
  expect(present(column(text, 'type'))).toEqual(['RNN', 'GRUCell', 'GRUCell', 'Linear', 'Linear'])
  const [whole, , cell] = present(column(text, 'flops')).map(Number)
  // Besides, the stream of carries counts on.
  expect(whole).toBe(5 * cell! + 1)
})

test('options of a call are listed by name, and rows are chosen by a function', () => {
  const model = new MultiHeadAttention(2, 4, { dropoutRate: 0.5, deterministic: true, rngs: new Rngs(0) })
  const text = tabulate(model, [ones([3, 4]), { mask: ones([3, 3]), isCausal: true }], {
    rowFilter: ({ type, path }) => type === 'MultiHeadAttention' || path.at(-1) === 'out',
  })
  expect(present(column(text, 'type'))).toEqual(['MultiHeadAttention', 'LinearGeneral'])
  expect(column(text, 'inputs').slice(0, 3)).toEqual(['- float32[3,4]', 'isCausal: true', 'mask: float32[3,3]'])
  expect(column(text, 'RngState')[0]).toBe('2 (12 B)')
})

test('products of convolutions count twice, and functions do not', () => {
  const conv = new Conv(2, 3, [3, 3], { useBias: false, padding: 'VALID', rngs: new Rngs(0) })
  const text = tabulate(conv, [ones([1, 5, 5, 2])], { computeFlops: true })
  expect(Number(present(column(text, 'flops'))[0])).toBe(2 * 9 * 2 * 27)
  class Exp extends Module {
    p = new Param(ones([]))
    forward(x: Tensor): Tensor {
      return x.exp()
    }
  }
  expect(present(column(tabulate(new Exp(), [ones([7])], { computeFlops: true }), 'flops'))[0]).toBe('0')
})

test('a call of its own method is part of a call', () => {
  class Two extends Module {
    linear = new Linear(2, 2, { rngs: new Rngs(0) })
    dropout = new Dropout(0, { rngs: new Rngs(0) })
    forward(x: Tensor): Tensor {
      return this.dropout.forward(this.inner(x))
    }
    inner(x: Tensor): Tensor {
      return this.linear.forward(x)
    }
  }
  expect(present(column(tabulate(new Two(), [ones([1, 2])]), 'path'))).toEqual(['linear', 'dropout'])
})

test('errors say what cannot be tabulated', () => {
  const model = new MLP(new Rngs(0))
  expect(() => tabulate({}, [])).toThrow('tabulate: expected a Module or another node of a graph, got object')
  expect(() => tabulate(model, [ones([5, 3])], { method: 'nothing' })).toThrow(
    "tabulate: MLP must have the method that is called, got 'nothing'; pass { method }",
  )
  expect(() => tabulate(model, ones([5, 3]) as never)).toThrow('the arguments of the call must be an array')
})
