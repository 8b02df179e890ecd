import { fc, test } from '@fast-check/vitest'
import {
  array,
  callRoutine,
  defineRoutine,
  DtypeError,
  evalShape,
  jit,
  makeProgram,
  ones,
  printProgram,
  random,
  type Routine,
  scan,
  ShapeError,
  type Tensor,
  zeros,
} from '@linum/tensor'
import { bind, programKey } from '@linum/tensor/core'
import { describe, expect } from 'vitest'

/** The values of a polynomial, given by its coefficients, at some points. */
const horner: Routine<{ readonly shift: number }> = defineRoutine({
  name: 'horner',
  ranks: [1, 1],
  types: ([c, x]) => {
    if (c!.dtype !== x!.dtype) throw new DtypeError(`horner: needs one dtype, got ${c!.dtype} and ${x!.dtype}`)
    return [x!]
  },
  compute: ([c, x], [out], _types, { shift }) => {
    x!.forEach((at, i) => (out![i] = Array.from(c!).reduceRight((total, k) => total * (at - shift) + k, 0)))
  },
})

/** A number of operands and ranks that depend on parameters, and several results. */
const extremes: Routine<{ readonly rank: number }> = defineRoutine({
  name: 'extremes',
  ranks: ({ rank }: { readonly rank: number }) => [rank],
  types: ([x]) => [
    { shape: [2], dtype: x!.dtype },
    { shape: [], dtype: 'int32' },
  ],
  compute: ([x], [range, count]) => {
    range!.set([Math.min(...x!), Math.max(...x!)])
    count![0] = x!.length
  },
})

const at = (c: Tensor, x: Tensor, shift = 0): Tensor => callRoutine(horner, [c, x], { shift })[0]!

describe('a routine', () => {
  test('computes each item of a batch, whose axes broadcast', () => {
    expect(at(array([1, 2, 3]), array([0, 1, 2])).toArray()).toEqual([1, 6, 17])
    const c = array([[[1, 2, 3]], [[0, 1, 0]]])
    const x = array([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
    const want = [
      [
        [1, 6],
        [17, 34],
        [57, 86],
      ],
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    ]
    expect(at(c, x).toArray()).toEqual(want)
    expect(jit(at as (c: Tensor, x: Tensor) => Tensor)(c, x).toArray()).toEqual(want)
  })

  test('gives several results, and may take ranks from its parameters', () => {
    const x = array([
      [3, -1],
      [2, 8],
    ])
    const [range, count] = callRoutine(extremes, [x], { rank: 1 })
    expect([range!.toArray(), count!.toArray(), count!.dtype]).toEqual([
      [
        [-1, 3],
        [2, 8],
      ],
      [2, 2],
      'int32',
    ])
    expect(callRoutine(extremes, [x], { rank: 2 })[0]!.toArray()).toEqual([-1, 8])
  })

  test('runs on empty batches and empty items', () => {
    expect(at(ones([3]), zeros([0, 2])).shape).toEqual([0, 2])
    expect(at(zeros([0]), ones([2])).toArray()).toEqual([0, 0])
    expect(at(ones([4, 3]), zeros([4, 0])).shape).toEqual([4, 0])
  })

  test('is one equation of a program, which prints and is equal to itself', () => {
    const program = makeProgram((c: Tensor, x: Tensor) => at(c, x, 2).add(1))(ones([3]), ones([2]))
    expect(printProgram(program)).toBe(
      [
        '{ lambda ; a:f32[3] b:f32[2]. let',
        '    c:f32[2] = routine[routine=horner params={"shift":2}] a b',
        '    d:f32[2] = add c 1:f32[]',
        '  in (d,) }',
      ].join('\n'),
    )
    const again = makeProgram((c: Tensor, x: Tensor) => at(c, x, 2).add(1))(ones([3]), ones([2]))
    expect(programKey(again)).toBe(programKey(program))
  })

  test('is told apart by its parameters and its identity, not its name', () => {
    const twin = defineRoutine({ ...horner, compute: (_in, [out]) => out!.fill(7) })
    const both = (c: Tensor, x: Tensor): Tensor[] => [
      at(c, x),
      at(c, x, 1),
      callRoutine(twin, [c, x], { shift: 0 })[0]!,
    ]
    const args = [array([0, 1]), array([3])] as const
    expect(both(...args).map((y) => y.item())).toEqual([3, 2, 7])
    expect((jit(both)(...args) as Tensor[]).map((y) => y.item())).toEqual([3, 2, 7])
  })

  test('works in loops, and costs nothing where its results are not used', () => {
    let calls = 0
    const counted = defineRoutine({ ...horner, compute: (...args) => (calls++, horner.compute(...args)) })
    const step = (c: Tensor, x: Tensor): [Tensor, Tensor] => [
      callRoutine(counted, [array([1, 2]), c], { shift: 0 })[0]!,
      x,
    ]
    const [last] = scan(step, array([1]), zeros([4])) as [Tensor, Tensor]
    expect([last.toArray(), calls]).toEqual([[31], 4])
    const unused = jit((x: Tensor) => {
      callRoutine(counted, [x, x], { shift: 0 })
      return x.add(1)
    })
    expect(unused(array([1])).toArray()).toEqual([2])
    expect(calls).toBe(4)
  })

  test('states its types without running', () => {
    expect(evalShape((c: Tensor, x: Tensor) => at(c, x), ones([5, 3]), ones([2, 1, 4]))).toMatchObject({
      shape: [2, 5, 4],
      dtype: 'float32',
    })
  })

  test('sees half-width floats as numbers and has its results rounded', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const x = array([0.1, 2.5], { dtype })
      const y = at(array([1, 1 / 3], { dtype }), x)
      expect(y.dtype).toBe(dtype)
      const [third, first] = [
        array(1 / 3, { dtype })
          .astype('float32')
          .item(),
        x.astype('float32').toArray(),
      ]
      const want = array((first as number[]).map((v) => 1 + (third as number) * v))
      expect(y.toArray()).toEqual(want.astype(dtype).toArray())
    }
    const wide = at(array([1, 1 / 3], { dtype: 'float64' }), array([0.1], { dtype: 'float64' }))
    expect([wide.dtype, wide.item()]).toEqual(['float64', (1 / 3) * 0.1 + 1])
  })

  test('names itself in errors', () => {
    expect(() => at(array(1), ones([2]))).toThrow(ShapeError)
    expect(() => at(array(1), ones([2]))).toThrow('horner: operand 0 needs at least 1 axes, got shape ()')
    expect(() => at(ones([2, 3]), ones([3, 2]))).toThrow(
      'horner: Incompatible shapes for broadcasting: shapes=[(2,), (3,)]',
    )
    expect(() =>
      bind('routine', [ones([2, 3]), ones([2])], { routine: horner as never, params: { shift: 0 } }),
    ).toThrow('horner: batch axes must be equal, got (2,) and (); callRoutine broadcasts them')
    expect(() => at(ones([2]), random.split(random.key(0), 2))).toThrow(DtypeError)
    expect(() => at(ones([2]), array([1], { dtype: 'int32' }))).toThrow(DtypeError)
    expect(() => callRoutine(horner, [ones([2])], { shift: 0 })).toThrow('horner: takes 2 operands, got 1')
  })

  test.prop([fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), fc.nat(5)], { numRuns: 10 })(
    'of a batch is the routine of every item',
    (batch, seed) => {
      const c = random.normal(random.key(seed), [...batch, 3])
      const x = random.normal(random.key(seed + 9), [...batch, 2])
      const [rows, points] = [c.reshape([-1, 3]), x.reshape([-1, 2])]
      const all = at(c, x).reshape([-1, 2])
      for (let i = 0; i < rows.shape[0]!; i++)
        expect(all.slice(i).toArray()).toEqual(at(rows.slice(i), points.slice(i)).toArray())
    },
  )
})
