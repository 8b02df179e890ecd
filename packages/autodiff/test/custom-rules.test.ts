import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  hessian,
  jvp,
  linearize,
  valueAndGrad,
  vjp,
  vmap,
} from '@linum/autodiff'
import { array, jit, makeProgram, ones, printProgram, random, scan, sin, type Tensor } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { bits, ints, values } from './readings.js'

const x = array([1, 2, 3])

/** The identity, whose cotangent is doubled. */
const doubled = customVjp(
  (v: Tensor) => v.mul(1),
  (v: Tensor) => [v.mul(1), null] as const,
  (_, ct) => [ct.mul(2)],
)

/** The identity, whose tangent is tripled. */
const tripled = customJvp(
  (v: Tensor) => v.mul(1),
  ([v], [t]) => [v.mul(1), t.mul(3)] as const,
)

describe('customVjp', () => {
  it('outside of transforms is the function itself', () => {
    let calls = 0
    const f = customVjp(
      (v: Tensor) => {
        calls++
        return v.item() === 2 ? v : v.neg()
      },
      (v: Tensor) => [v, null] as const,
      (_, ct) => [ct],
    )
    expect([f(array(2)).item(), f(array(3)).item(), calls]).toEqual([2, -3, 2])
  })

  it('its rule is the derivative, in any transform', () => {
    const loss = (v: Tensor): Tensor => doubled(sin(v)).sum()
    const want = values(x.cos().mul(2))
    expect(values(grad(loss)(x))).toEqual(want)
    expect(values(jit(grad(loss))(x))).toEqual(want)
    expect(values(grad(jit(loss))(x))).toEqual(want)
    expect(values(vmap(grad((v: Tensor) => doubled(v.sin())))(x))).toEqual(want)
    expect(values(grad((v: Tensor) => vmap(doubled)(v.sin()).sum())(x))).toEqual(want)
    expect(values(grad(checkpoint(loss))(x))).toEqual(want)
    const thrice = (v: Tensor): Tensor => scan((c: Tensor) => [doubled(c), null] as const, v, null, { length: 3 })[0]
    expect(values(grad((v: Tensor) => thrice(v).sum())(x))).toEqual([8, 8, 8])
    expect(values(vmap(grad(thrice))(x))).toEqual([8, 8, 8])
  })

  it('an argument that all entries share gets the sum of their cotangents', () => {
    const f = customVjp(
      (v: Tensor, w: Tensor) => v.mul(w),
      (v: Tensor, w: Tensor) => [v.mul(w), [v, w]] as const,
      ([v, w], ct) => [ct.mul(w!), ct.mul(v!).mul(10)],
    )
    const loss = (w: Tensor): Tensor => vmap((v: Tensor) => f(v, w))(x).sum()
    expect(grad(loss)(array(2)).item()).toBe(60)
    const constant = customVjp(
      (v: Tensor, _: Tensor) => v,
      (v: Tensor, _: Tensor) => [v, null] as const,
      (_, ct) => [ct, array(1)],
    )
    expect(grad((w: Tensor) => vmap((v: Tensor) => constant(v, w))(x).sum())(array(2)).item()).toBe(3)
  })

  it('integers, keys, static values and null take no cotangent', () => {
    const f = customVjp(
      (v: Tensor, n: Tensor, key: Tensor, flag: boolean) => ({ a: flag ? v.mul(random.uniform(key)) : v, n: n.add(1) }),
      (v: Tensor, n: Tensor, key: Tensor, flag: boolean) =>
        [{ a: flag ? v.mul(random.uniform(key)) : v, n: n.add(1) }, 7] as const,
      (seven, ct) => [ct.a.mul(seven).add(ct.n.astype('float32')), null, null, null],
    )
    const loss = (v: Tensor): Tensor => f(v, ints(2), random.key(0), true).a.sum()
    expect(values(grad(loss)(x))).toEqual([7, 7, 7])
    expect(values(jit(grad(loss))(x))).toEqual([7, 7, 7])
  })

  it('values that it closes over are not baked in', () => {
    const scale = (by: Tensor): ((v: Tensor) => Tensor) =>
      customVjp(
        (v: Tensor) => v.mul(by),
        (v: Tensor) => [v.mul(by), null] as const,
        (_, ct) => [ct.mul(by).mul(100)],
      )
    const f = jit((v: Tensor, by: Tensor) => grad((u: Tensor) => scale(by)(u).sum())(v))
    expect(values(f(x, array([1, 2, 3])))).toEqual([100, 200, 300])
    expect(values(f(x, array([4, 5, 6])))).toEqual([400, 500, 600])
    const each = vmap((v: Tensor, by: Tensor) => grad((u: Tensor) => scale(by)(u).sum())(v))
    expect(values(each(x, array([1, 2, 3])))).toEqual([100, 200, 300])
  })

  it('may make constants anew and call itself', () => {
    const f: (v: Tensor, w: Tensor) => Tensor = customVjp(
      (v: Tensor, w: Tensor) => v.mul(array([1, 10, 100])).mul(w),
      (v: Tensor, w: Tensor) => [f(v.mul(array([1, 1, 1])), w), { v, w }] as const,
      ({ v, w }, ct) => [
        ct
          .mul(array([2, 3, 4]))
          .mul(w)
          .add(
            f(v, w)
              .mul(array([0, 0, 1]))
              .mul(ct),
          ),
        null,
      ],
    )
    const by = array([1, 1, 2])
    const loss = (v: Tensor): Tensor => f(v, by).sum()
    expect(values(grad(loss)(x))).toEqual([2, 3, 608])
    expect(values(jit(grad((v: Tensor) => grad(loss)(v).sum()))(x))).toEqual([0, 0, 608])
    expect(
      values(grad((v: Tensor) => vmap(f)(v.reshape([3, 1]).mul(ones([3, 3])), by.mul(ones([3, 3]))).sum())(x)),
    ).toEqual([1, 2, 3].map((k) => 2 + 3 + 8 + 200 * k))
  })

  it('programs hold its programs, which print without its rule', () => {
    const text = printProgram(makeProgram(doubled)(x))
    expect(text).toMatch(/custom_vjp\[program=\{[^]*mul[^]*name=customVjp\(anonymous\) constants=0 rule=<rule>\] a/)
  })

  it('linearize and second derivatives go through the rule; forward mode does not', () => {
    const cube = customVjp(
      (v: Tensor) => v.mul(v).mul(v),
      (v: Tensor) => [v.mul(v).mul(v), v] as const,
      (v, ct) => [v.mul(v).mul(3).mul(ct)],
    )
    expect(linearize(cube, [array(2)])[1](array(1)).item()).toBe(12)
    expect(grad(grad(cube))(array(2)).item()).toBe(12)
    expect((hessian(cube)(array(2)) as Tensor).item()).toBe(12)
    expect(() => jvp(cube, [array(2)], [array(1)])).toThrow(
      new TypeError(
        "customVjp: can't apply forward-mode autodiff (jvp) to a customVjp function, got customVjp(anonymous); use customJvp for it, or reverse mode",
      ),
    )
    expect(jvp((v: Tensor) => v.mul(cube(array(2))), [array(3)], [array(1)])[1].item()).toBe(8)
  })
})

describe('customJvp', () => {
  it('its rule is the derivative both ways, in any transform', () => {
    const loss = (v: Tensor): Tensor => tripled(sin(v)).sum()
    const want = values(x.cos().mul(3))
    expect(values(grad(loss)(x))).toEqual(want)
    expect(values(jit(grad(loss))(x))).toEqual(want)
    expect(values(vmap((v: Tensor) => jvp((u: Tensor) => tripled(u.sin()), [v], [array(1)])[1])(x))).toEqual(want)
    expect(values(jvp((v: Tensor) => vmap(tripled)(v.sin()), [x], [ones([3])])[1])).toEqual(want)
    expect(values(grad(checkpoint(loss))(x))).toEqual(want)
    const twice = (v: Tensor): Tensor => scan((c: Tensor) => [tripled(c), null] as const, v, null, { length: 2 })[0]
    expect(values(grad((v: Tensor) => twice(v).sum())(x))).toEqual([9, 9, 9])
    expect(values(jvp(twice, [x], [x])[1])).toEqual([9, 18, 27])
  })

  it('the way back does not compute tangents forward', () => {
    const f = customJvp(
      (v: Tensor) => v.exp(),
      ([v], [t]) => [v.exp(), t.mul(v.tanh())] as const,
    )
    const [, back] = vjp(f, [x])
    expect(bits(back(ones([3]))[0])).toEqual(bits(x.tanh()))
    const program = makeProgram((v: Tensor) => valueAndGrad((u: Tensor) => f(u).sum())(v))(x)
    const [forward] = program.equations.flatMap((e) => (e.primitive === 'jit' ? [e.params.program] : []))
    expect(forward!.equations.map((e) => e.primitive).sort()).toEqual(['exp', 'tanh'])
  })

  it('nondiffArgnums come first, whatever they are', () => {
    const power = customJvp(
      (n: { readonly by: number }, v: Tensor) => v.pow(n.by),
      (n, [v], [t]) => [(v as Tensor).pow(n.by), (t as Tensor).mul(n.by * 100)] as const,
      { nondiffArgnums: [0] },
    )
    expect(values(grad((v: Tensor) => power({ by: 2 }, v).sum())(x))).toEqual([200, 200, 200])
  })
})

describe('errors name what was returned and where', () => {
  interface Pair {
    readonly a: Tensor
    readonly b: Tensor
  }
  const f = (v: Pair): Tensor => v.a.mul(v.b)
  const arg = { a: x, b: x }
  const vjpOf =
    (fwd: unknown, bwd: unknown): (() => unknown) =>
    () =>
      grad((v: Pair) => customVjp(f, fwd as never, bwd as never)(v).sum())(arg)
  const fwd = (v: Pair): readonly unknown[] => [f(v), 0]
  const ofBwd = 'customVjp(f): the cotangent that bwd returned for argument 0'

  it.each([
    ['no pair', () => 3, null, 'StateError: customVjp(f): fwd must return a pair [output, residuals], got number'],
    [
      'an output of another structure',
      (v: Pair) => [[v.a, v.a], 0],
      null,
      "StateError: customVjp(f): the output that fwd returned must have the structure of the function's own, got [*, *] for *",
    ],
    [
      'an output of another shape',
      (v: Pair) => [v.a.sum(), 0],
      null,
      'ShapeError: customVjp(f): the output that fwd returned must have the shape of what it belongs to, got float32() for float32(3,)',
    ],
    [
      'no cotangents',
      fwd,
      () => 0,
      'StateError: customVjp(f): bwd must return an array of one cotangent per argument, 1 in all, got number',
    ],
    [
      'too many cotangents',
      fwd,
      () => [x, x],
      'StateError: customVjp(f): bwd must return an array of one cotangent per argument, 1 in all, got an array of 2',
    ],
    [
      'a cotangent of another structure',
      fwd,
      () => [{ a: x, c: x }],
      `StateError: ${ofBwd} must have the structure of the argument (null for no cotangent), got {a: *, c: *} for {a: *, b: *}`,
    ],
    [
      'a cotangent of another shape',
      fwd,
      () => [{ a: x, b: x.sum() }],
      `ShapeError: ${ofBwd} at ['b'] must have the shape of what it belongs to, got float32() for float32(3,)`,
    ],
    [
      'a cotangent of another dtype',
      fwd,
      () => [{ a: x, b: ints([1, 2, 3]) }],
      `DtypeError: ${ofBwd} at ['b'] must have the dtype of what it belongs to, got int32(3,) for float32(3,); convert it with astype`,
    ],
    ['what is no tensor', fwd, () => [{ a: x, b: 'x' }], `TypeError: ${ofBwd} at ['b'] must be a tensor, got string`],
  ])('of fwd or bwd: %s', (_, forward, backward, message) => {
    let thrown = 'nothing'
    try {
      vjpOf(forward, backward)()
    } catch (error) {
      thrown = String(error)
    }
    expect(thrown).toBe(message)
  })

  it('of a rule', () => {
    const jvpOf =
      (rule: unknown): (() => unknown) =>
      () =>
        grad((v: Tensor) => customJvp((u: Tensor) => u, rule as never)(v).sum())(x)
    expect(jvpOf(() => 1)).toThrow('customJvp(anonymous): the rule must return a pair [output, tangent], got number')
    expect(jvpOf((p: Tensor[], t: Tensor[]) => [p[0], t])).toThrow(
      'customJvp(anonymous): the tangent that the rule returned must have the structure of the output, got [*] for *',
    )
    expect(jvpOf((p: Tensor[], t: Tensor[]) => [p[0], t[0]!.sum()])).toThrow(
      'customJvp(anonymous): the tangent that the rule returned must have the shape of what it belongs to, got float32() for float32(3,)',
    )
  })

  it('of values that the function closes over', () => {
    const message = (kind: string): string =>
      `${kind}: detected differentiation of ${kind}(anonymous) with respect to a value that it closes over; make that value an explicit argument of the function, or pass it through stopGradient`
    const first = (v: Tensor): Tensor =>
      customVjp(
        (u: Tensor) => u.mul(v),
        (u: Tensor) => [u, null] as const,
        (_, ct) => [ct],
      )(x).sum()
    const second = (v: Tensor): Tensor =>
      customJvp(
        (u: Tensor) => u.mul(v),
        ([u], [t]) => [u, t] as const,
      )(x).sum()
    expect(() => grad(first)(x)).toThrow(message('customVjp'))
    expect(() => grad(second)(x)).toThrow(message('customJvp'))
    expect(() => jvp(second, [x], [x])).toThrow(message('customJvp'))
    expect(values(grad((v: Tensor) => first(v.stopGradient()).add(v.sum()))(x))).toEqual([1, 1, 1])
  })

  it('of arguments', () => {
    expect(() => grad((v: Tensor) => doubled(new Map([['a', v]]) as never).sum())(x)).toThrow(
      'customVjp(anonymous): argument 0 is a Map, which is neither a tensor nor a tree of tensors; list it in nondiffArgnums',
    )
    const odd = customVjp(
      (v: Tensor) => v,
      (v: Tensor) => [v, null] as const,
      (() => []) as never,
      { nondiffArgnums: [3] as never },
    )
    expect(() => grad((v: Tensor) => odd(v).sum())(x)).toThrow(
      'customVjp(anonymous): nondiffArgnums must name arguments, got 3 for a call with 1',
    )
  })

  it('of a Promise', () => {
    const late = customVjp(
      (v: Tensor) => v,
      (v: Tensor) => [v, null] as const,
      (async () => []) as never,
    )
    expect(() => grad((v: Tensor) => late(v).sum())(x)).toThrow(
      'customVjp(anonymous) bwd: the function returned a Promise; transforms are synchronous, so await before or after',
    )
  })
})
