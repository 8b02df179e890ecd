import {
  arange,
  array,
  evalShape,
  makeProgram,
  map,
  matmul,
  ones,
  random,
  scan,
  sin,
  stack,
  tanh,
  Tensor,
  where,
  zeros,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { bothWays, ints, running, typed, values, xs } from './both-ways.js'

describe('scan', () => {
  it('hands the carry on and stacks the results', () => {
    expect(values(bothWays((xs: Tensor) => scan(running, array(0), xs), xs))).toEqual([10, [0, 2, 9, 24]])
  })

  it('runs from the last step to the first, results in their places', () => {
    expect(values(bothWays((xs: Tensor) => scan(running, array(0), xs, { reverse: true }), xs))).toEqual([
      10,
      [9, 14, 12, 0],
    ])
  })

  it('cuts the leading axis of every leaf, and gives it to every leaf of the results', () => {
    const f = (p: Tensor, q: Tensor): unknown =>
      scan(
        (c: { a: Tensor; b: readonly Tensor[] }, x: { p: Tensor; q: readonly [Tensor] }) =>
          [
            { a: c.a.add(x.p), b: [c.b[0]!.mul(x.q[0])] },
            { sum: x.p.sum(), none: null, pair: [x.q[0], c.a] },
          ] as const,
        { a: zeros([2]), b: [ones([])] },
        { p, q: [q] as const },
      )
    expect(
      values(
        bothWays(
          f,
          array([
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
          array([2, 3, 4]),
        ),
      ),
    ).toEqual([
      { a: [9, 12], b: [24] },
      {
        sum: [3, 7, 11],
        none: null,
        pair: [
          [2, 3, 4],
          [
            [0, 0],
            [1, 2],
            [4, 6],
          ],
        ],
      },
    ])
  })

  it('takes a length where nothing is scanned over', () => {
    expect(
      values(
        bothWays(
          (c: Tensor) => scan((c: Tensor) => [c.mul(2), c] as const, c, null, { length: 5 }),
          array(1).astype('float32'),
        ),
      ),
    ).toEqual([32, [1, 2, 4, 8, 16]])
    expect(values(scan(running, array(0), xs, { length: 4 }))).toEqual([10, [0, 2, 9, 24]])
  })

  it('without results, without a carry', () => {
    expect(values(scan((c: Tensor, x: Tensor) => [c.add(x), null] as const, array(0), xs))).toEqual([10, null])
    expect(values(scan((_: null, x: Tensor) => [null, x.mul(2)] as const, null, xs))).toEqual([null, [2, 4, 6, 8]])
    expect(values(scan((_: readonly [], x: Tensor) => [[] as const, x] as const, [] as const, xs))).toEqual([
      [],
      [1, 2, 3, 4],
    ])
  })

  it('no steps give back the start and empty results, but the body is traced', () => {
    let traces = 0
    const f = (c: Tensor, xs: Tensor): unknown =>
      scan(
        (c: Tensor, x: Tensor) => {
          traces++
          return [c.add(x.sum()), [x.mul(2), c, c.greater(0)]] as const
        },
        c,
        xs,
      )
    const [carry, ys] = f(array(5), zeros([0, 3])) as readonly [Tensor, readonly Tensor[]]
    expect(carry.item()).toBe(5)
    expect(ys.map((y) => [y.dtype, y.shape])).toEqual([
      ['float32', [0, 3]],
      ['float32', [0]],
      ['bool', [0]],
    ])
    expect(traces).toBe(1)
    expect(
      values(bothWays((c: Tensor) => scan((c: Tensor) => [c.mul(2), c] as const, c, null, { length: 0 }), ones([2]))),
    ).toEqual([[1, 1], []])
  })

  it('one step, and empty arrays in every step', () => {
    expect(values(bothWays((xs: Tensor) => scan(running, array(3), xs), array([7])))).toEqual([10, [21]])
    expect(
      typed(
        bothWays(
          (xs: Tensor) => scan((c: Tensor, x: Tensor) => [c.add(x), x.mul(c)] as const, zeros([0]), xs),
          zeros([3, 0]),
        ),
      ),
    ).toEqual([
      ['float32', [0], []],
      ['float32', [3, 0], []],
    ])
  })

  it('carries integers that wrap, bools and keys', () => {
    expect(
      typed(
        bothWays((c: Tensor) => scan((c: Tensor) => [c.mul(3), c] as const, c, null, { length: 3 }), ints(1 << 30)),
      ),
    ).toEqual([
      ['int32', [], [Math.imul(27, 1 << 30)]],
      ['int32', [3], [1 << 30, Math.imul(3, 1 << 30), Math.imul(9, 1 << 30)]],
    ])
    expect(
      typed(
        bothWays(
          (c: Tensor) => scan((c: Tensor) => [c.add(1), c] as const, c, null, { length: 2 }),
          array(Uint32Array.of(4294967295)).reshape([]),
        ),
      ),
    ).toEqual([
      ['uint32', [], [1]],
      ['uint32', [2], [4294967295, 0]],
    ])
    expect(
      values(
        bothWays(
          (on: Tensor) => scan((c: Tensor, x: Tensor) => [c.logicalXor(x), c] as const, array(false), on),
          array([true, false, true, true]),
        ),
      ),
    ).toEqual([true, [false, true, true, false]])
    const step = (k: Tensor): readonly [Tensor, readonly Tensor[]] => {
      const keys = random.split(k)
      return [keys.slice(0), [random.uniform(keys.slice(1), [2]), k]]
    }
    const [last, [draws, seen]] = bothWays(
      (k: Tensor) =>
        scan(step as never, k, null, { length: 3 }) as unknown as readonly [Tensor, readonly [Tensor, Tensor]],
      random.key(0),
    )
    let k = random.key(0)
    const expected = [0, 1, 2].map(() => {
      const [next, [draw]] = step(k)
      k = next
      return draw!
    })
    expect(typed(draws)).toEqual(typed(stack(expected)))
    expect(typed(last)).toEqual(typed(k))
    expect([seen.dtype, seen.shape]).toEqual(['key', [3]])
  })

  it('scans over keys', () => {
    const keys = random.split(random.key(1), 3)
    const draws = bothWays((keys: Tensor) => map((k: Tensor) => random.normal(k, [2]), keys), keys)
    expect(typed(draws)).toEqual(typed(stack([0, 1, 2].map((i) => random.normal(keys.slice(i), [2])))))
  })

  it('a number in the start is float32, and one in the result takes the type of the carry', () => {
    expect(typed(scan((c: Tensor) => [c.add(1), 7] as const, 0 as unknown as Tensor, null, { length: 2 }))).toEqual([
      ['float32', [], [2]],
      ['float32', [2], [7, 7]],
    ])
    expect(typed(scan((_: Tensor) => [3 as unknown as Tensor, null] as const, ints(1), null, { length: 2 }))).toEqual([
      ['int32', [], [3]],
      null,
    ])
    expect(
      typed(scan((_: Tensor) => [true as unknown as Tensor, null] as const, array(false), null, { length: 2 })),
    ).toEqual([['bool', [], [1]], null])
    expect(scan((c: Tensor) => [array(2), c] as const, array(1), null, { length: 1 })[0].weak).toBe(false)
  })

  it('a hint to unroll changes nothing', () => {
    for (const unroll of [true, false, 1, 3])
      expect(values(scan(running, array(0), xs, { unroll }))).toEqual([10, [0, 2, 9, 24]])
  })

  it('the body may hand through, swap, repeat or drop what it gets', () => {
    const f = (a: Tensor, b: Tensor, xs: Tensor): unknown =>
      scan(
        ([a, b]: readonly [Tensor, Tensor], x: Tensor) => [[b, a] as const, [x, x, a, array(5)]] as const,
        [a, b] as const,
        xs,
      )
    expect(values(bothWays(f, array([1, 2]), array([3, 4]), array([7, 8, 9])))).toEqual([
      [
        [3, 4],
        [1, 2],
      ],
      [
        [7, 8, 9],
        [7, 8, 9],
        [
          [1, 2],
          [3, 4],
          [1, 2],
        ],
        [5, 5, 5],
      ],
    ])
  })

  it('does not change its operands', () => {
    const [start, data] = [
      array([1, 2]),
      array([
        [1, 1],
        [2, 2],
      ]),
    ]
    scan((c: Tensor, x: Tensor) => [c.mul(x), x] as const, start, data)
    expect(values([start, data])).toEqual([
      [1, 2],
      [
        [1, 1],
        [2, 2],
      ],
    ])
  })

  it('evalShape tells its types', () => {
    const shapes = evalShape((xs: Tensor) => scan(running, array(0), xs), xs) as readonly {
      shape: readonly number[]
      dtype: string
      weak: boolean
    }[]
    expect(shapes).toEqual([
      { shape: [], dtype: 'float32', weak: false },
      { shape: [4], dtype: 'float32', weak: false },
    ])
  })
})

describe('captured values', () => {
  it('are seen by every step', () => {
    const w = array([10, 20])
    expect(
      values(
        bothWays((xs: Tensor) => scan((c: Tensor, x: Tensor) => [c.add(w.mul(x)), null] as const, zeros([2]), xs), xs),
      ),
    ).toEqual([[100, 200], null])
  })

  it('may be an argument of the function around, a scalar, a key', () => {
    const key = random.key(5)
    const f = (w: Tensor, s: Tensor): unknown =>
      scan(
        (c: Tensor) =>
          [
            matmul(w, c)
              .mul(s)
              .add(random.uniform(key, [2])),
            c.sum(),
          ] as const,
        ones([2]),
        null,
        { length: 3 },
      )
    bothWays(
      f,
      array([
        [0.5, 1],
        [-1, 0.3],
      ]),
      array(2).astype('float32'),
    )
  })

  it('what is made of them alone is made once, before the loop, and changes no result', () => {
    const w = sin(arange(9)).reshape([3, 3])
    const body =
      (w: Tensor) =>
      (c: Tensor): Tensor =>
        tanh(matmul(where(w.greater(0), w, w.exp()).div(w.square().sum()), c))
    const loop = (w: Tensor): Tensor =>
      scan((c: Tensor) => [body(w)(c), null] as const, ones([3]), null, { length: 4 })[0]
    const unrolled = (w: Tensor): Tensor => [0, 1, 2, 3].reduce(body(w), ones([3]))
    expect(typed(bothWays(loop, w))).toEqual(typed(unrolled(w)))
    const program = makeProgram(loop)(w)
    const names = program.equations.map((e) => e.primitive)
    const scanned = program.equations.find((e) => e.primitive === 'scan')!
    expect(names.indexOf('exp')).toBeGreaterThanOrEqual(0)
    expect(names.indexOf('exp')).toBeLessThan(names.indexOf('scan'))
    expect(
      scanned.primitive === 'scan' && [scanned.params.body.equations.map((e) => e.primitive), scanned.params.constants],
    ).toEqual([['dot_general', 'tanh'], 1])
  })

  it('are left out where the body does not need them', () => {
    const big = ones([50])
    const program = makeProgram((xs: Tensor) =>
      scan(
        (c: Tensor, x: Tensor) => {
          const unused = big.mul(2)
          return [c.add(x).add(unused.shape[0]!), null] as const
        },
        array(0),
        xs,
      ),
    )(xs)
    expect(program.equations.flatMap((e) => e.inputs).some((i) => i.aval.shape[0] === 50)).toBe(false)
  })
})

describe('map', () => {
  it('applies a function to each entry', () => {
    expect(
      values(
        bothWays(
          (xs: Tensor) => map((row: Tensor) => row.mul(row.sum()), xs),
          array([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
    ).toEqual([
      [3, 6],
      [21, 28],
    ])
    expect(
      values(
        map(({ a, b }: { a: Tensor; b: Tensor }) => [a.add(b), a] as never, { a: array([1, 2]), b: array([3, 4]) }),
      ),
    ).toEqual([
      [4, 6],
      [1, 2],
    ])
    expect(values(map((x: Tensor) => x.mul(2), zeros([0])))).toEqual([])
  })
})
