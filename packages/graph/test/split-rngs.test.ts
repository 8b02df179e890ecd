import { rest } from '@linum/filters'
import { GraphError, random, type Tensor, TraceError } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { forkRngs, reseed, restoreRngs, Rngs, RngBackups, splitRngs, withRngs } from '@linum/graph'
import { Foo, numbers } from './models.js'

const trace = (level: number) => ({
  level,
  dynamic: false,
  label: 'test',
  process: (): never => {
    throw new Error('no primitive runs here')
  },
})
const words = (key: Tensor): unknown => random.keyData(key).toArray()
const shapes = (rngs: Rngs): unknown => [...rngs.names].sort().map((name) => rngs.stream(name).key.shape)

describe('splitRngs', () => {
  it('reaches every stream of a graph that the filter takes, and goes back with counts one higher', () => {
    const rngs = new Rngs({ params: 0, dropout: 1 })
    const model = new Foo({ rngs, layers: [new Foo({ rngs })] })
    const key = rngs.stream('dropout').key
    const backups = splitRngs(model, { splits: [2, 3], only: 'dropout' })
    expect(backups).toBeInstanceOf(RngBackups)
    expect(shapes(rngs)).toEqual([[2, 3], []])
    expect(numbers(rngs.stream('dropout').count)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    restoreRngs(backups)
    expect(rngs.stream('dropout').key).toBe(key)
    expect(words(key.value)).toEqual([0, 1])
    expect([numbers(rngs.stream('dropout').count), numbers(rngs.stream('params').count)]).toEqual([1, 0])
  })

  it('is restored at the end of a block', () => {
    const rngs = new Rngs(0)
    {
      using backups = splitRngs(rngs, { splits: 2 })
      expect([...backups]).toHaveLength(1)
      expect(shapes(rngs)).toEqual([[2]])
    }
    expect(shapes(rngs)).toEqual([[]])
  })

  it('splits the streams of arguments while a function runs, also where it throws', () => {
    const rngs = new Rngs(0)
    const f = splitRngs({ splits: 4 })((rngs: Rngs, fail: boolean) => {
      if (fail) throw new RangeError('no')
      return shapes(rngs)
    })
    expect(f(rngs, false)).toEqual([[4]])
    expect(() => f(rngs, true)).toThrow(RangeError)
    expect(shapes(rngs)).toEqual([[]])
    expect(numbers(rngs.stream().count)).toBe(2)
  })

  it('changes nothing where it throws', () => {
    const rngs = new Rngs(0)
    expect(() => splitRngs(rngs, { splits: 2, squeeze: true })).toThrow(
      new RangeError('splitRngs: `squeeze` is only supported for splits of 1, got 2; leave it out'),
    )
    withTrace(trace, () => expect(() => splitRngs(rngs, { splits: 2 })).toThrow(TraceError))
    expect(numbers(rngs.stream().count)).toBe(0)
  })

  it('cannot be restored in another transform', () => {
    const backups = splitRngs(new Rngs(0), { splits: 2 })
    withTrace(trace, () => expect(() => restoreRngs(backups)).toThrow(/Cannot mutate RngKey from a different trace/))
  })
})

describe('forkRngs', () => {
  it('gives fresh keys of the old shape or split ones by rule, and leaves other streams alone', () => {
    const rngs = new Rngs({ a: 0, b: 1, c: 2 })
    const backups = forkRngs(rngs, {
      split: [
        ['a', 3],
        ['b', null],
      ],
    })
    expect(shapes(rngs)).toEqual([[3], [], []])
    expect(words(rngs.stream('b').key.value)).toEqual([507451445, 1853169794])
    expect(backups.entries).toHaveLength(2)
    restoreRngs(backups)
    expect(rngs.names.map((name) => numbers(rngs.stream(name).count))).toEqual([1, 1, 0])
  })

  it('makes decorators', () => {
    const rngs = new Rngs(0)
    expect(forkRngs({})((r: Rngs) => words(r.stream().key.value))(rngs)).toEqual([1797259609, 2579123966])
    expect(words(rngs.stream().key.value)).toEqual([0, 0])
  })
})

describe('withRngs', () => {
  it('leaves the original as it is but for the keys drawn', () => {
    const rngs = new Rngs({ params: 0, dropout: 1 })
    const model = new Foo({ rngs, again: rngs })
    const out = withRngs(model, { split: [['params', 4]], fork: rest })
    expect(out.rngs).toBe(out.again)
    expect(shapes(out.rngs as Rngs)).toEqual([[], [4]])
    expect(shapes(rngs)).toEqual([[], []])
    expect([numbers(rngs.stream('params').count), numbers(rngs.stream('dropout').count)]).toEqual([1, 1])
  })

  it('makes decorators, and leaves null rules and others alone', () => {
    const rngs = new Rngs({ params: 0, dropout: 1 })
    const f = withRngs({ broadcast: [['params', null]], split: [['dropout', 2]] })((r: Rngs) => [
      shapes(r),
      words(r.stream('params').key.value),
    ])
    expect(f(rngs)).toEqual([
      [[2], []],
      [0, 0],
    ])
  })

  it('refuses two rules for one stream', () => {
    expect(() => withRngs(new Rngs({ a: 0 }), { split: [['a', 2]], broadcast: [['a', 2]] })).toThrow(
      new GraphError(
        "RngStream at path 'a' matches multiple rules:\n  - split matches filter 'a'\n  - broadcast matches filter 'a'",
      ),
    )
  })
})

describe('reseed', () => {
  it('starts the streams of a name again, wherever they are', () => {
    const rngs = new Rngs({ params: 0, dropout: 42 })
    const model = new Foo({ rngs })
    const first = words(rngs.key('dropout'))
    rngs.key('params')
    reseed(model, { dropout: 42 })
    expect(words(rngs.key('dropout'))).toEqual(first)
    expect(numbers(rngs.stream('params').count)).toBe(1)
    reseed(model, { params: random.key(3), dropout: new Rngs(5).stream() })
    expect(words(rngs.stream('params').key.value)).toEqual([0, 3])
    expect(words(rngs.stream('dropout').key.value)).toEqual([0, 5])
  })

  it('treats keys of a shape as the policy says', () => {
    const rngs = new Rngs({ a: 0, b: 1 }).split([['a', 3]])
    expect(() => reseed(rngs, { a: 1, b: 2 })).toThrow(
      /Cannot reseed stream at path 'a' because it has a non-scalar key/,
    )
    expect(words(rngs.stream('b').key.value)).toEqual([0, 1])
    reseed(rngs, { a: 1 }, { policy: 'matchShape' })
    expect(words(rngs.stream('a').key.value)).toEqual(words(random.split(random.key(1), 3)))
    expect(numbers(rngs.stream('a').count)).toEqual([0, 0, 0])
    reseed(rngs, { a: 1 }, { policy: (path, key, shape) => random.split(random.foldIn(key, path.length), shape) })
    expect(words(rngs.stream('a').key.value)).toEqual(words(random.split(random.foldIn(random.key(1), 1), 3)))
    expect(() => reseed(rngs, {}, { policy: 'other' as never })).toThrow(TypeError)
  })
})
