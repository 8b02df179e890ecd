import * as np from '@linum/tensor'
import {
  array,
  cond,
  debug,
  fft,
  foriLoop,
  init,
  jit,
  linalg,
  scan,
  setDefaultDevice,
  switchCase,
  type Tensor,
  whileLoop,
  withDevice,
} from '@linum/tensor'
import { defaultDevice } from '@linum/tensor/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useSoftwareDriver } from './available.js'

useSoftwareDriver()
const initial = defaultDevice().name
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice(initial))

const read = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as ArrayLike<number>, Number)
const all = (xs: readonly Tensor[]): Promise<number[][]> => Promise.all(xs.map(read))
const int = (x: number): Tensor => array(x, { dtype: 'int32' })
const ints = (xs: readonly number[]): Tensor => array(xs, { dtype: 'int32' })

/** One by one, compiled, and by the reference. */
const everyWay = async (f: (...xs: Tensor[]) => readonly Tensor[], inputs: () => readonly Tensor[]): Promise<void> => {
  const want = await all(withDevice('js', () => f(...inputs())))
  expect(await all(f(...inputs()))).toEqual(want)
  const compiled = jit(f as (...xs: Tensor[]) => Tensor[])
  expect(await all(compiled(...inputs()))).toEqual(want)
  expect(await all(compiled(...inputs()))).toEqual(want)
}

const running = (c: Tensor, x: Tensor): [Tensor, Tensor] => [c.add(x), c.mul(2).sub(x)]

describe('scan', () => {
  test.each([0, 1, 2, 5, 8])('over %i elements, forwards and backwards', async (n) => {
    for (const reverse of [false, true])
      await everyWay(
        (c, x) => scan(running, c!, x!, { reverse }),
        () => [
          ints([1, -2, 3]),
          np
            .arange(3 * n)
            .reshape([n, 3])
            .astype('int32'),
        ],
      )
  })

  test('with exchanged carries and one passed through', async () => {
    for (const length of [4, 7])
      await everyWay(
        (a, b, c) => {
          const [[x, y, z], ys] = scan(
            ([p, q, r]: readonly [Tensor, Tensor, Tensor]) => [[q, p.add(r), r] as const, p] as const,
            [a!, b!, c!] as const,
            null,
            { length },
          )
          return [x, y, z, ys]
        },
        () => [int(1), int(2), int(3)],
      )
  })

  test('whose results are constants, its elements and its carry', async () => {
    for (const length of [2, 3])
      await everyWay(
        (c, xs) => {
          const [last, [one, same, before]] = scan(
            (v: Tensor, x: Tensor) => [np.full([2], 7, { dtype: 'int32' }), [np.ones([3]), x, v] as const] as const,
            c!,
            xs!,
          )
          return [last, one, same, before]
        },
        () => [ints([0, 1]), ints([5, 6, 7].slice(0, length))],
      )
  })

  test('in a scan in a scan', async () => {
    const inner = (c: Tensor, row: Tensor): [Tensor, Tensor] => scan(running, c, row, { reverse: true })
    await everyWay(
      (c, xs) => scan((d: Tensor, plane: Tensor) => scan(inner, d, plane), c!, xs!),
      () => [int(1), np.arange(24).reshape([2, 3, 4]).astype('int32')],
    )
  })

  test('of a reduction and a product, with values that stay', async () => {
    await everyWay(
      (w, c, xs) => scan((v: Tensor, x: Tensor) => [w!.matmul(v).add(x).mod(11), v.sum()] as [Tensor, Tensor], c!, xs!),
      () => [np.arange(9).reshape([3, 3]), np.ones([3]), np.arange(15).reshape([5, 3])],
    )
  })

  test('of 1100 iterations', async () => {
    const f = jit((c: Tensor, xs: Tensor) =>
      scan((v: Tensor, x: Tensor) => [v.add(x).mod(1009), v] as [Tensor, Tensor], c, xs),
    )
    await everyWay(
      (c, xs) => f(c!, xs!),
      () => [int(3), np.arange(1100).astype('int32')],
    )
  })
})

describe('cond', () => {
  const nested = (i: Tensor, x: Tensor): Tensor =>
    switchCase(
      i,
      [
        (v: Tensor) => v,
        (v: Tensor) =>
          cond(
            v.sum().greater(3),
            (u: Tensor) => u.mul(2),
            (u: Tensor) => u.sub(9),
            v,
          ),
        () => np.full([2], 5, { dtype: 'int32' }),
      ],
      x,
    )

  test.each([-1, 0, 1, 2, 9])('runs branch %i, nested ones too, and clamps its number', async (i) => {
    for (const x of [
      [1, 1],
      [4, 4],
    ])
      await everyWay(
        (k, v) => [nested(k!, v!)],
        () => [int(i), ints(x)],
      )
  })

  test('in a scan, and a scan in it', async () => {
    await everyWay(
      (c, xs) =>
        scan(
          (v: Tensor, x: Tensor) => {
            const next = cond(
              x.greater(2),
              (u: Tensor) => scan(running, u, ints([1, 2, 3]))[0],
              (u: Tensor) => nested(x, np.stack([u, u])).sum(),
              v,
            )
            return [next, next.add(x)] as [Tensor, Tensor]
          },
          c!,
          xs!,
        ),
      () => [int(1), ints([0, 4, 1, 3, 2])],
    )
  })

  test('leaves the effects of other branches undone', async () => {
    const seen: string[] = []
    const f = jit((p: Tensor, x: Tensor) =>
      cond(
        p,
        (v: Tensor) => (debug.callback((u: Tensor) => seen.push(`yes ${u.item()}`), v.sum()), linalg.inv(v)),
        (v: Tensor) => (debug.callback((u: Tensor) => seen.push(`no ${u.item()}`), v.sum()), v.mul(3)),
        x,
      ),
    )
    expect(
      await read(
        f(
          array(false),
          array([
            [2, 0],
            [0, 4],
          ]),
        ),
      ),
    ).toEqual([6, 0, 0, 12])
    expect(
      await read(
        f(
          array(true),
          array([
            [2, 0],
            [0, 4],
          ]),
        ),
      ),
    ).toEqual([0.5, 0, 0, 0.25])
    expect(seen).toEqual(['no 6', 'yes 6'])
  })

  test('with a loop in the branch that runs, and in one that does not', async () => {
    await everyWay(
      (p, x) => [
        cond(
          p!,
          (v: Tensor) =>
            whileLoop(
              (u) => u.sum().less(100),
              (u) => u.mul(2),
              v,
            ),
          (v: Tensor) =>
            whileLoop(
              (u) => u.sum().greater(0),
              (u) => u.sub(3),
              v,
            ),
          x!,
        ),
      ],
      () => [array(true), ints([1, 3])],
    )
    await everyWay(
      (p, x) => [
        cond(
          p!,
          (v: Tensor) =>
            whileLoop(
              () => array(true),
              (u) => u,
              v,
            ),
          (v: Tensor) => v.add(1),
          x!,
        ),
      ],
      () => [array(false), ints([1, 3])],
    )
  })
})

describe('whileLoop', () => {
  const upTo = (limit: Tensor, step: Tensor): Tensor[] =>
    whileLoop(
      ([v]) => v!.less(limit),
      ([v, n]) => [v!.add(step), n!.add(1)],
      [int(0), int(0)],
    )

  test.each([0, 1, 2, 3, 100])('runs %i iterations', async (n) => {
    await everyWay(
      (limit, step) => upTo(limit!, step!),
      () => [int(n), int(1)],
    )
  })

  test('in a loop, with a number of iterations that changes', async () => {
    await everyWay(
      (n) => [
        foriLoop(0, 3, (i, total: Tensor) => total.add(upTo(n!.mul(i), int(2))[1]!), int(0)),
        whileLoop(
          (v: Tensor) => v.less(50),
          (v: Tensor) => v.add(upTo(v, int(1))[0]!).add(1),
          n!,
        ),
      ],
      () => [int(5)],
    )
  })

  test('lets what is asked for meanwhile wait its turn: operations, uploads, reads and frees', async () => {
    const slow = jit((n: Tensor) => upTo(n, int(1))[0]!)
    const limit = int(70)
    const first = slow(limit)
    const twice = first.mul(2)
    const reading = read(twice)
    limit[Symbol.dispose]()
    // Of the same size, so that they may get the memory that was given back.
    const others = Array.from({ length: 5 }, (_, k) => array([k], { dtype: 'int32' }).add(first))
    first[Symbol.dispose]()
    const second = slow(int(40))
    const sum = second.add(array(1000, { dtype: 'int32' }))
    const large = np.arange(20000).add(second)
    expect(await reading).toEqual([140])
    expect(await all(others)).toEqual([[70], [71], [72], [73], [74]])
    expect(await read(sum)).toEqual([1040])
    expect((await read(large)).slice(-2)).toEqual([20038, 20039])
  })
})

describe('callbacks', () => {
  test('come in order, with the values of their moment, before the results can be read', async () => {
    const seen: string[] = []
    const note = (text: string, ...xs: Tensor[]): void =>
      debug.callback(
        (...values: Tensor[]) => void seen.push(`${text} ${values.map((v) => String(v.toArray())).join()}`),
        ...xs,
      )
    const f = jit((x: Tensor) => {
      note('start', x)
      note('nothing')
      const [last] = scan(
        (c: Tensor, v: Tensor) => {
          note('step', c, v)
          return [c.add(v), null] as const
        },
        x,
        ints([1, 2]),
      )
      note('empty', np.zeros([0]))
      note('end', last)
      return last.mul(2)
    })
    expect(await read(f(int(3)))).toEqual([12])
    expect(seen).toEqual(['start 3', 'nothing ', 'step 3,1', 'step 4,2', 'empty ', 'end 6'])
  })
})

describe('routines of the host', () => {
  const matrix = (): Tensor =>
    array([
      [2, 1],
      [1, 3],
    ])
  const rounded = async (xs: readonly Tensor[]): Promise<number[][]> =>
    (await all(xs)).map((x) => x.map((v) => Math.round(v * 1e4) / 1e4 + 0))

  test('run between shaders', async () => {
    const f = jit((a: Tensor) => {
      const [q, r] = linalg.qr(a.mul(2))
      const { real } = fft.fft(r.ravel())
      return [q.matmul(r).sub(1), real.add(1)]
    })
    expect(await rounded(f(matrix()))).toEqual(await rounded(withDevice('js', () => f(matrix()))))
  })

  test('run in scan and cond', async () => {
    const f = jit((a: Tensor) => {
      const [last, all] = scan((c: Tensor) => [linalg.inv(c.add(c.T)).mul(2), c.sum()] as [Tensor, Tensor], a, null, {
        length: 3,
      })
      return [
        last,
        all,
        cond(
          last.sum().greater(-1e9),
          (v: Tensor) => linalg.inv(v),
          (v: Tensor) => v,
          last,
        ),
      ]
    })
    expect(await rounded(f(matrix()))).toEqual(await rounded(withDevice('js', () => f(matrix()))))
  })
})
