import { test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import {
  add,
  arange,
  array,
  evalShape,
  jit,
  lower,
  makeProgram,
  ones,
  random,
  Tensor,
  traceCount,
  TraceError,
  zeros,
} from '@linum/tensor'
import { defaultDevice, type JsDevice } from '@linum/tensor/core'
import { describe, expect, vi } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()
const compiledKernels = (): number => (defaultDevice() as JsDevice).compiledKernels

describe('a jitted function', () => {
  test('computes what the function does', () => {
    const f = jit((x: Tensor, y: Tensor) => x.mul(y).sum())
    expect(value(f(array([1, 2]), array([3, 4])))).toBe(11)
  })

  test('takes and gives trees of tensors, and other results as they are', () => {
    const marker = (): number => 1
    const f = jit(({ a, rest: [b, none] }: { a: Tensor; rest: [Tensor, null] }) => ({
      sum: a.add(b),
      none,
      list: [a, 5, 'text', true, undefined, marker],
      same: b,
    }))
    const [a, b] = [array([1]), array([2])]
    const out = f({ a, rest: [b, null] })
    expect(value(out.sum)).toEqual([3])
    expect(out.none).toBe(null)
    expect(out.list.slice(1)).toEqual([5, 'text', true, undefined, marker])
    expect(value(out.same)).toEqual([2])
    expect(jit(() => 7)()).toBe(7)
    expect(jit(() => undefined)()).toBe(undefined)
    expect(jit((x: Tensor) => [x, x])(a).map(value)).toEqual([[1], [1]])
  })

  test('runs its side effects only while it is traced', () => {
    let calls = 0
    const f = jit((x: Tensor) => {
      calls++
      return x.add(1)
    })
    for (let i = 0; i < 5; i++) f(array([i]))
    expect([calls, traceCount(f)]).toEqual([1, 1])
  })

  test('keeps its name', () => {
    expect(
      jit(function step(x: Tensor) {
        return x
      }).name,
    ).toBe('step')
    expect(jit((x: Tensor) => x).name).toBe('anonymous')
  })

  test('lets errors of the function through, and traces again the next time', () => {
    let broken = true
    const f = jit((x: Tensor) => {
      if (broken) throw new RangeError('not yet')
      return x.add(1)
    })
    expect(() => f(array([1]))).toThrow(new RangeError('not yet'))
    broken = false
    expect(value(f(array([1])))).toEqual([2])
    expect(() => jit((x: Tensor) => x.add(ones([3])))(ones([2]))).toThrow(np.ShapeError)
  })

  test('nests, and recurses over static numbers', () => {
    const inner = jit((x: Tensor) => x.mul(2))
    const outer = jit((x: Tensor) => inner(inner(x)).add(inner(ones([2]))))
    expect(value(outer(array([1, 2])))).toEqual([6, 10])
    expect(traceCount(inner)).toBe(1)
    const power: (x: Tensor, n: number) => Tensor = jit(
      (x: Tensor, n: number) => (n === 0 ? np.onesLike(x) : power(x, n - 1).mul(x)),
      { staticArgnums: [1] },
    )
    expect(value(power(array([2, 3]), 3))).toEqual([8, 27])
  })
})

describe('tracing happens', () => {
  const counting = () => jit((x: unknown) => (Array.isArray(x) ? x.length : 0))

  test('once for values of one type, whatever they are', () => {
    const f = counting()
    for (const x of [ones([2]), zeros([2]), array([1, 2])]) f(x)
    expect(traceCount(f)).toBe(1)
    for (const x of [1, 2, -0, NaN, 1e10]) f(x)
    expect(traceCount(f)).toBe(2)
  })

  test.each<[string, unknown, unknown]>([
    ['shape', ones([2]), ones([3])],
    ['rank', ones([2]), ones([2, 1])],
    ['dtype', ones([2]), ones([2], { dtype: 'int32' })],
    ['weak type', array(1), array(1).astype('float32')],
    ['structure', [ones([2])], { 0: ones([2]) }],
    ['key of an object', { a: ones([2]) }, { b: ones([2]) }],
    ['nesting', [[ones([2])], ones([2])], [ones([2]), [ones([2])]]],
    ['null for undefined', [null], [undefined]],
    ['boolean', true, false],
    ['string', 'a', 'b'],
    ['boolean for its name', true, 'true'],
    ['string for the number it spells', '1', 1],
    ['two strings for one', ['a', 'b'], ['a;b']],
    ['quoted text', ['"a"'], ['a']],
    ['function', () => 1, () => 1],
    ['number for a tensor of another type', 1, array(1, { dtype: 'int32' })],
    ['key for words', random.key(0), zeros([2], { dtype: 'uint32' })],
  ])('again for another %s', (_what, a, b) => {
    const f = counting()
    f(a)
    f(b)
    expect(traceCount(f)).toBe(2)
    f(a)
    f(b)
    expect(traceCount(f)).toBe(2)
  })

  test("never for the order in which an object's keys were written", () => {
    const f = counting()
    f({ a: ones([2]), b: 1 })
    f({ b: 2, a: zeros([2]) })
    expect(traceCount(f)).toBe(1)
  })

  test('for numbers as for weak scalars, so that an array(1) does as well', () => {
    const f = jit((x: np.TensorLike) => add(x, 1))
    expect([value(f(1)), value(f(array(2)))]).toEqual([2, 3])
    expect(traceCount(f)).toBe(1)
    expect(f(1).weak).toBe(true)
  })
})

describe('static arguments', () => {
  test('arrive as they are, and are compared by value', () => {
    const f = jit((x: Tensor, n: number, mode: string) => (mode === 'up' ? x.mul(n) : x.div(n)), {
      staticArgnums: [1, 2],
    })
    expect([
      value(f(array([4]), 2, 'up')),
      value(f(array([4]), 2, 'down')),
      value(f(array([4]), 4, 'up')),
      value(f(array([1]), 2, 'up')),
    ]).toEqual([[8], [2], [16], [2]])
    expect(traceCount(f)).toBe(3)
  })

  test.each<[string, unknown, unknown]>([
    ['0 and -0', 0, -0],
    ['a number and a bigint', 1, 1n],
    ['a number and its text', 1, '1'],
    ['two objects alike', { a: 1 }, { a: 1 }],
    ['two symbols alike', Symbol('s'), Symbol('s')],
    ['null and undefined', null, undefined],
    ['true and 1', true, 1],
    ['an array and another', [1], [1]],
  ])('tell %s apart', (_what, a, b) => {
    const seen: unknown[] = []
    const f = jit(
      (_x: Tensor, s: unknown) => {
        seen.push(s)
        return 0
      },
      { staticArgnums: [1] },
    )
    for (const s of [a, b, a, b]) f(array([1]), s)
    expect(seen).toHaveLength(2)
    expect([Object.is(seen[0], a), Object.is(seen[1], b)]).toEqual([true, true])
  })

  test('NaN equals itself', () => {
    const f = jit((_x: Tensor, _n: number) => 0, { staticArgnums: [1] })
    f(array([1]), NaN)
    f(array([1]), NaN)
    expect(traceCount(f)).toBe(1)
  })

  test('are what else is allowed: an argument of another kind is refused with its path', () => {
    const f = jit((x: unknown) => x)
    const rest =
      'which is neither a tensor nor a tree of tensors; for modules use the jit of @linum/transforms, else list it in staticArgnums'
    expect(() => f({ a: [new Date()] })).toThrow(
      new TypeError(`jit(anonymous): argument [0]['a'][0] is a Date, ${rest}`),
    )
    expect(() => f(Float32Array.of(1))).toThrow(`jit(anonymous): argument [0] is a Float32Array, ${rest}`)
    expect(() => f(1n)).toThrow(`argument [0] is a bigint, ${rest}`)
    expect(() => f(new Map())).toThrow(TypeError)
  })
})

describe('values from outside', () => {
  test('are inputs of the program, not data in it', () => {
    const w = array([1, 2, 3])
    const f = jit((x: Tensor) => x.mul(w).add(w))
    const program = lower(f, ones([3]))
    expect(program.inputs).toHaveLength(2)
    expect(JSON.stringify(program)).not.toContain('value')
    expect(value(f(array([1, 1, 1])))).toEqual([2, 4, 6])
  })

  test('that are known scalars are written into it', () => {
    const scale = array(3)
    const program = lower(
      jit((x: Tensor) => x.mul(scale)),
      ones([3]),
    )
    expect(program.inputs).toHaveLength(1)
    expect(program.equations[0]!.inputs[1]).toMatchObject({ kind: 'literal', value: 3 })
  })

  test('are those of the time of tracing', () => {
    let w = array([1, 1])
    const f = jit((x: Tensor) => x.add(w))
    expect(value(f(array([0, 0])))).toEqual([1, 1])
    w = array([5, 5])
    expect(value(f(array([0, 0])))).toEqual([1, 1])
    expect(value(f(array(0)))).toEqual([5, 5])
  })

  test('may belong to an outer trace, which the next call does not see', () => {
    const seen: number[] = []
    const outer = jit((x: Tensor, n: Tensor) => {
      const inner = jit((y: Tensor) => {
        seen.push(y.size)
        return y.add(x)
      })
      return inner(n).add(inner(n))
    })
    expect(value(outer(array([1, 2]), array([10, 20])))).toEqual([22, 44])
    expect(value(outer(array([3, 4]), array([10, 20])))).toEqual([26, 48])
    const shared = jit((y: Tensor, f: (z: Tensor) => Tensor) => f(y))
    const twice = jit((x: Tensor) => shared(x, (z) => z.add(x)))
    expect([value(twice(array([1]))), value(twice(array([5])))]).toEqual([[2], [10]])
  })

  test('of an outer trace are not remembered, though the arguments are of the same types again', () => {
    let outside: Tensor | undefined
    const shared = jit((y: Tensor) => y.add(outside!))
    const outer = jit((x: Tensor, other: Tensor) => {
      outside = x
      return shared(ones([2])).add(other.sum())
    })
    expect([value(outer(array([1, 2]), ones([1]))), value(outer(array([3, 4]), ones([2])))]).toEqual([
      [3, 4],
      [6, 7],
    ])
    outside = array([10, 20])
    expect(value(shared(ones([2])))).toEqual([11, 21])
  })

  test('that were disposed make the next call throw', () => {
    const w = array([1, 2])
    const f = jit((x: Tensor) => x.add(w))
    f(array([1, 1]))
    w[Symbol.dispose]()
    expect(() => f(array([1, 1]))).toThrow(TraceError)
  })
})

describe('a function that is traced over and over', () => {
  test('warns once, at the sixteenth time, naming the types that differ', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    try {
      const f = jit(function ragged(x: Tensor) {
        return x.sum()
      })
      for (let n = 1; n <= 15; n++) f(zeros([n]))
      expect(warn).not.toHaveBeenCalled()
      for (let n = 16; n <= 40; n++) f(zeros([n]))
      expect(warn.mock.calls).toEqual([
        [
          'jit(ragged): traced 16 times; the types or static values of its arguments keep changing, from (float32[15]) to (float32[16]). Keep shapes fixed, or list what should not be traced in staticArgnums.',
        ],
      ])
    } finally {
      warn.mockRestore()
    }
  })

  test('forgets the oldest of very many, and still gives the right result', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    try {
      const f = jit((x: Tensor, n: number) => x.add(n), { staticArgnums: [1] })
      for (let n = 0; n < 400; n++) expect(value(f(array([1]), n))).toEqual([n + 1])
      expect(value(f(array([1]), 0))).toEqual([1])
      expect(traceCount(f)).toBe(401)
      expect(value(f(array([1]), 399))).toEqual([400])
      expect(traceCount(f)).toBe(401)
    } finally {
      warn.mockRestore()
    }
  })
})

describe('compiled code', () => {
  test('is shared by functions that are the same program', () => {
    const make = () => jit((x: Tensor) => x.mul(1.25).sin().add(0.875))
    make()(ones([13]))
    const before = compiledKernels()
    expect(value(make()(zeros([13])))).toEqual(Array.from({ length: 13 }, () => 0.875))
    expect(compiledKernels()).toBe(before)
  })

  test('of single operations serves every size, so that a ragged last batch compiles nothing', () => {
    const work = (n: number): void => {
      const x = arange(n * 6)
        .reshape([n, 2, 3])
        .astype('float32')
      const y = x
        .mul(2)
        .add(ones([3]))
        .sub(x.sum({ axis: [1, 2], keepdims: true }))
      np.softmax(y.reshape([n, 6]))
        .T.slice('::2', '1:')
        .max({ axis: 0 })
      np.pad(np.concatenate([y, x], { axis: 1 }), [
        [0, 0],
        [1, 0],
        [0, 2],
      ]).exp()
      np.where(x.gt(1), x, 0).broadcastTo([2, n, 2, 3]).flip({ axis: -1 })
      random.uniform(random.key(0), [n, 4]).less(0.5)
      np.oneHot(arange(n), 10).matmul(ones([10, 3]))
      x.take(array([0, 1], { dtype: 'int32' }), { axis: 0 })
      np.takeAlongAxis(y, y.argsort({ axis: 0 }), { axis: 0 })
    }
    work(32)
    const before = compiledKernels()
    for (const n of [31, 17, 64, 5]) work(n)
    expect(compiledKernels()).toBe(before)
  })
})

describe('without running', () => {
  test('evalShape gives types for tensors and everything else as it is', () => {
    const f = (x: Tensor, s: np.TensorLike): unknown => ({ y: x.matmul(x.T), total: x.sum().astype('int32'), n: 3, s })
    expect(evalShape(f, zeros([2, 5]), 1)).toEqual({
      y: { shape: [2, 2], dtype: 'float32', weak: false },
      total: { shape: [], dtype: 'int32', weak: false },
      n: 3,
      s: { shape: [], dtype: 'float32', weak: true },
    })
    expect(() => evalShape((x: Tensor) => x.reshape([7]), zeros([2]))).toThrow(np.ShapeError)
  })

  test('evalShape needs no memory', () => {
    const big = evalShape((x: Tensor) => x.broadcastTo([40000, 40000]).sin(), zeros([40000]))
    expect(big).toEqual({ shape: [40000, 40000], dtype: 'float32', weak: false })
  })

  test('makeProgram and lower give the same program', () => {
    const f = (x: Tensor): Tensor => x.mul(2).sum()
    expect(np.printProgram(makeProgram(f)(ones([3])))).toBe(np.printProgram(lower(jit(f), ones([3]))))
  })
})
