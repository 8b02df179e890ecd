import { fc, test } from '@fast-check/vitest'
import { vmap, type VmapOptions } from '@linum/autodiff'
import { array, cond, defineRoutine, jit, ones, random, scan, stack, Tensor, whileLoop } from '@linum/tensor'
import { bind, type PrimitiveName, type PrimitiveParams } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { type Case, cases, type Reals } from './primitive-cases.js'
import { input, randomProgram } from './random-programs.js'
import { bits, ints } from './readings.js'

type Tensors = readonly Tensor[]

const uints = (data: unknown): Tensor => array(data as never, { dtype: 'uint32' })

const bools = (data: unknown): Tensor => array(data as never, { dtype: 'bool' })

const keys = (n: number): Tensor => random.split(random.key(3), n)

/** The entries along an axis. */
const entries = (x: Tensor, axis = 0): Tensors =>
  Array.from({ length: x.shape[axis]! }, (_, i) => x.slice(...Array.from({ length: axis }, () => ':'), i))

const isReals = (x: Reals | Tensor): x is Reals => !(x instanceof Tensor)

/** Other elements of the same type, all different from entry to entry. */
const entry = (x: Reals | Tensor, k: number, i: number): Tensor => {
  if (isReals(x)) {
    const size = x.shape.reduce((n, d) => n * d, 1)
    const at = Array.from({ length: size }, (_, j) => ((7 * j + 3 * k + 5 * i + 1) % 19) + 0.31 + k / 7)
    return array(at.map((v) => x.from + ((x.to - x.from) * v) / 20)).reshape([...x.shape])
  }
  if (x.dtype === 'key') return random.foldIn(random.key(i), k).broadcastTo(x.shape)
  if (x.dtype === 'bool') return i % 2 === 0 ? x : x.logicalNot()
  return i === 0 ? x : x.ndim === 0 ? x.add(i) : x.flip().add(i % 2)
}

const size = 3

/** Whether vmap of a primitive is the primitive of each entry, stacked, whichever operands are batched along `axis`. */
const holds = (name: PrimitiveName, c: Case<unknown>): void => {
  const f = (...xs: Tensors): Tensors => bind(name, xs, c.params as never)
  for (let mask = 1; mask < 2 ** c.operands.length; mask++) {
    const batched = c.operands.map((_, k) => ((mask >> k) & 1) === 1)
    const each = c.operands.map((x, k) =>
      batched[k] === true ? Array.from({ length: size }, (_, i) => entry(x, k, i)) : [entry(x, k, 0)],
    )
    const whole = each.map((xs, k) => (batched[k] === true ? stack(xs) : xs[0]!))
    const inAxes = batched.map((b) => (b ? 0 : null))
    const expected = Array.from({ length: size }, (_, i) => f(...each.map((xs) => xs[i] ?? xs[0]!)))
    const want = expected[0]!.map((_, o) => stack(expected.map((r) => r[o]!)))
    const got = vmap(f as (...xs: Tensor[]) => Tensors, { inAxes } as VmapOptions<Tensor[]>)(...whole)
    expect(bits(got), `${name} of ${inAxes.map((a) => a ?? 'none').join()} with ${JSON.stringify(c.params)}`).toEqual(
      bits(want),
    )
  }
}

/** A number added to each element of a vector, and all of them added up. */
const sums = defineRoutine({
  name: 'sums',
  ranks: [1, 0],
  types: ([x]) => [x!, { shape: [], dtype: x!.dtype }],
  compute: ([x, y], [out, total]) => {
    x!.forEach((v, i) => (out![i] = v + y![0]!))
    total![0] = Array.from(x!).reduce((a, b) => a + b, y![0]!)
  },
})

type Table = { readonly [K in PrimitiveName]?: readonly Case<PrimitiveParams[K]>[] }

/** Primitives without a derivative. */
const others: Table = {
  routine: [{ operands: [ints([1, 2, 3]), ints(4)], params: { routine: sums, params: null } }],
  and: [
    { operands: [ints([[5, -2, 9]]), ints([[3], [6]])], params: null },
    { operands: [bools([true, false]), bools([[true], [false]])], params: null },
  ],
  or: [{ operands: [ints([5, -2]), ints(3)], params: null }],
  xor: [{ operands: [ints(7), ints([3, 6])], params: null }],
  not: [
    { operands: [ints([5, -2])], params: null },
    { operands: [bools([true, false])], params: null },
  ],
  shift_left: [{ operands: [ints([5, -2]), ints([[1], [2]])], params: null }],
  shift_right_logical: [{ operands: [uints([5, 4294967295]), uints([1, 2])], params: null }],
  shift_right_arithmetic: [{ operands: [ints([5, -2]), ints(1)], params: null }],
  reduce_and: [
    {
      operands: [
        bools([
          [true, false],
          [true, true],
        ]),
      ],
      params: { axes: [1] },
    },
  ],
  reduce_or: [
    {
      operands: [
        bools([
          [true, false],
          [false, false],
        ]),
      ],
      params: { axes: [0] },
    },
  ],
  random_bits: [
    { operands: [random.key(0)], params: { shape: [2, 3] } },
    { operands: [random.key(0)], params: { shape: [] } },
  ],
  random_split: [
    { operands: [random.key(0)], params: { shape: [2] } },
    { operands: [keys(2)], params: { shape: [2] } },
  ],
  random_fold_in: [
    { operands: [random.key(0), uints(3)], params: null },
    { operands: [keys(2), uints([3, 4])], params: null },
  ],
  random_unwrap: [{ operands: [keys(2)], params: null }],
  random_wrap: [
    {
      operands: [
        uints([
          [1, 2],
          [3, 4],
        ]),
      ],
      params: null,
    },
  ],
  stop_gradient: [{ operands: [ones([2])], params: null }],
  // Data movement of keys.
  reshape: [{ operands: [keys(4)], params: { shape: [2, 2] } }],
  transpose: [{ operands: [keys(6).reshape([2, 3])], params: { perm: [1, 0] } }],
  broadcast_in_dim: [{ operands: [keys(2)], params: { shape: [3, 2], dims: [1] } }],
  slice: [{ operands: [keys(4)], params: { start: [1], limit: [4], stride: [2] } }],
  concatenate: [{ operands: [keys(2), keys(1)], params: { axis: 0 } }],
  rev: [{ operands: [keys(3)], params: { axes: [0] } }],
  gather: [{ operands: [keys(3), ints([2, 0])], params: { axes: [0], mode: 'clip', fill: 0 } }],
  select: [{ operands: [bools([true, false]), keys(2), keys(2)], params: null }],
}

describe('vmap of a primitive is the primitive of each entry', () => {
  const groups = [
    ...(Object.entries(cases) as [PrimitiveName, readonly Case<unknown>[] | string][]),
    ...(Object.entries(others) as [PrimitiveName, readonly Case<unknown>[]][]),
  ]
  it.each(groups.filter((g): g is [PrimitiveName, readonly Case<unknown>[]] => typeof g[1] !== 'string'))(
    '%s',
    (name, list) => {
      for (const c of list) holds(name, c)
    },
  )

  it('none is left out', () => {
    const missing = (Object.keys(cases) as PrimitiveName[]).filter(
      (name) => typeof cases[name] === 'string' && others[name] === undefined,
    )
    // Those without operands have nothing to batch; the others have tests of their own.
    const calls = ['jit', 'scan', 'cond', 'while', 'checkpoint', 'custom_jvp', 'custom_vjp']
    const collectives = ['psum', 'pmax', 'pmin', 'all_gather', 'axis_index']
    expect(missing.sort()).toEqual([...calls, ...collectives, 'debug_callback', 'iota', 'full'].sort())
  })

  test.prop([randomProgram, fc.array(fc.tuple(input, input), { minLength: 1, maxLength: 3 })], { numRuns: 30 })(
    'and so it is of functions of many',
    ({ f }, pairs) => {
      const [xs, ys] = [stack(pairs.map((p) => p[0])), stack(pairs.map((p) => p[1]))]
      const want = bits(stack(pairs.map(([x, y]) => f(x, y))))
      expect(bits(vmap(f)(xs, ys))).toEqual(want)
      expect(bits(jit(vmap(f))(xs, ys))).toEqual(want)
      expect(bits(vmap(jit(f))(xs, ys))).toEqual(want)
      expect(bits(vmap((x: Tensor) => f(x, pairs[0]![1]))(xs))).toEqual(
        bits(stack(pairs.map(([x]) => f(x, pairs[0]![1])))),
      )
    },
  )
})

describe('random keys', () => {
  const batch = keys(4)

  it('each key draws for itself', () => {
    const draw = (k: Tensor): readonly Tensor[] => [
      random.normal(k, [2]),
      random.randint(k, [], 0, 100),
      random.permutation(k, 5),
      random.truncatedNormal(k, -1, 1, { shape: [2] }),
      random.bernoulli(k, { shape: [3] }),
    ]
    const each = entries(batch).map(draw)
    expect(bits(vmap(draw)(batch))).toEqual(bits(each[0]!.map((_, i) => stack(each.map((r) => r[i]!)))))
  })

  it('one key for all gives all the same', () => {
    const [one, two] = entries(vmap((x: Tensor) => random.uniform(random.key(1), [3]).add(x.mul(0)))(ones([2])))
    expect(bits(one)).toEqual(bits(two))
  })

  it('folding numbers into one key makes the keys of a split', () => {
    const made = vmap((i: Tensor) => random.foldIn(random.key(3), i))(ints([0, 1, 2, 3]))
    expect(made.dtype).toBe('key')
    expect(bits(made)).toEqual(bits(batch))
  })

  it('a key among the results of a loop, a branch and another vmap', () => {
    const walk = (k: Tensor): Tensor =>
      scan((c: Tensor) => [random.split(c).slice(0), null] as const, k, null, { length: 3 })[0]
    expect(bits(vmap(walk)(batch))).toEqual(bits(stack(entries(batch).map(walk))))
    const pick = (k: Tensor, n: Tensor): Tensor =>
      cond(
        n.greater(1),
        (c: Tensor) => random.split(c).slice(1),
        (c: Tensor) => c,
        k,
      )
    expect(bits(vmap(pick)(batch, ints([0, 3, 1, 2])))).toEqual(
      bits(stack([0, 3, 1, 2].map((n, i) => pick(batch.slice(i), ints(n))))),
    )
    const until = (k: Tensor, n: Tensor): Tensor =>
      whileLoop(
        ({ n }) => n.greater(0),
        ({ n, k }) => ({ n: n.sub(1), k: random.split(k).slice(0) }),
        { n, k },
      ).k
    expect(bits(vmap(until)(batch, ints([0, 3, 1, 2])))).toEqual(
      bits(stack([0, 3, 1, 2].map((n, i) => until(batch.slice(i), ints(n))))),
    )
    expect(bits(vmap(vmap((k: Tensor) => random.split(k)))(batch.reshape([2, 2])))).toEqual(
      bits(stack(entries(batch).map((k) => random.split(k))).reshape([2, 2, 2])),
    )
  })
})
