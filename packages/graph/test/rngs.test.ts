import { array, GraphError, ones, random, type Tensor, TraceError, zeros } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { rest } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import {
  clone,
  flatState,
  Module,
  Param,
  Rngs,
  RngCount,
  RngKey,
  RngState,
  RngStream,
  split,
  state,
  update,
} from '@linum/graph'
import { Foo, Linear, numbers } from './models.js'

const trace = (level: number) => ({
  level,
  dynamic: false,
  label: 'test',
  process: (): never => {
    throw new Error('no primitive runs here')
  },
})
const words = (key: Tensor): unknown => random.keyData(key).toArray()

describe('Rngs', () => {
  it('gives foldIn(key, count) of the stream and counts', () => {
    const rngs = new Rngs(0)
    expect(words(rngs.stream().key.value)).toEqual([0, 0])
    expect([words(rngs.key('params')), words(rngs.key())]).toEqual([
      [1797259609, 2579123966],
      [928981903, 3453687069],
    ])
    expect(numbers(rngs.stream('anything').count)).toBe(2)
    expect(rngs.stream().count.dtype).toBe('uint32')
    expect(rngs.stream().key.dtype).toBe('key')
  })

  it('has named streams that fall back to the default', () => {
    const rngs = new Rngs(0, { params: 1 })
    expect(words(rngs.key('params'))).toEqual([507451445, 1853169794])
    expect(words(rngs.key('dropout'))).toEqual([1797259609, 2579123966])
    expect(rngs.names).toEqual(['default', 'params'])
    const named = new Rngs({ params: 0, dropout: 1 })
    expect(words(named.key('params'))).toEqual([1797259609, 2579123966])
    expect(() => named.key('noise')).toThrow(
      new GraphError(
        "No RngStream named 'noise' found in Rngs. It has 'params', 'dropout'; add that one, or a default by new Rngs(seed)",
      ),
    )
    expect(() => named.key()).toThrow(/No RngStream named 'default' found in Rngs\./)
  })

  it('takes integers, keys, streams and other Rngs as seeds, and nothing else', () => {
    const key = random.key(7)
    const expected = words(new Rngs(7).key())
    for (const rngs of [
      new Rngs(key),
      new Rngs(random.keyData(key)),
      new Rngs(new Rngs(7).stream()),
      new Rngs(new Rngs(7)),
      new Rngs({ default: 7 }),
    ])
      expect(words(rngs.key())).toEqual(expected)
    expect(() => new Rngs(ones([2]))).toThrow(
      "Invalid rng value: a Tensor of dtype 'float32', expected an integer or a Tensor of dtype 'key'; use random.key(seed)",
    )
    expect(() => new Rngs('a' as never)).toThrow(TypeError)
  })

  it('may name streams as its own methods, and as properties of objects', () => {
    const rngs = new Rngs({ key: 0, split: 1, constructor: 2, __proto__x: 3 })
    expect(flatState(state(rngs)).map(([path]) => path.join('/'))).toEqual([
      '__proto__x/count',
      '__proto__x/key',
      'constructor/count',
      'constructor/key',
      'key/count',
      'key/key',
      'split/count',
      'split/key',
    ])
    expect(() => rngs.stream('toString')).toThrow(GraphError)
  })

  it('in a Module has the state paths <name>/<stream>/{count,key}, tagged with the stream', () => {
    class Dropout extends Module {
      rngs: Rngs
      constructor({ rngs }: { rngs: Rngs }) {
        super()
        this.rngs = rngs
      }
    }
    const rngs = new Rngs(0, { params: 1 })
    const m = new Foo({
      linear: new Linear(1, 1, { rngs }),
      dropout: new Dropout({ rngs }),
      other: new Dropout({ rngs }),
    })
    expect(flatState(state(m, RngState)).map(([path]) => path.join('/'))).toEqual([
      'dropout/rngs/default/count',
      'dropout/rngs/default/key',
      'dropout/rngs/params/count',
      'dropout/rngs/params/key',
    ])
    expect(flatState(state(m, 'params')).map(([path]) => path.join('/'))).toEqual([
      'dropout/rngs/params/count',
      'dropout/rngs/params/key',
    ])
    expect(flatState(state(m, RngKey)).length).toBe(2)
    const c = clone(m)
    expect((c.dropout as Dropout).rngs).toBe((c.other as Dropout).rngs)
    expect(words((c.dropout as Dropout).rngs.key('params'))).toEqual(words(rngs.key('params')))
    expect((c.dropout as Dropout).rngs.names).toEqual(['default', 'params'])
  })

  it('can be reset through its State', () => {
    const rngs = new Rngs(0)
    const before = state(rngs)
    const first = words(rngs.key())
    update(rngs, before)
    expect(words(rngs.key())).toEqual(first)
  })

  it('split gives batched keys of the next key, with counts of zero', () => {
    const rngs = new Rngs(0)
    const s = rngs.split(3)
    expect(words(s.stream().key.value)).toEqual([
      [4165894930, 804218099],
      [1353695780, 2116000888],
      [2839387376, 2467677468],
    ])
    expect(numbers(s.stream().count)).toEqual([0, 0, 0])
    expect(s.stream().count.dtype).toBe('uint32')
    expect(numbers(rngs.stream().count)).toBe(1)
    expect(rngs.split([2, 2]).stream().key.shape).toEqual([2, 2])
  })

  it('split by rules leaves other streams the same objects', () => {
    const rngs = new Rngs(0, { dropout: 1, noise: 2 })
    const s = rngs.split([
      ['dropout', 4],
      ['noise', null],
      [rest, 2],
    ])
    expect(['default', 'dropout', 'noise'].map((name) => s.stream(name).key.shape)).toEqual([[2], [4], []])
    expect(s.stream('noise')).toBe(rngs.stream('noise'))
    expect(rngs.split([['dropout', 4]]).stream()).toBe(rngs.stream())
    expect(numbers(rngs.stream('noise').count)).toBe(0)
  })

  it('fork starts new streams, broadcast repeats one key', () => {
    const rngs = new Rngs(0)
    const f = rngs.fork()
    expect(words(f.stream().key.value)).toEqual([1797259609, 2579123966])
    expect(numbers(f.stream().count)).toBe(0)
    expect(numbers(rngs.stream().count)).toBe(1)
    const b = rngs.broadcast(2)
    expect(words(b.stream().key.value)).toEqual([
      [928981903, 3453687069],
      [928981903, 3453687069],
    ])
    expect(numbers(b.stream().count)).toEqual([0, 0])
  })

  it('samples with a fresh key each time', () => {
    const rngs = new Rngs(0)
    const key = random.foldIn(random.key(0), array(0, { dtype: 'uint32' }))
    expect(rngs.uniform([2, 3]).toArray()).toEqual(random.uniform(key, [2, 3]).toArray())
    expect(rngs.normal([2]).shape).toEqual([2])
    expect(rngs.bernoulli({ p: 0.5, shape: [3] }).shape).toEqual([3])
    expect(rngs.randint([2], 0, 10).dtype).toBe('int32')
    expect(rngs.truncatedNormal(-1, 1, { shape: [2] }).shape).toEqual([2])
    expect(rngs.permutation(4).shape).toEqual([4])
    expect(rngs.bits([2]).dtype).toBe('uint32')
    expect(numbers(rngs.stream().count)).toBe(7)
    expect(rngs.stream().uniform([]).shape).toEqual([])
  })

  it('cannot be drawn from inside a transform that captured it', () => {
    const rngs = new Rngs(0)
    withTrace(trace, () => expect(() => rngs.key()).toThrow(/Cannot mutate RngCount from a different trace level/))
    withTrace(trace, () => expect(() => rngs.stream().next()).toThrow(TraceError))
    expect(numbers(rngs.stream().count)).toBe(0)
  })

  it('a stream is a graph node of key and count', () => {
    const stream = new RngStream(3, { tag: 'noise' })
    expect(stream.count).toBeInstanceOf(RngCount)
    expect(stream.key.tag).toBe('noise')
    const [def, keys, counts] = split(stream, RngKey, RngCount)
    expect([keys, counts].map((s) => Object.keys(s))).toEqual([['key'], ['count']])
    expect(def.numLeaves).toBe(2)
    expect(stream.fork().tag).toBe('noise')
  })
})

describe('layers share streams', () => {
  it('every draw of every layer advances the one default stream', () => {
    const rngs = new Rngs(0)
    const m = new Foo({ a: new Linear(1, 2, { rngs }), b: new Linear(2, 2, { rngs }) })
    expect(numbers(rngs.stream().count)).toBe(2)
    expect((m.a as Linear).w).toBeInstanceOf(Param)
    expect(zeros([1]).shape).toEqual([1])
  })

  it('the first Linear of the basics computes the values of the reference', () => {
    const model = new Linear(2, 5, { rngs: new Rngs({ params: 0 }) })
    const y = model.forward(ones([1, 2])).toArray() as number[][]
    ;[1.5643291, 0.94782424, 0.37971854, 1.0724319, 0.22112393].forEach((x, i) => expect(y[0]![i]).toBeCloseTo(x, 5))
  })
})
