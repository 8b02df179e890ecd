import { fc, test } from '@fast-check/vitest'
import { grad, jvp, vjp, vmap, type VmapOptions } from '@linum/autodiff'
import {
  array,
  cond,
  foriLoop,
  jit,
  makeProgram,
  map,
  matmul,
  ones,
  random,
  scan,
  ShapeError,
  sin,
  stack,
  switchCase,
  Tensor,
  TraceError,
  tree,
  where,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, type PrimitiveParams } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { type Case, cases, type Reals } from './primitive-cases.js'
import { input, randomProgram } from './random-programs.js'

type Tensors = readonly Tensor[]

const ints = (data: unknown): Tensor => array(data as never, { dtype: 'int32' })
const uints = (data: unknown): Tensor => array(data as never, { dtype: 'uint32' })
const bools = (data: unknown): Tensor => array(data as never, { dtype: 'bool' })
/** Key words for keys, so that they can be compared. */
const open = (x: Tensor): Tensor => (x.dtype === 'key' ? random.keyData(x) : x)
const values = (x: unknown): unknown => tree.map((t: unknown) => (t instanceof Tensor ? open(t).toArray() : t), x)
const bits = (x: unknown): unknown => tree.map((t: unknown) => (t instanceof Tensor ? [t.dtype, t.shape, [...open(t).dataSync()]] : t), x)
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
    const each = c.operands.map((x, k) => (batched[k] === true ? Array.from({ length: size }, (_, i) => entry(x, k, i)) : [entry(x, k, 0)]))
    const whole = each.map((xs, k) => (batched[k] === true ? stack(xs) : xs[0]!))
    const inAxes = batched.map((b) => (b ? 0 : null))
    const expected = Array.from({ length: size }, (_, i) => f(...each.map((xs) => xs[i] ?? xs[0]!)))
    const want = expected[0]!.map((_, o) => stack(expected.map((r) => r[o]!)))
    const got = vmap(f as (...xs: Tensor[]) => Tensors, { inAxes } as VmapOptions<Tensor[]>)(...whole)
    expect(bits(got), `${name} of ${inAxes.map((a) => a ?? 'none').join()} with ${JSON.stringify(c.params)}`).toEqual(bits(want))
  }
}

type Table = { readonly [K in PrimitiveName]?: readonly Case<PrimitiveParams[K]>[] }

/** Primitives without a derivative. */
const others: Table = {
  and: [{ operands: [ints([[5, -2, 9]]), ints([[3], [6]])], params: null }, { operands: [bools([true, false]), bools([[true], [false]])], params: null }],
  or: [{ operands: [ints([5, -2]), ints(3)], params: null }],
  xor: [{ operands: [ints(7), ints([3, 6])], params: null }],
  not: [{ operands: [ints([5, -2])], params: null }, { operands: [bools([true, false])], params: null }],
  shift_left: [{ operands: [ints([5, -2]), ints([[1], [2]])], params: null }],
  shift_right_logical: [{ operands: [uints([5, 4294967295]), uints([1, 2])], params: null }],
  shift_right_arithmetic: [{ operands: [ints([5, -2]), ints(1)], params: null }],
  reduce_and: [{ operands: [bools([[true, false], [true, true]])], params: { axes: [1] } }],
  reduce_or: [{ operands: [bools([[true, false], [false, false]])], params: { axes: [0] } }],
  random_bits: [{ operands: [random.key(0)], params: { shape: [2, 3] } }, { operands: [random.key(0)], params: { shape: [] } }],
  random_split: [{ operands: [random.key(0)], params: { shape: [2] } }, { operands: [keys(2)], params: { shape: [2] } }],
  random_fold_in: [{ operands: [random.key(0), uints(3)], params: null }, { operands: [keys(2), uints([3, 4])], params: null }],
  random_unwrap: [{ operands: [keys(2)], params: null }],
  random_wrap: [{ operands: [uints([[1, 2], [3, 4]])], params: null }],
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
  const groups = [...(Object.entries(cases) as [PrimitiveName, readonly Case<unknown>[] | string][]), ...(Object.entries(others) as [PrimitiveName, readonly Case<unknown>[]][])]
  it.each(groups.filter((g): g is [PrimitiveName, readonly Case<unknown>[]] => typeof g[1] !== 'string'))('%s', (name, list) => {
    for (const c of list) holds(name, c)
  })

  it('none is left out', () => {
    const missing = (Object.keys(cases) as PrimitiveName[]).filter((name) => typeof cases[name] === 'string' && others[name] === undefined)
    // Those without operands have nothing to batch; those that carry programs come below.
    expect(missing).toEqual(['jit', 'scan', 'cond', 'while', 'iota', 'full'])
  })

  test.prop([randomProgram, fc.array(fc.tuple(input, input), { minLength: 1, maxLength: 3 })], { numRuns: 30 })(
    'and so it is of functions of many',
    ({ f }, pairs) => {
      const [xs, ys] = [stack(pairs.map((p) => p[0])), stack(pairs.map((p) => p[1]))]
      const want = bits(stack(pairs.map(([x, y]) => f(x, y))))
      expect(bits(vmap(f)(xs, ys))).toEqual(want)
      expect(bits(jit(vmap(f))(xs, ys))).toEqual(want)
      expect(bits(vmap(jit(f))(xs, ys))).toEqual(want)
      expect(bits(vmap((x: Tensor) => f(x, pairs[0]![1]))(xs))).toEqual(bits(stack(pairs.map(([x]) => f(x, pairs[0]![1])))))
    },
  )
})

const a = array([[1, 2, 3], [4, 5, 6]])

describe('axes', () => {
  it('the first of every argument and result, unless told', () => {
    expect(values(vmap((x: Tensor, y: Tensor) => x.sum().mul(y))(a, array([10, 100])))).toEqual([60, 1500])
  })

  it('one number for all arguments, also counted from the end', () => {
    expect(values(vmap((x: Tensor) => x.sum(), { inAxes: 1 })(a))).toEqual([5, 7, 9])
    expect(values(vmap((x: Tensor) => x.sum(), { inAxes: -1 })(a))).toEqual([5, 7, 9])
    expect(values(vmap((x: Tensor, y: Tensor) => x.add(y), { inAxes: 1 })(a, a.mul(10)))).toEqual([[11, 44], [22, 55], [33, 66]])
    expect(vmap((x: Tensor) => x, { inAxes: -2 })(zeros([2, 3, 4, 5])).shape).toEqual([4, 2, 3, 5])
  })

  it('one per argument, null for those that all entries share', () => {
    const f = (x: Tensor, w: Tensor): Tensor => matmul(x, w)
    const w = array([1, 10, 100])
    expect(values(vmap(f, { inAxes: [0, null] })(a, w))).toEqual([321, 654])
    expect(values(vmap(f, { inAxes: [null, 1] })(array([1, 10]), a))).toEqual([41, 52, 63])
  })

  it('trees of axes that the arguments begin with', () => {
    const f = ({ w, b }: { w: readonly [Tensor, Tensor]; b: Tensor }, x: Tensor): Tensor => w[0].mul(x).add(w[1]).add(b)
    const params = { w: [a, array([7, 8, 9])] as const, b: array([100, 200]) }
    expect(values(vmap(f, { inAxes: [{ w: [0, null], b: 0 }, null] })(params, array([1, 0, 1])))).toEqual([[108, 108, 112], [211, 208, 215]])
    expect(values(vmap(({ x, y }: { x: Tensor; y: readonly Tensor[] }) => x.add(y[0]!), { inAxes: [{ x: 1, y: 0 }] })({ x: a, y: [array([1, 2, 3])] }))).toEqual([[2, 5], [4, 7], [6, 9]])
  })

  it('where the mapped axis goes in the results', () => {
    expect(values(vmap((x: Tensor) => x, { outAxes: 1 })(a))).toEqual([[1, 4], [2, 5], [3, 6]])
    expect(values(vmap((x: Tensor) => x, { outAxes: -1 })(a))).toEqual([[1, 4], [2, 5], [3, 6]])
    const f = (x: Tensor): { u: Tensor; v: readonly [Tensor, Tensor] } => ({ u: x, v: [x.mul(2), x.sum()] })
    expect(values(vmap(f, { outAxes: { u: 1, v: 0 } })(a))).toEqual({ u: [[1, 4], [2, 5], [3, 6]], v: [[[2, 4, 6], [8, 10, 12]], [6, 15]] })
    expect(values(vmap(f, { outAxes: { u: 1, v: [1, -1] } })(a))).toEqual({ u: [[1, 4], [2, 5], [3, 6]], v: [[[2, 8], [4, 10], [6, 12]], [6, 15]] })
  })

  it('axes in and out undo each other', () => {
    const x = sin(array(Array.from({ length: 24 }, (_, i) => i))).reshape([2, 3, 4])
    for (const axis of [0, 1, 2, -1, -3]) expect(bits(vmap((v: Tensor) => v, { inAxes: axis, outAxes: axis })(x))).toEqual(bits(x))
  })

  it('null for a result that all entries share', () => {
    const shared = array([1, 2])
    const [s, n, x] = vmap((x: Tensor) => [shared.mul(2), 3, x] as const, { outAxes: [null, null, 0] })(a)
    expect(values([s, n, x])).toEqual([[2, 4], 3, [[1, 2, 3], [4, 5, 6]]])
    expect(values(vmap(() => shared, { outAxes: null })(...([a] as unknown as [])))).toEqual([1, 2])
  })

  it('a shared result is repeated where an axis is asked for', () => {
    expect(values(vmap(() => array([1, 2]), { outAxes: 1 })(...([a] as unknown as [])))).toEqual([[1, 1], [2, 2]])
    expect(values(vmap(() => 3 as unknown as Tensor)(...([a] as unknown as [])))).toEqual([3, 3])
  })

  it('an extent alone, where no argument has one', () => {
    expect(values(vmap((x: Tensor) => x.mul(2), { inAxes: [null], axisSize: 2 })(array([1, 2])))).toEqual([[2, 4], [2, 4]])
    expect(values(vmap(() => ones([]), { axisSize: 3 })())).toEqual([1, 1, 1])
    expect(values(vmap((x: Tensor) => x, { axisSize: 2 })(a))).toEqual(a.toArray())
  })

  it('an extent of 0', () => {
    expect(vmap((x: Tensor) => x.sum())(zeros([0, 3])).shape).toEqual([0])
    const [product, greatest] = vmap((x: Tensor) => [matmul(x, x), x.max()] as const, { outAxes: [1, 0], inAxes: 2 })(zeros([3, 3, 0]))
    expect([product.shape, greatest.shape]).toEqual([[3, 0, 3], [0]])
  })

  it('null and leaves that are no numbers pass through', () => {
    const f = (x: { v: Tensor; none: null }, name: string, on: boolean): unknown => ({ x, name, on, twice: on ? x.v.mul(2) : x.v })
    expect(values(vmap(f, { inAxes: [0, null, null] })({ v: array([1, 2]), none: null }, 'a', true))).toEqual({ x: { v: [1, 2], none: null }, name: 'a', on: true, twice: [2, 4] })
  })

  it('a number is shared', () => {
    expect(values(vmap((x: Tensor, n: number) => x.mul(n), { inAxes: [0, null] })(array([1, 2]), 3))).toEqual([3, 6])
  })
})

describe('random keys', () => {
  const batch = keys(4)

  it('each key draws for itself', () => {
    const draw = (k: Tensor): readonly Tensor[] => [random.normal(k, [2]), random.randint(k, [], 0, 100), random.permutation(k, 5), random.truncatedNormal(k, -1, 1, { shape: [2] }), random.bernoulli(k, { shape: [3] })]
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
    const walk = (k: Tensor): Tensor => scan((c: Tensor) => [random.split(c).slice(0), null] as const, k, null, { length: 3 })[0]
    expect(bits(vmap(walk)(batch))).toEqual(bits(stack(entries(batch).map(walk))))
    const pick = (k: Tensor, n: Tensor): Tensor => cond(n.greater(1), (c: Tensor) => random.split(c).slice(1), (c: Tensor) => c, k)
    expect(bits(vmap(pick)(batch, ints([0, 3, 1, 2])))).toEqual(bits(stack([0, 3, 1, 2].map((n, i) => pick(batch.slice(i), ints(n))))))
    const until = (k: Tensor, n: Tensor): Tensor => whileLoop(({ n }) => n.greater(0), ({ n, k }) => ({ n: n.sub(1), k: random.split(k).slice(0) }), { n, k }).k
    expect(bits(vmap(until)(batch, ints([0, 3, 1, 2])))).toEqual(bits(stack([0, 3, 1, 2].map((n, i) => until(batch.slice(i), ints(n))))))
    expect(bits(vmap(vmap((k: Tensor) => random.split(k)))(batch.reshape([2, 2])))).toEqual(bits(stack(entries(batch).map((k) => random.split(k))).reshape([2, 2, 2])))
  })
})

describe('vmap with other transforms', () => {
  const outer = (x: Tensor, y: Tensor): Tensor => x.mul(y).add(x)

  it('within vmap, in either order of the axes', () => {
    const [x, y] = [array([1, 2]), array([10, 20, 30])]
    const table = vmap((u: Tensor) => vmap((v: Tensor) => outer(u, v))(y))(x)
    expect(values(table)).toEqual([[11, 21, 31], [22, 42, 62]])
    expect(bits(vmap(vmap(outer, { inAxes: [null, 0] }), { inAxes: [0, null] })(x, y))).toEqual(bits(table))
    expect(bits(vmap(vmap(outer, { inAxes: [0, null] }), { inAxes: [null, 0], outAxes: 1 })(x, y))).toEqual(bits(table))
  })

  it('an inner vmap whose extent only a captured value has', () => {
    const f = (u: Tensor): Tensor => vmap((v: Tensor) => v.mul(u).sum())(a)
    expect(values(vmap(f)(array([1, 10])))).toEqual([[6, 15], [60, 150]])
  })

  it('jit outside and inside', () => {
    const inner = jit((x: Tensor, y: Tensor) => outer(x, y))
    const [x, y] = [array([1, 2]), array([10, 20])]
    expect(values(vmap(inner)(x, y))).toEqual([11, 42])
    expect(values(vmap(inner, { inAxes: [0, null] })(x, array(10)))).toEqual([11, 22])
    const compiled = jit((x: Tensor, y: Tensor) => vmap(outer)(x, y))
    expect(values(compiled(x, y))).toEqual([11, 42])
    compiled(y, x)
    expect(compiled.traceCount).toBe(1)
  })

  it('a jitted function keeps results that do not depend on the batch', () => {
    const f = jit((x: Tensor, s: Tensor) => [x.mul(s), s.exp()] as const)
    const [p, q] = vmap(f, { inAxes: [0, null], outAxes: [0, null] })(a, array(0))
    expect([p.shape, q.shape]).toEqual([[2, 3], []])
  })

  it('gradients for every entry', () => {
    const loss = (w: Tensor, x: Tensor): Tensor => sin(matmul(x, w)).square()
    const w = array([0.3, -0.2, 0.1])
    const each = vmap(grad(loss), { inAxes: [null, 0] })(w, a)
    expect(each.shape).toEqual([2, 3])
    entries(a).forEach((x, i) => expect(bits(each.slice(i))).toEqual(bits(grad(loss)(w, x))))
    const sum = grad((w: Tensor) => vmap(loss, { inAxes: [null, 0] })(w, a).sum())(w)
    expect(sum.sub(each.sum({ axis: 0 })).abs().max().item()).toBeLessThan(1e-6)
  })

  it('a pullback or a jvp for a batch of directions', () => {
    const f = (x: Tensor): Tensor => x.square().mul(x.slice(0))
    const x = array([2, 3, 5])
    const [, back] = vjp(f, [x])
    expect(values(vmap((ct: Tensor) => back(ct)[0])(array([[1, 0, 0], [0, 1, 0]])))).toEqual([[12, 0, 0], [9, 12, 0]])
    expect(values(vmap((t: Tensor) => jvp(f, [x], [t])[1])(array([[1, 0, 0], [0, 1, 0]])))).toEqual([[12, 9, 25], [0, 12, 0]])
  })
})

describe('vmap of control flow', () => {
  const batched = (f: (...xs: Tensor[]) => unknown, inAxes: readonly (0 | null)[], ...xs: Tensor[]): void => {
    const n = xs[inAxes.indexOf(0)]!.shape[0]!
    const each = Array.from({ length: n }, (_, i) => tree.leaves(f(...xs.map((x, k) => (inAxes[k] === 0 ? x.slice(i) : x)))) as Tensor[])
    const want = bits(each[0]!.map((_, o) => stack(each.map((r) => r[o]!))))
    expect(bits(tree.leaves(vmap(f as never, { inAxes } as never)(...(xs as never[]))))).toEqual(want)
    expect(bits(tree.leaves(jit(vmap(f as never, { inAxes } as never) as never)(...(xs as never[]))))).toEqual(want)
  }
  const [x, xs] = [array([0.5, -1, 2, 0.1]), sin(array([1, 2, 3, 4, 5, 6, 7, 8]).reshape([4, 2]))]
  const loop = (c: Tensor, xs: Tensor): unknown => scan((c: Tensor, x: Tensor) => [sin(c).add(x), c.mul(x)] as const, c, xs)

  it('scan, with the start, the values or both batched', () => {
    batched(loop as never, [0, 0], x, xs)
    batched(loop as never, [0, null], x, xs.ravel())
    batched(loop as never, [null, 0], array(0.3), xs)
    batched(((c: Tensor, xs: Tensor) => scan((c: Tensor, x: Tensor) => [sin(c).add(x), c.mul(x)] as const, c, xs, { reverse: true })) as never, [0, 0], x, xs)
  })

  it('scan with a batched value captured', () => {
    batched(((w: Tensor) => scan((c: Tensor, x: Tensor) => [c.mul(w).add(x), c] as const, array(0), xs.ravel())) as never, [0], x)
  })

  it('a carry that only later steps batch', () => {
    // What enters moves on by one place with each step.
    const shift = (x: Tensor): unknown =>
      scan((c: readonly Tensor[]) => [[x, c[0]!, c[1]!, c[3]!.add(1)], c[2]!] as const, [zeros([]), zeros([]), zeros([]), ints(0)], null, { length: 4 })
    batched(shift as never, [0], x)
    const [[, , , count]] = vmap(shift as never, { outAxes: [[0, 0, 0, null], 0] } as never)(...([x] as never[])) as unknown as [[Tensor, Tensor, Tensor, Tensor], Tensor]
    expect(count.toArray()).toBe(4)
  })

  it('no steps', () => {
    batched(((c: Tensor) => scan((c: Tensor, x: Tensor) => [c.add(x), c] as const, c, zeros([0]))) as never, [0], x)
  })

  it('map and foriLoop', () => {
    batched(((xs: Tensor) => map((v: Tensor) => sin(v).mul(v), xs)) as never, [0], xs)
    batched(((x: Tensor) => foriLoop(0, 3, (i, v: Tensor) => v.mul(0.5).add(i), x)) as never, [0], x)
    batched(((n: Tensor) => foriLoop(0, n, (i, v: Tensor) => v.mul(2).add(i), array(1))) as never, [0], ints([3, 0, -2, 5]))
    batched(((lo: Tensor) => foriLoop(lo, 4, (i, v: Tensor) => v.mul(2).add(i), array(1))) as never, [0], ints([3, 0, -2, 5]))
  })

  it('cond, with the predicate, the operands or captured values batched', () => {
    const choose = (p: Tensor, v: Tensor): unknown => cond(p, (u: Tensor) => [sin(u), u] as const, (u: Tensor) => [u.mul(2), array(7)] as const, v)
    batched(choose as never, [0, 0], x.greater(0), x)
    batched(choose as never, [0, null], x.greater(0), array(3))
    batched(choose as never, [null, 0], array(true), x)
    batched(choose as never, [null, 0], array(false), x)
    batched(((v: Tensor) => cond(v.greater(0), () => v.sqrt(), () => v.neg())) as never, [0], x)
  })

  it('switchCase with an index per entry, clamped', () => {
    const branches = [(v: Tensor): Tensor => v, (v: Tensor): Tensor => v.mul(10), (v: Tensor): Tensor => v.neg()] as const
    batched(((i: Tensor, v: Tensor) => switchCase(i, branches, v)) as never, [0, 0], ints([-5, 1, 2, 9]), x)
    batched(((i: Tensor, v: Tensor) => switchCase(i, branches, v)) as never, [0, null], ints([-5, 1, 2, 9]), x)
    expect(values(vmap((i: Tensor) => switchCase(i, branches, array(3)))(ints([-5, 0, 1, 2, 9])))).toEqual([3, 3, 30, -3, -3])
  })

  it('whileLoop, whose entries end at different times', () => {
    const double = (v: Tensor): Tensor => whileLoop((u: Tensor) => u.less(100), (u) => u.mul(2), v)
    expect(values(vmap(double)(array([1, 3, 50, 200])))).toEqual([128, 192, 100, 200])
    batched(double as never, [0], array([1, 3, 50, 200]))
    const limit = (v: Tensor, l: Tensor): unknown => whileLoop(({ v }) => v.less(l), ({ v, n }) => ({ v: v.mul(2), n: n.add(1) }), { v, n: ints(0) })
    batched(limit as never, [null, 0], array(1), array([1, 3, 50, 200]))
    batched(limit as never, [0, null], array([1, 3, 50, 200]), array(60))
  })

  it('an entry that has ended is not touched by what the others go on with', () => {
    const f = (n: Tensor): Tensor => whileLoop(({ n }) => n.greater(0), ({ n, v }) => ({ n: n.sub(1), v: v.div(n.sub(1)) }), { n, v: array(1) }).v
    expect(values(vmap(f)(ints([0, 1, 3])))).toEqual([1, Infinity, Infinity])
    expect(values(vmap((n: Tensor) => whileLoop(({ n }) => n.greater(1), ({ n, v }) => ({ n: n.sub(1), v: v.div(n.sub(1)) }), { n, v: array(1) }).v)(ints([0, 1, 3])))).toEqual([1, 1, 0.5])
  })

  it('a while loop whose test does not see the batch runs once for all', () => {
    const f = (v: Tensor): Tensor => whileLoop(({ n }) => n.less(3), ({ n, v }) => ({ n: n.add(1), v: v.mul(2) }), { n: ints(0), v }).v
    const program = makeProgram((v: Tensor) => vmap(f)(v))(array([1, 2]))
    const [loop] = program.equations
    expect(loop!.primitive).toBe('while')
    expect(loop!.outputs.map((o) => o.aval.shape)).toEqual([[], [2]])
    expect(values(vmap(f)(array([1, 2])))).toEqual([8, 16])
  })

  it('a branch that all entries take is the only one that runs', () => {
    const f = (p: Tensor, v: Tensor): Tensor => cond(p, sin, (u: Tensor) => u.sqrt(), v)
    const names = (inAxes: VmapOptions<[Tensor, Tensor]>['inAxes'], p: Tensor): readonly string[] =>
      makeProgram((p: Tensor, v: Tensor) => vmap(f, { inAxes: inAxes! })(p, v))(p, array([1, 2])).equations.map((e) => e.primitive)
    expect(names([null, 0], array(true))).toContain('cond')
    expect(names([0, 0], array([true, false]))).not.toContain('cond')
  })

  it('the body of a loop is traced once', () => {
    let traces = 0
    const f = (c: Tensor): Tensor => scan((c: Tensor) => {
      traces++
      return [sin(c), null] as const
    }, c, null, { length: 5 })[0]
    vmap(vmap(f))(ones([2, 3]))
    expect(traces).toBe(1)
  })

  it('a gradient per entry follows its own branch', () => {
    const f = (v: Tensor): Tensor => cond(v.greater(0), (u: Tensor) => u.sqrt(), (u: Tensor) => u.mul(0), v)
    expect(values(vmap(grad(f))(array([4, 0, -4])))).toEqual([0.25, 0, 0])
  })
})

describe('errors of vmap', () => {
  const id = (x: Tensor): Tensor => x
  const call = (f: (...xs: never[]) => unknown, options: object, ...xs: unknown[]): (() => unknown) => () => vmap(f as never, options as never)(...(xs as never[]))

  it('axes of different extents', () => {
    const pair = (x: Tensor, _: Tensor): Tensor => x
    expect(() => vmap(pair)(ones([2, 3]), ones([4, 3]))).toThrow(new ShapeError('vmap(pair): got inconsistent sizes for array axes to be mapped: 2, 4'))
    expect(() => vmap(id, { axisSize: 4 })(ones([2]))).toThrow(new ShapeError('vmap(id): got inconsistent sizes for array axes to be mapped: 4, 2'))
    expect(() => vmap((x: { p: Tensor; q: Tensor }) => x.p)({ p: ones([2]), q: ones([3]) })).toThrow(new ShapeError('vmap(anonymous): got inconsistent sizes for array axes to be mapped: 2, 3'))
  })

  it('an axis that is not there', () => {
    expect(() => vmap(id, { inAxes: 2 })(ones([2, 3]))).toThrow(new ShapeError('vmap: axis 2 is out of bounds for array of dimension 2'))
    expect(() => vmap(id, { inAxes: -3 })(ones([2, 3]))).toThrow(new ShapeError('vmap: axis -3 is out of bounds for array of dimension 2'))
    expect(() => vmap(id, { outAxes: 2 })(ones([2, 3]))).toThrow(new ShapeError('vmap: axis 2 is out of bounds for array of dimension 2'))
    expect(() => vmap(id, { inAxes: 0.5 })(ones([2, 3]))).toThrow(new ShapeError('vmap: axis 0.5 is out of bounds for array of dimension 2'))
  })

  it('arguments without axes', () => {
    expect(call(id, {}, array(2))).toThrow(new ShapeError('vmap: an argument of shape () has no axis 0 to map over; give null for it in inAxes'))
    expect(call(id, {}, 2)).toThrow(new ShapeError('vmap: an argument of shape () has no axis 0 to map over; give null for it in inAxes'))
    expect(call(id, {}, 'a')).toThrow(new TypeError('vmap: an argument that is a string has no axis to map over; give null for it in inAxes'))
    expect(call(id, {}, true)).toThrow(new TypeError('vmap: an argument that is a boolean has no axis to map over; give null for it in inAxes'))
  })

  it('nothing to map over', () => {
    expect(call(id, { inAxes: [null] }, ones([2]))).toThrow(new TypeError('vmap: no argument has an axis to map over; give { axisSize }'))
    expect(call(id, { inAxes: null }, ones([2]))).toThrow(new TypeError('vmap: no argument has an axis to map over; give { axisSize }'))
    expect(call(() => 1, {})).toThrow(new TypeError('vmap: no argument has an axis to map over; give { axisSize }'))
  })

  it('axes that do not fit the structure', () => {
    expect(call(id, { inAxes: [0] }, ones([2]), ones([2]))).toThrow(new TypeError('vmap: inAxes must give one axis per item, got 1 for 2'))
    expect(call(id, { inAxes: [[0, 1]] }, [ones([2])])).toThrow(new TypeError('vmap: inAxes[0] must give one axis per item, got 2 for 1'))
    expect(call(id, { inAxes: [{ p: 0 }] }, ones([2]))).toThrow(new TypeError("vmap: inAxes[0] is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts"))
    expect(call(id, { inAxes: [{ p: 0 }] }, { p: ones([2]), q: ones([2]) })).toThrow(new TypeError("vmap: inAxes[0]['q'] is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts"))
    expect(call(id, { inAxes: [{ p: 0, r: 0 }] }, { p: ones([2]) })).toThrow(new TypeError("vmap: inAxes[0] names 'r', which the value does not have"))
    expect(call(id, { outAxes: [0] }, ones([2]))).toThrow(new TypeError("vmap: outAxes is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts"))
    expect(call((x: never) => [x, x], { outAxes: [0] }, ones([2]))).toThrow(new TypeError('vmap: outAxes must give one axis per item, got 1 for 2'))
  })

  it('null for a result that depends on the batch', () => {
    const message = 'vmap(id): a result depends on the mapped axis but outAxes says null; give it an axis. Its shape per entry is (3,)'
    expect(() => vmap(id, { outAxes: null })(ones([2, 3]))).toThrow(new ShapeError(message))
    expect(call((x: Tensor) => [array(1), x], { outAxes: [null, null] }, ones([2]))).toThrow(ShapeError)
  })

  it('a function that returns a Promise', () => {
    expect(call((async (x: Tensor) => x) as never, {}, ones([2]))).toThrow(new TraceError('vmap(anonymous): the function returned a Promise; transforms are synchronous, so await before or after'))
  })

  it('an entry that is read, branched on or used afterwards', () => {
    let kept: Tensor | undefined
    vmap((x: Tensor) => (kept = x))(ones([2]))
    expect(() => kept!.add(1)).toThrow(TraceError)
    expect(() => vmap((x: Tensor) => (x.item() as number) > 0 ? x : x.neg())(ones([2]))).toThrow(TraceError)
  })

  it('leaves nothing behind', () => {
    expect(call(() => { throw new RangeError('mine') }, {}, ones([2]))).toThrow(new RangeError('mine'))
    expect(values(where(array([true]), 1, 2))).toEqual([1])
    expect(isFloat(vmap(id)(ones([2])).dtype)).toBe(true)
  })
})
