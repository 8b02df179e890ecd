import { grad, valueAndGrad } from '@linum/autodiff'
import {
  array,
  DtypeError,
  jit,
  matmul,
  ones,
  ShapeError,
  sin,
  type Tensor,
  type TensorLike,
  traceCount,
  TraceError,
  tree,
  zeros,
} from '@linum/tensor'
import { currentTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'

const f32 = (x: number): Tensor => array(x).astype('float32')
const numbers = (x: unknown): unknown => tree.map((t: Tensor) => t.toArray(), x)
const square = (x: TensorLike): Tensor => array(x).square()

describe('grad and valueAndGrad', () => {
  it('differentiate with respect to the first argument', () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.square().mul(y).sum()
    expect(grad(f)(array([1, 2]), array([3, 4])).toArray()).toEqual([6, 16])
    const [value, gradient] = valueAndGrad(f)(array([1, 2]), array([3, 4]))
    expect([value.item(), gradient.toArray()]).toEqual([19, [6, 16]])
  })

  it('take numbers for tensors', () => {
    expect(grad(square)(3).item()).toBe(6)
    expect(grad((x: TensorLike, n: number) => array(x).mul(n))(3, 2).item()).toBe(2)
  })

  it('pass arguments that are not differentiated as they are', () => {
    const seen: unknown[] = []
    const f = (x: Tensor, ...others: readonly unknown[]): Tensor => {
      seen.push(...others)
      return x.square()
    }
    const others = [2, 'text', null, undefined, true, array([1, 2], { dtype: 'int32' }), new Date(0), f]
    grad(f)(f32(1), ...others)
    seen.forEach((x, i) => expect(x).toBe(others[i]))
  })

  it('differentiate with respect to other arguments by position', () => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => x.mul(y).mul(y).mul(z)
    const args = [f32(2), f32(3), f32(5)] as const
    expect(grad(f, { argnums: 1 })(...args).item()).toBe(60)
    expect(grad(f, { argnums: [2, 0] })(...args).map((g) => g.item())).toEqual([18, 45])
    expect(grad(f, { argnums: [1] })(...args).map((g) => g.item())).toEqual([60])
    const [value, [dz]] = valueAndGrad(f, { argnums: [2] })(...args)
    expect([value.item(), dz.item()]).toEqual([90, 18])
  })

  it('give gradients the structure of the argument', () => {
    interface Params {
      readonly layers: readonly [{ readonly w: Tensor; readonly b: Tensor }, Tensor]
      readonly scale: number
      readonly none: null
      readonly missing?: undefined
    }
    const params: Params = {
      layers: [{ w: array([1, 2]), b: f32(3) }, array([[4]])],
      scale: 5,
      none: null,
      missing: undefined,
    }
    const f = ({ layers: [{ w, b }, m], scale }: Params): Tensor => w.sum().mul(b).add(m.sum().mul(scale))
    expect(numbers(grad(f)(params))).toEqual({
      layers: [{ w: [3, 3], b: 3 }, [[5]]],
      scale: 4,
      none: null,
      missing: undefined,
    })
  })

  it('hand out aux untouched: tensors of the outer level, everything else as it is', () => {
    const trace = currentTrace()
    const marker = { deep: new Date(0) }
    const f = (x: Tensor): readonly [Tensor, unknown] => [
      x.square(),
      { half: x.div(2), n: 3, flag: true, text: 'a', marker: marker.deep, none: null },
    ]
    const [gradient, aux] = grad(f, { hasAux: true })(f32(3)) as readonly [Tensor, { half: Tensor; marker: unknown }]
    expect(gradient.item()).toBe(6)
    expect(aux).toMatchObject({ n: 3, flag: true, text: 'a', none: null })
    expect(aux.half.item()).toBe(1.5)
    expect(aux.marker).toBe(marker.deep)
    const [[value, again], g] = valueAndGrad(f, { hasAux: true })(f32(3)) as readonly [
      readonly [Tensor, { half: Tensor }],
      Tensor,
    ]
    expect([value.item(), again.half.item(), g.item()]).toEqual([9, 1.5, 6])
    expect(currentTrace()).toBe(trace)
  })

  it('give zeros for an input that is not used', () => {
    const g = grad((x: { used: Tensor; not: Tensor }) => x.used.sum())({ used: array([1, 2]), not: ones([2, 2]) })
    expect(numbers(g)).toEqual({
      used: [1, 1],
      not: [
        [0, 0],
        [0, 0],
      ],
    })
    expect(g.not.dtype).toBe('float32')
    expect(grad((_x: Tensor) => 3)(array([1, 2])).toArray()).toEqual([0, 0])
    expect(valueAndGrad((_x: Tensor) => 3)(array([1, 2]))[0].item()).toBe(3)
  })

  it('let integers and booleans take part inside', () => {
    const mask = array([true, false, true])
    const ids = array([2, 0, 1], { dtype: 'int32' })
    const f = (x: Tensor): Tensor => x.mul(mask).mul(ids).add(x.argmax()).add(x.greater(0)).sum()
    expect(grad(f)(array([1, 2, 3])).toArray()).toEqual([2, 0, 1])
  })

  it('keep two uses of one tensor apart', () => {
    const x = f32(3)
    expect(numbers(grad(([a, b]: readonly [Tensor, Tensor]) => a.mul(b).mul(b))([x, x]))).toEqual([9, 18])
  })

  it('see what they close over as constants', () => {
    const w = array([2, 3])
    expect(grad((x: Tensor) => x.mul(w).sum())(array([1, 1])).toArray()).toEqual([2, 3])
  })

  it('give results that are computed, inside no trace', () => {
    const g = grad(square)(f32(3))
    expect(g.concrete).toBe(true)
    expect(currentTrace()).toBeNull()
  })
})

describe('nesting', () => {
  it('derivatives of derivatives', () => {
    let f = (x: Tensor): Tensor => sin(x)
    const values: number[] = []
    for (let i = 0; i < 5; i++) {
      values.push(Number(f(f32(0.5)).item()))
      const g = f
      f = (x) => grad(g)(x)
    }
    const want = [Math.sin(0.5), Math.cos(0.5), -Math.sin(0.5), -Math.cos(0.5), Math.sin(0.5)]
    values.forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 6))
  })

  it('an inner derivative does not see the variable of an outer one', () => {
    // d/dx (x * d/dy (x + y) at 1) is 1, not 2.
    const f = (x: Tensor): Tensor => x.mul(grad((y: Tensor) => x.add(y))(f32(1)))
    expect(grad(f)(f32(3)).item()).toBe(1)
    const h = (x: Tensor): Tensor => grad((y: Tensor) => x.mul(y).mul(y))(x)
    expect(grad(h)(f32(3)).item()).toBe(12)
  })

  it('inside jit, around jit, and jit of both around each other', () => {
    const f = (x: Tensor, n: Tensor): Tensor => sin(x).mul(n).sum()
    const x = array([0.1, 0.2])
    const want = grad(f)(x, f32(2)).toArray()
    const inner = jit(f)
    expect(jit(grad(f))(x, f32(2)).toArray()).toEqual(want)
    expect(grad(inner)(x, f32(2)).toArray()).toEqual(want)
    expect(jit(grad(jit(inner)))(x, f32(2)).toArray()).toEqual(want)
    expect(jit((x: Tensor) => grad((y: Tensor) => inner(y, x.sum()))(x))(x).toArray()).toEqual(
      grad(f)(x, x.sum()).toArray(),
    )
  })

  it('a jitted function is traced once, however often it is differentiated', () => {
    const f = jit((x: Tensor) => sin(x).mul(x))
    const step = grad(f)
    const second = grad((x: Tensor) => step(x))
    for (let i = 0; i < 5; i++) {
      expect(step(f32(i)).item()).toBeCloseTo(Math.sin(i) + i * Math.cos(i), 5)
      expect(second(f32(i)).item()).toBeCloseTo(2 * Math.cos(i) - i * Math.sin(i), 5)
    }
    expect(traceCount(f)).toBe(1)
  })

  it('a jitted gradient is traced once for each type of its arguments', () => {
    const step = jit(grad((w: Tensor, x: Tensor) => matmul(x, w).square().mean()))
    for (let i = 0; i < 4; i++) step(ones([2, 1]), ones([3, 2]).mul(i))
    expect(traceCount(step)).toBe(1)
    step(ones([2, 1]), ones([4, 2]))
    expect(traceCount(step)).toBe(2)
  })

  it('integers, booleans and several results pass through a jitted function', () => {
    const f = jit((x: Tensor, n: Tensor) => ({ y: x.mul(n), positive: x.greater(0), n: n.add(1), label: 'kept' }))
    const loss = (x: Tensor): Tensor => {
      const { y, positive, n, label } = f(x, array([2, 3], { dtype: 'int32' }))
      expect([positive.dtype, n.dtype, label]).toEqual(['bool', 'int32', 'kept'])
      return y.mul(positive).mul(n).sum()
    }
    expect(grad(loss)(array([1, -1])).toArray()).toEqual([6, 0])
  })

  it('an output of a jitted function that is an input, a constant or not used has its derivative', () => {
    const f = jit((x: Tensor, y: Tensor) => [x, y.mul(2), ones([2]), x.mul(y)] as const)
    const loss = (x: Tensor, y: Tensor): Tensor => {
      const [same, double, constant] = f(x, y)
      return same.add(double).add(constant).sum()
    }
    expect(numbers(grad(loss, { argnums: [0, 1] })(array([1, 2]), array([3, 4])))).toEqual([
      [1, 1],
      [2, 2],
    ])
  })
})

describe('errors', () => {
  const message = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      return `${(error as Error).constructor.name}: ${(error as Error).message}`
    }
    throw new Error('nothing was thrown')
  }
  const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).sum()

  it('an output that is no scalar', () => {
    expect(message(() => grad((x: Tensor) => x.mul(2))(ones([2])))).toBe(
      'ShapeError: grad: Gradient only defined for scalar-output functions. Output had shape: (2,).',
    )
    expect(() => valueAndGrad((x: Tensor) => x)(ones([2, 3]))).toThrow(
      new ShapeError('valueAndGrad: Gradient only defined for scalar-output functions. Output had shape: (2, 3).'),
    )
  })

  it('an output that is no tensor', () => {
    expect(message(() => grad(((x: Tensor) => [x, x]) as never)(f32(1) as never))).toBe(
      'TypeError: grad: the function must return a scalar tensor; with auxiliary results return [loss, aux] and give { hasAux: true }',
    )
  })

  it('an output that is no real number', () => {
    expect(message(() => grad((x: Tensor) => x.greater(0))(f32(1)))).toBe(
      'DtypeError: grad: requires real-valued outputs (output dtype that is a sub-dtype of float), but got bool',
    )
    expect(() => grad((x: Tensor) => x.argmax())(ones([2]))).toThrow(DtypeError)
  })

  it('an integer argument, with its path', () => {
    const n = array([1, 2], { dtype: 'int32' })
    expect(message(() => grad((x: Tensor) => x.sum())(n))).toBe(
      "DtypeError: grad: requires real-valued inputs (input dtype that is a sub-dtype of float), but got int32 for argument 0; convert it with astype('float32') or leave it out of argnums",
    )
    expect(
      message(() =>
        valueAndGrad((_: Tensor, p: { a: readonly Tensor[] }) => p.a[0]!.sum(), { argnums: 1 })(n, { a: [f32(1), n] }),
      ),
    ).toBe(
      "DtypeError: valueAndGrad: requires real-valued inputs (input dtype that is a sub-dtype of float), but got int32 for argument 1 at ['a'][1]; convert it with astype('float32') or leave it out of argnums",
    )
    expect(() => grad((x: Tensor) => x.sum())(array([true]))).toThrow(/but got bool for argument 0/)
  })

  it('an argument with a leaf that is no tensor, with its path', () => {
    expect(message(() => grad((p: { x: Tensor; name: string }) => p.x.sum())({ x: f32(1), name: 'w' }))).toBe(
      "TypeError: grad: argument 0 at ['name'] is a string, which has no derivative; differentiate with respect to tensors only",
    )
  })

  it('argnums that are repeated, out of range or no integers', () => {
    const [x, y] = [ones([2]), ones([2])]
    expect(message(() => grad(f, { argnums: [0, 0] })(x, y))).toBe('RangeError: grad: argnum 0 is repeated in argnums')
    expect(message(() => grad(f, { argnums: 2 as 1 })(x, y))).toBe(
      'RangeError: grad: argnums must name arguments, got 2 for a call with 2 arguments',
    )
    expect(message(() => grad(f, { argnums: [0, -1 as 1] })(x, y))).toBe(
      'RangeError: grad: argnums must name arguments, got -1 for a call with 2 arguments',
    )
    expect(message(() => grad(f, { argnums: 0.5 as 1 })(x, y))).toBe(
      'RangeError: grad: argnums must name arguments, got 0.5 for a call with 2 arguments',
    )
    expect(message(() => grad((() => f32(1)) as (x: Tensor) => Tensor)(...([] as unknown as [Tensor])))).toBe(
      'RangeError: grad: argnums must name arguments, got 0 for a call with 0 arguments',
    )
  })

  it('aux that is not there', () => {
    expect(message(() => grad((x: Tensor) => x as never, { hasAux: true })(f32(1)))).toBe(
      'TypeError: grad: with hasAux the function must return [loss, aux], got object',
    )
    expect(message(() => valueAndGrad((x: Tensor) => [x, 1, 2] as never, { hasAux: true })(f32(1)))).toBe(
      'TypeError: valueAndGrad: with hasAux the function must return [loss, aux], got an array of 3',
    )
  })

  it('a function that returns a Promise', () => {
    const load = async (x: Tensor): Promise<Tensor> => x
    expect(message(() => grad(load as never)(f32(1) as never))).toBe(
      'TraceError: grad(load): the function returned a Promise; transforms are synchronous, so await before or after',
    )
    expect(() => valueAndGrad(load as never, { hasAux: true })(f32(1) as never)).toThrow(
      /valueAndGrad\(load\): the function returned a Promise/,
    )
  })

  it('reading a traced value', () => {
    const read = (x: Tensor): Tensor => x.mul(Number(x.item()))
    expect(message(() => grad(read)(f32(1)))).toBe(
      'TraceError: item: a traced value of shape () has no elements inside grad(read); return it and read it outside',
    )
    expect(() => grad((x: Tensor) => x.mul(x.size > 0 && +x > 0 ? 1 : 2))(f32(1))).toThrow(
      /grad\(anonymous\): a traced value has no number yet/,
    )
  })

  it('a traced value that leaves its transform and is used', () => {
    let kept: Tensor | undefined
    grad(function keep(x: Tensor) {
      kept = x.mul(2)
      return x
    })(f32(1))
    const words =
      'TraceError: grad(keep): a traced value of shape [] was used after its transform had ended; return it from the function instead of storing it outside'
    expect(message(() => kept!.add(1))).toBe(words)
    expect(message(() => jit((x: Tensor) => x.add(kept!))(f32(1)))).toBe(words)
    expect(message(() => grad((x: Tensor) => x.mul(kept!))(f32(1)))).toBe(words)
    expect(String(kept)).toBe('Tensor(f32[], traced by grad(keep))')
  })

  it('what the function throws comes out, and nothing of the transform stays behind', () => {
    const thrown = new Error('mine')
    expect(() =>
      grad((_: Tensor): Tensor => {
        throw thrown
      })(f32(1)),
    ).toThrow(thrown)
    expect(currentTrace()).toBeNull()
    expect(grad(square)(f32(2)).item()).toBe(4)
  })
})

it('gradients of empty tensors are empty', () => {
  expect(grad((x: Tensor) => x.sum())(zeros([0, 3])).shape).toEqual([0, 3])
})

it('TraceError is what a Promise and a leak have in common', () => {
  expect(() => grad(((x: Tensor) => Promise.resolve(x)) as never)(f32(1) as never)).toThrow(TraceError)
})
