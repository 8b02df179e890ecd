import { rest } from '@linum/filters'
import { array, random, type Tensor } from '@linum/tensor'
import { describe, expect, it, test } from 'vitest'
import { forkRngs, iterGraph, reseed, restoreRngs, Rngs, RngStream, splitRngs, withRngs } from '@linum/graph'
import { numbers } from './models.js'
import { casesOf } from './reference.js'

interface Encoded {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
type Streams = Readonly<Record<string, { readonly key: Encoded; readonly count: Encoded }>>

const encode = (x: Tensor): Encoded => ({ shape: x.shape, data: [numbers(x)].flat(Infinity) as number[] })

const streams = (node: object): Streams =>
  Object.fromEntries(
    [...iterGraph(node)].flatMap(([path, value]) =>
      value instanceof RngStream
        ? [[path.join('/'), { key: encode(random.keyData(value.key.value)), count: encode(value.count.value) }]]
        : [],
    ),
  )

const plain = (x: Streams): Streams =>
  Object.fromEntries(
    Object.entries(x).map(([name, { key, count }]) => [
      name,
      { key: { shape: key.shape, data: key.data }, count: { shape: count.shape, data: count.data } },
    ]),
  )

const two = (): Rngs => new Rngs(0, { params: 1 })
const three = (): Rngs => new Rngs({ params: 0, dropout: 1, noise: 2 })

const actions: Readonly<Record<string, readonly [() => Rngs, (rngs: Rngs) => unknown]>> = {
  'split 3': [two, (r) => r.split(3)],
  'split [2, 2]': [two, (r) => r.split([2, 2])],
  'split by rules': [
    three,
    (r) =>
      r.split([
        ['params', 4],
        ['dropout', null],
        [rest, 2],
      ]),
  ],
  fork: [two, (r) => r.fork()],
  'broadcast 2': [two, (r) => r.broadcast(2)],
  'broadcast by rules': [
    three,
    (r) =>
      r.broadcast([
        ['params', [2, 3]],
        [rest, null],
      ]),
  ],
  'drawn twice, then split': [
    two,
    (r) => {
      r.key('params')
      r.key('params')
      return r.split(2)
    },
  ],
  'splitRngs 4': [two, (r) => splitRngs(r, { splits: 4 })],
  'splitRngs [2, 3] only params': [two, (r) => splitRngs(r, { splits: [2, 3], only: 'params' })],
  'splitRngs squeeze': [two, (r) => splitRngs(r, { splits: 1, squeeze: true })],
  'splitRngs and back': [two, (r) => restoreRngs(splitRngs(r, { splits: 4 }))],
  forkRngs: [two, (r) => forkRngs(r, {})],
  'forkRngs and back': [two, (r) => restoreRngs(forkRngs(r, {}))],
  'forkRngs by rules': [
    three,
    (r) =>
      forkRngs(r, {
        split: [
          ['params', 3],
          ['noise', null],
        ],
      }),
  ],
  'reseed with a drawn key': [
    two,
    (r) => {
      r.key('params')
      reseed(r, { params: new Rngs(5).key() })
    },
  ],
  'reseed to match the shape': [
    () => two().split(3),
    (r) => reseed(r, { params: new Rngs(5).key() }, { policy: 'matchShape' }),
  ],
  'withRngs split': [two, (r) => withRngs(r, { split: 4 })],
  'withRngs split, fork and broadcast': [
    three,
    (r) => withRngs(r, { split: [['params', 4]], fork: 'noise', broadcast: [['dropout', 2]] }),
  ],
  'withRngs fork the rest': [three, (r) => withRngs(r, { split: [['params', [2, 2]]], fork: rest })],
  'withRngs only': [three, (r) => withRngs(r, { split: 2, only: 'dropout' })],
}

describe('streams have the keys and counts of Flax after', () => {
  it.each(casesOf<{ after: Streams; new?: Streams }>('rngs').map((c) => [c.name, c] as const))('%s', (name, c) => {
    const [make, act] = actions[name]!
    const rngs = make()
    const out = act(rngs)
    expect(streams(rngs)).toEqual(plain(c.after))
    expect(out instanceof Rngs ? streams(out) : undefined).toEqual(c.new === undefined ? undefined : plain(c.new))
  })

  it('every one of these is compared', () => {
    expect(
      casesOf('rngs')
        .map((c) => c.name)
        .sort(),
    ).toEqual(Object.keys(actions).sort())
  })
})

// The initializer of that name: a truncated normal of variance 1 / fan-in.
const lecunNormal = (key: Tensor, shape: readonly number[]): Tensor =>
  random.truncatedNormal(key, -2, 2, { shape }).mul(Math.sqrt(1 / shape[0]!) / 0.8796256610342398)

const samplers: Readonly<Record<string, (rngs: Rngs, shape: readonly number[]) => Tensor>> = {
  uniform: (rngs, shape) => rngs.uniform(shape),
  normal: (rngs, shape) => rngs.normal(shape),
  exponential: (rngs, shape) => rngs.exponential(shape),
  gumbel: (rngs, shape) => rngs.gumbel(shape),
  laplace: (rngs, shape) => rngs.laplace(shape),
  rademacher: (rngs, shape) => rngs.rademacher(shape),
  categorical: (rngs, shape) => rngs.categorical(array([0.1, 0.5, 1]), { shape }),
  choice: (rngs, shape) => rngs.choice(7, { shape }),
  gamma: (rngs, shape) => rngs.keyless(random.gamma)(2, { shape }),
  lecunNormal: (rngs, shape) => rngs.keyless(lecunNormal)(shape),
}

const samples = casesOf<{ fn: string; values: Encoded; after: Streams }>('sample')

test.each(samples.map((c) => [c.fn, c] as const))('%s of Rngs takes one key and gives the sample of Flax', (fn, c) => {
  const rngs = two()
  const got = encode(samplers[fn]!(rngs, c.values.shape))
  expect(got.shape).toEqual(c.values.shape)
  got.data.forEach((x, i) => expect(x).toBeCloseTo(c.values.data[i]!, 5))
  expect(streams(rngs)).toEqual(plain(c.after))
})
