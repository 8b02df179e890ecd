import { fc, test } from '@fast-check/vitest'
import { Dropout, Embed } from '@linum/nn'
import { Module, Param, Rngs, RngStream, RngState, split, state } from '@linum/graph'
import {
  Bidirectional,
  GRUCell,
  initializers,
  LSTMCell,
  OptimizedLSTMCell,
  relu,
  RNN,
  RNNCellBase,
  SimpleCell,
} from '@linum/nn'
import {
  array,
  concatenate,
  ones,
  random,
  type Shape,
  ShapeError,
  stack,
  type Tensor,
  type TensorLike,
  zeros,
} from '@linum/tensor'
import { grad, jit, scan, traceCount, vmap } from '@linum/transforms'
import { describe, expect, vi } from 'vitest'
import { expectClose } from './numbers.js'

const draw = (shape: Shape, seed = 0): Tensor => random.normal(random.key(seed), shape)
const rngs = (): Rngs => new Rngs(0)

describe('cells', () => {
  test('OptimizedLSTMCell computes what LSTMCell does from the same parameters', () => {
    const [plain, fast] = [new LSTMCell(3, 2, { rngs: rngs() }), new OptimizedLSTMCell(3, 2, { rngs: rngs() })]
    const join = (...parts: readonly TensorLike[]): Tensor => concatenate(parts as Tensor[], { axis: -1 })
    fast.denseI.kernel.value = join(plain.ii.kernel, plain.if_.kernel, plain.ig.kernel, plain.io.kernel)
    fast.denseH.kernel.value = join(plain.hi.kernel, plain.hf.kernel, plain.hg.kernel, plain.ho.kernel)
    const [carry, x] = [[draw([4, 2]), draw([4, 2], 1)] as const, draw([4, 3], 2)]
    const [[c, h], y] = fast.forward(carry, x)
    const [[c2, h2], y2] = plain.forward(carry, x)
    expectClose(stack([c, h, y]), stack([c2, h2, y2]).toArray())
    expect(y).toBe(h)
  })

  test('the first carry is zeros, draws from the stream carry, and may be anything', () => {
    const cell = new LSTMCell(3, 2, { rngs: rngs() })
    const given = new Rngs(0, { carry: 1 })
    const [c, h] = cell.initializeCarry([4, 3], { rngs: given })
    expect([c.toArray(), h.shape]).toEqual([zeros([4, 2]).toArray(), [4, 2]])
    expect([given.stream('carry').count.value.item(), given.stream().count.value.item()]).toEqual([2, 0])
    const gru = new GRUCell(3, 2, { carryInit: initializers.ones, rngs: rngs() })
    expectClose(gru.initializeCarry([3], { rngs: new RngStream(0, { tag: 'carry' }) }), [1, 1])
    expectClose(gru.initializeCarry([3], { rngs: given, carryInit: initializers.constant(2) }), [2, 2])
  })

  test('functions of gates and activations are options', () => {
    const cell = new GRUCell(1, 1, {
      gateFn: (x) => x.mul(0).add(1),
      activationFn: relu,
      kernelInit: initializers.ones,
      recurrentKernelInit: initializers.ones,
      rngs: rngs(),
    })
    // z = 1 keeps the carry.
    expectClose(cell.forward(array([5]), array([3]))[1], [5])
    const simple = new SimpleCell(1, 1, {
      activationFn: relu,
      residual: true,
      kernelInit: initializers.ones,
      recurrentKernelInit: initializers.ones,
      biasInit: initializers.ones,
      rngs: rngs(),
    })
    expectClose(simple.forward(array([5]), array([3]))[1], [3 + 1 + 5 + 5])
  })

  test('half floats are computed in, beside carries of the dtype of the parameters', () => {
    for (const Cell of [LSTMCell, OptimizedLSTMCell, GRUCell]) {
      const layer = new RNN(new Cell(3, 2, { dtype: 'bfloat16', rngs: rngs() }) as RNNCellBase)
      expect(layer.forward(ones([2, 3])).dtype).toBe('float32')
      const half = new RNN(new Cell(3, 2, { dtype: 'float16', paramDtype: 'float16', rngs: rngs() }) as RNNCellBase)
      expect(half.forward(ones([2, 3])).dtype).toBe('float16')
    }
    const simple = new SimpleCell(3, 2, { paramDtype: 'bfloat16', rngs: rngs() })
    expect(simple.forward(ones([2]).astype('bfloat16'), ones([3]).astype('bfloat16'))[1].dtype).toBe('float32')
    expect(() => new RNN(simple).forward(ones([2, 3]))).toThrow('the carry must keep its types')
  })

  test('equal cells have equal graph definitions', () => {
    const make = (): GRUCell => new GRUCell(3, 2, { rngs: rngs() })
    expect(split(make())[0].equals(split(make())[0])).toBe(true)
  })

  test('errors name the cell, the argument and what was got', () => {
    for (const Cell of [LSTMCell, OptimizedLSTMCell, GRUCell, SimpleCell]) {
      const { name } = Cell
      expect(() => new Cell(0, 2, { rngs: rngs() })).toThrow(`${name}: inFeatures must be a positive integer, got 0`)
      expect(() => new Cell(2, 2, undefined as never)).toThrow(`${name}: rngs must be an Rngs`)
      const cell = new Cell(3, 2, { rngs: rngs() }) as unknown as RNNCellBase
      const carry = cell.initializeCarry([4, 3], { rngs: rngs() })
      expect(() => cell.forward(carry, ones([4, 2]))).toThrow(
        new ShapeError(`${name}.forward: the last axis of inputs must be 3 (inFeatures), got shape (4, 2)`),
      )
      const wrong = Array.isArray(carry) ? [ones([4, 3]), ones([4, 3])] : ones([4, 3])
      expect(() => cell.forward(wrong, ones([4, 3]))).toThrow(
        `${name}.forward: the last axis of the carry must be 2 (hiddenFeatures), got shape (4, 3)`,
      )
      expect(() => cell.initializeCarry([4, 3])).toThrow(`${name}.initializeCarry: rngs must be an Rngs`)
      expect(() => cell.initializeCarry([], { rngs: rngs() })).toThrow(ShapeError)
    }
  })
})

describe('RNN', () => {
  const extent = fc.integer({ min: 1, max: 4 })
  test.prop([extent, extent, fc.boolean(), fc.boolean()], { numRuns: 10 })(
    'is a loop of its cell',
    (batch, time, timeMajor, reverse) => {
      const cell = new LSTMCell(3, 2, { rngs: rngs() })
      const layer = new RNN(cell, { timeMajor, reverse, returnCarry: true })
      const x = draw(timeMajor ? [time, batch, 3] : [batch, time, 3])
      const at = (t: number): Tensor => (timeMajor ? x.slice(t) : x.slice(':', t))
      let carry = cell.initializeCarry([batch, 3], { rngs: rngs() })
      const outputs: Tensor[] = []
      for (let t = 0; t < time; t++) {
        const [next, y] = cell.forward(carry, at(reverse ? time - 1 - t : t))
        carry = next
        outputs.push(y)
      }
      const [[c, h], y] = layer.forward(x)
      expectClose(y, stack(outputs, { axis: timeMajor ? 0 : 1 }).toArray())
      expectClose(stack([c, h]), stack([...carry]).toArray())
    },
  )

  test.prop([fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })], { numRuns: 10 })(
    'the carry of a padded sequence is that of the sequence alone, in both directions',
    (first, second) => {
      const layer = new RNN(new GRUCell(3, 2, { rngs: rngs() }), { returnCarry: true })
      const x = draw([2, 4, 3])
      const seqLengths = array([first, second], { dtype: 'int32' })
      for (const reverse of [false, true]) {
        const [carry, y] = layer.forward(x, { seqLengths, reverse, keepOrder: true })
        ;[first, second].forEach((n, i) => {
          const [alone, outputs] = layer.forward(x.slice(i, `:${n}`), { reverse, keepOrder: true })
          expectClose(carry.slice(i), alone.toArray())
          expectClose(y.slice(i, `:${n}`), outputs.toArray())
        })
      }
    },
  )

  test('its stream of carries counts the draws, in jitted calls too', () => {
    const layer = new RNN(new LSTMCell(3, 2, { rngs: rngs() }))
    layer.forward(ones([2, 4, 3]))
    jit((m: RNN, x: Tensor) => m.forward(x))(layer, ones([2, 4, 3]))
    expect(layer.rngs!.count.value.item()).toBe(4)
    expect(Object.keys(state(layer, RngState))).toEqual(['rngs'])
    const given = rngs()
    expect(new RNN(layer.cell, { rngs: given }).rngs!.tag).toBe('default')
    expect(given.stream().count.value.item()).toBe(1)
    const none = new RNN(layer.cell, { rngs: false })
    expect(none.rngs).toBeNull()
    expect(() => none.forward(ones([2, 4, 3]))).toThrow('LSTMCell.initializeCarry: rngs must be an Rngs')
    expect(none.forward(ones([2, 4, 3]), { rngs: given }).shape).toEqual([2, 4, 2])
    expect(none.forward(ones([1, 3]), { initialCarry: [ones([2]), ones([2])] }).shape).toEqual([1, 2])
  })

  class Noisy extends RNNCellBase<Tensor> {
    dropout: Dropout
    seen: Param
    constructor(given: Rngs) {
      super()
      this.dropout = new Dropout(0.5, { rngs: given })
      this.seen = new Param(zeros([]))
    }
    get numFeatureAxes(): number {
      return 1
    }
    initializeCarry(): Tensor {
      return zeros([])
    }
    forward(carry: Tensor, x: TensorLike): readonly [Tensor, Tensor] {
      this.seen.value = this.seen.value.add(1)
      return [carry, this.dropout.forward(x)]
    }
  }

  test('random streams of a cell go on from step to step, or are the same for all steps of a call', () => {
    const given = rngs()
    const fresh = new RNN(new Noisy(given)).forward(ones([5, 40]))
    expect(new Set((fresh.toArray() as number[][]).map(String)).size).toBe(5)
    expect(given.stream().count.value.item()).toBe(5)
    const cell = new Noisy(rngs())
    const held = new RNN(cell, { broadcastRngs: RngState })
    const [first, second] = [held.forward(ones([5, 40])), held.forward(ones([5, 40]))]
    expect(new Set((first.toArray() as number[][]).map(String)).size).toBe(1)
    expect(second.toArray()).not.toEqual(first.toArray())
    expect((cell.dropout.rngs as Rngs).stream().count.value.item()).toBe(2)
    expect(cell.seen.value.item()).toBe(10)
  })

  test('a second call with inputs of the same type traces nothing', () => {
    let traced = 0
    class Counting extends GRUCell {
      override forward(carry: TensorLike, x: TensorLike): readonly [Tensor, Tensor] {
        traced++
        return super.forward(carry, x)
      }
    }
    const layer = new RNN(new Counting(3, 2, { rngs: rngs() }))
    layer.forward(ones([2, 4, 3]))
    const before = traced
    layer.forward(zeros([2, 4, 3]))
    expect(traced).toBe(before)
  })

  test('jit, grad, vmap and scan over layers agree with plain calls', () => {
    const layer = new RNN(new GRUCell(2, 2, { rngs: rngs() }))
    const x = draw([3, 4, 2])
    const y = layer.forward(x)
    const step = jit((m: RNN<Tensor>, t: Tensor) => m.forward(t))
    expect(step(layer, x).toArray()).toEqual(y.toArray())
    step(layer, x)
    expect(traceCount(step)).toBe(1)
    const g = grad((m: RNN<Tensor>) => m.forward(x).sum())(layer) as never as { readonly cell: GRUCell }
    expect(g.cell.denseI.kernel.shape).toEqual([2, 6])
    const makeStack = vmap((key: Tensor) => new RNN(new GRUCell(2, 2, { rngs: new Rngs(key) })), {
      inAxes: 0,
      outAxes: 0,
    })
    const layers = makeStack(random.split(random.key(0), 3))
    const each = vmap((m: RNN<Tensor>, t: Tensor) => m.forward(t), { inAxes: [0, null], outAxes: 0 })(layers, x)
    expect(each.shape).toEqual([3, 3, 4, 2])
    const deep = scan((t: Tensor, m: RNN<Tensor>): [Tensor, Tensor] => {
      const out = m.forward(t)
      return [out, out]
    })
    expectClose(deep(x, layers)[1].slice(0), each.slice(0).toArray())
  })

  test('errors name the layer and the argument', () => {
    const layer = new RNN(new GRUCell(3, 2, { rngs: rngs() }))
    expect(() => new RNN({} as never)).toThrow('RNN: cell must be an RNNCellBase, got object')
    expect(() => new RNN(layer.cell, { rngs: 3 as never })).toThrow(
      'RNN: rngs must be an Rngs, an RngStream or a boolean',
    )
    expect(() => layer.forward(ones([3]))).toThrow(
      new ShapeError('RNN.forward: inputs must have an axis of time and 1 of features, got shape (3,)'),
    )
    expect(() => layer.forward(ones([2, 4, 3]), { seqLengths: array([1, 2, 3]) })).toThrow(
      'RNN.forward: seqLengths must have the shape of the batch, (2,), got shape (3,)',
    )
    expect(() => layer.forward(ones([2, 4, 5]))).toThrow('GRUCell.forward: the last axis of inputs must be 3')
  })
})

describe('Bidirectional', () => {
  const make = (seed: number): RNN<Tensor> => new RNN(new GRUCell(3, 2, { rngs: new Rngs(seed) }))

  test('merges a layer and one that runs backwards', () => {
    const [there, back] = [make(0), make(1)]
    const x = draw([2, 4, 3])
    const layer = new Bidirectional(there, back, { returnCarry: true })
    const [[first, second], y] = layer.forward(x)
    const backwards = back.forward(x, { reverse: true, keepOrder: true })
    expectClose(y, concatenate([there.forward(x), backwards], { axis: -1 }).toArray())
    expectClose(first, y.slice(':', -1, ':2').toArray())
    expectClose(second, y.slice(':', 0, '2:').toArray())
    const sum = new Bidirectional(there, back, { mergeFn: (a, b) => a.add(b) })
    expectClose(sum.forward(x), there.forward(x).add(backwards).toArray())
    expect(sum.rngs!.count.value.item()).toBe(2)
  })

  test('one layer for both directions is allowed, with a warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const one = make(0)
    new Bidirectional(one, one)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('share parameters'))
    warn.mockRestore()
  })

  test('its type of rngs is checked', () => {
    expect(() => new Bidirectional(make(0), make(1), { rngs: 'x' as never })).toThrow('Bidirectional: rngs must be')
  })
})

test('a language model of cells trains in one jitted step', () => {
  class Model extends Module {
    embed = new Embed(5, 3, { rngs: new Rngs(0) })
    rnn = new RNN(new LSTMCell(3, 5, { rngs: new Rngs(1) }))
    forward(tokens: Tensor): Tensor {
      return this.rnn.forward(this.embed.forward(tokens))
    }
  }
  const model = new Model()
  const g = grad((m: Model) => m.forward(array([[0, 1, 2]], { dtype: 'int32' })).sum())(model)
  expect(Object.keys(g)).toEqual(['embed', 'rnn'])
})
