import { fc, test } from '@fast-check/vitest'
import { grad, hessian, jvp, vjp, vmap } from '@linum/autodiff'
import {
  array,
  callRoutine,
  defineRoutine,
  eye,
  fft,
  jit,
  linalg,
  makeProgram,
  matmul,
  random,
  type Routine,
  scan,
  stack,
  stopGradient,
  type Tensor,
  TraceError,
} from '@linum/tensor'
import { describe, expect } from 'vitest'
import { centralDifferences, distance, gridOf } from './double-precision.js'
import { bits } from './readings.js'

/** x and y to x y^3, with derivatives in terms of each other. */
const cubic: Routine<{ readonly times: number }> = defineRoutine({
  name: 'cubic',
  ranks: [1, 0],
  types: ([x]) => [x!],
  compute: ([x, y], [out], _types, { times }) => x!.forEach((v, i) => (out![i] = times * v * y![0]! ** 3)),
  jvp: ([dx, dy], { inputs: [x, y], params }) => {
    const terms = [
      dx && at(dx, y!, params.times),
      dy &&
        x!.mul(
          column(y!)
            .square()
            .mul(column(dy))
            .mul(3 * params.times),
        ),
    ]
    return [terms.reduce((a, b) => (a && b ? a.add(b) : (a ?? b)))]
  },
  vjp: ([ct], { inputs: [x, y], params, need }) =>
    ct
      ? [
          need[0] === true ? at(ct, y!, params.times) : null,
          need[1] === true
            ? ct
                .mul(x!)
                .sum({ axis: -1 })
                .mul(y!.square())
                .mul(3 * params.times)
            : null,
        ]
      : [],
})
const column = (y: Tensor): Tensor => y.expandDims(-1)
const at = (x: Tensor, y: Tensor, times = 2): Tensor => callRoutine(cubic, [x, y], { times })[0]!

const one = (x: Tensor, y: Tensor): Tensor => at(x, y).sum()

describe('a routine with rules of its own', () => {
  test('has derivatives in both directions, of any order', () => {
    const [x, y] = [array([1, 2]), array(3).astype('float32')]
    expect(bits(grad(one, { argnums: [0, 1] })(x, y))).toEqual(bits([array([54, 54]), array(162).astype('float32')]))
    const [, tangent] = jvp(at as (x: Tensor, y: Tensor) => Tensor, [x, y], [array([1, 0]), array(1).astype('float32')])
    expect((tangent as Tensor).toArray()).toEqual([54 + 54, 108])
    expect((hessian((y: Tensor) => one(x, y))(y) as Tensor).item()).toBe(108)
    expect((grad(grad(grad((y: Tensor) => one(x, y))))(y) as Tensor).item()).toBe(36)
  })

  test('vmaps over any of its operands, and its derivatives with it', () => {
    const xs = array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const ys = array([1, 2, 3])
    const want = stack([0, 1, 2].map((i) => at(xs.slice(i), ys.slice(i))))
    expect(bits(vmap(at as (x: Tensor, y: Tensor) => Tensor)(xs, ys))).toEqual(bits(want))
    const fixed = vmap(at as (x: Tensor, y: Tensor) => Tensor, { inAxes: [null, 0] })(xs.slice(0), ys)
    expect(bits(fixed)).toEqual(bits(stack([0, 1, 2].map((i) => at(xs.slice(0), ys.slice(i))))))
    const last = vmap(at as (x: Tensor, y: Tensor) => Tensor, { inAxes: [1, null] })(xs, ys)
    expect(bits(last)).toEqual(bits(stack([0, 1].map((i) => at(xs.slice(':', i), ys)))))
    const slopes = vmap(grad(one, { argnums: 1 }))(xs, ys)
    expect(bits(slopes)).toEqual(bits(stack([0, 1, 2].map((i) => grad(one, { argnums: 1 })(xs.slice(i), ys.slice(i))))))
    const total = (x: Tensor): Tensor =>
      vmap(at as (x: Tensor, y: Tensor) => Tensor, { inAxes: [null, 0] })(x, ys).sum()
    expect((grad(total)(xs.slice(0)) as Tensor).toArray()).toEqual([72, 72])
  })

  test('is differentiated inside compiled functions and loops', () => {
    const loop = (x: Tensor, ys: Tensor): Tensor =>
      (scan((c: Tensor, y: Tensor) => [at(c, y, 1), c] as [Tensor, Tensor], x, ys) as [Tensor, Tensor])[0].sum()
    const [x, ys] = [array([1, 2]), array([1, 2])]
    const want = bits([array([8, 8]), array([72, 36])])
    expect(bits(grad(loop, { argnums: [0, 1] })(x, ys))).toEqual(want)
    expect(bits(jit(grad(loop, { argnums: [0, 1] }) as never)(x as never, ys as never))).toEqual(want)
    expect(bits(grad(jit(loop) as typeof loop, { argnums: [0, 1] })(x, ys))).toEqual(want)
  })

  test('without a rule it says which one is missing, and can be stopped', () => {
    const { jvp: _jvp, vjp: _vjp, ...rest } = cubic
    const bare: Routine<{ readonly times: number }> = defineRoutine({ ...rest, name: 'bare' })
    const f = (x: Tensor): Tensor => callRoutine(bare, [x, 2], { times: 1 })[0]!.sum()
    const x = array([1, 2])
    expect(() => grad(f)(x)).toThrow(TypeError)
    expect(() => grad(f)(x)).toThrow("vjp: the routine 'bare' has no rule for reverse mode; give defineRoutine a vjp")
    expect(() => jvp(f, [x], [x])).toThrow(
      "jvp: the routine 'bare' has no rule for forward mode; give defineRoutine a jvp",
    )
    expect((grad((y: Tensor) => f(stopGradient(y)).add(y.sum()))(x) as Tensor).toArray()).toEqual([1, 1])
    expect(vmap(f)(stack([x, x])).toArray()).toEqual([24, 24])
  })
})

test('a rule that captures an array says so where it is compiled', () => {
  const weights = array([1, 2])
  const weighted: Routine = defineRoutine({
    name: 'weighted',
    ranks: [1],
    types: ([x]) => [x!],
    compute: ([x], [out]) => x!.forEach((v, i) => (out![i] = v * (i + 1))),
    vjp: ([ct]) => [ct && ct.mul(weights)],
  })
  const f = (x: Tensor): Tensor => callRoutine(weighted, [x])[0]!.sum()
  expect((grad(f)(array([3, 4])) as Tensor).toArray()).toEqual([1, 2])
  expect(() => grad(jit(f))(array([3, 4]))).toThrow(TraceError)
  expect(() => grad(jit(f))(array([3, 4]))).toThrow('make it inside the rule with iota, eye, full and the like')
})

type Fn = (...xs: readonly Tensor[]) => Tensor

const scaled = (v: Tensor, w: Tensor): Tensor => matmul(v.mul(w.sin().expandDims(-2)), v.mT)
const functions: Readonly<Record<string, readonly [f: Fn, shapes: readonly (readonly number[])[]]>> = {
  solve: [
    (a, b) => linalg.solve(a!, b!),
    [
      [3, 3],
      [3, 2],
    ],
  ],
  inv: [(a) => linalg.inv(a!), [[2, 3, 3]]],
  det: [(a) => linalg.det(a!), [[4, 4]]],
  slogdet: [(a) => linalg.slogdet(a!)[1], [[2, 3, 3]]],
  cholesky: [(a) => linalg.cholesky(matmul(a!, a!.mT)), [[3, 3]]],
  qr: [
    (a) =>
      linalg
        .qr(a!)[0]
        .mul(2)
        .sub(linalg.qr(a!, { mode: 'r' })),
    [[3, 3]],
  ],
  lu: [(a) => linalg.lu(a!)[1].mul(2).sub(linalg.lu(a!)[2]), [[3, 3]]],
  svd: [
    (a) => ((u, s, vh) => matmul(u.mul(s.sin()), vh.square()))(...linalg.svd(a!, { fullMatrices: false })),
    [[4, 3]],
  ],
  eigh: [(a) => ((w, v) => scaled(v, w))(...linalg.eigh(a!)), [[3, 3]]],
  pinv: [(a) => linalg.pinv(a!), [[4, 2]]],
  lstsq: [(a, b) => linalg.lstsq(a!, b!)[0], [[4, 2], [4]]],
  expm: [(a) => linalg.expm(a!.mul(0.2)), [[3, 3]]],
  triangularSolve: [
    (a, b) => linalg.triangularSolve(a!, b!, { lower: true }),
    [
      [3, 3],
      [2, 3],
    ],
  ],
  rfft: [(x) => fft.abs(fft.rfft(x!)), [[2, 7]]],
  ifftn: [
    (re, im) => fft.ifftn({ real: re!, imag: im! }).imag,
    [
      [2, 3],
      [2, 3],
    ],
  ],
}

const operand = (shape: readonly number[], seed: number): Tensor => {
  const x = random.uniform(random.key(seed), shape, { minval: -1, maxval: 1 })
  return shape.length > 1 && shape[shape.length - 1] === shape[shape.length - 2]
    ? x.add(eye(shape[shape.length - 1]!).mul(3))
    : x
}

describe('derivatives of linear algebra and Fourier transforms', () => {
  for (const [name, [f, shapes]] of Object.entries(functions)) {
    test.prop([fc.nat(1e6)], { numRuns: 2 })(`${name}: the pullback is the derivative and pairs with jvp`, (seed) => {
      const xs = shapes.map((shape, k) => operand(shape, seed + k))
      const program = makeProgram(f)(...xs)
      const [out, pullback] = vjp(f, xs) as unknown as [Tensor, (ct: Tensor) => readonly Tensor[]]
      const ct = operand(out.shape, seed + 7)
      const back = pullback(ct)
      xs.forEach((_, i) => {
        const want = centralDifferences(program, xs.map(gridOf), i, [gridOf(ct)])
        expect(distance(gridOf(back[i]!), want), `${name}, operand ${i}`).toBeLessThan(3e-5)
      })
      const ts = xs.map((x, k) => operand(x.shape, seed + 11 + k))
      const [, tangent] = jvp(f, xs as Tensor[], ts) as unknown as [Tensor, Tensor]
      const forward = tangent.mul(ct).sum().item() as number
      const reverse = ts.reduce((total, t, k) => total + (t.mul(back[k]!).sum().item() as number), 0)
      expect(Math.abs(forward - reverse)).toBeLessThan(1e-4 * Math.max(1, Math.abs(forward)))
    })
  }
})

test('what has no derivative says so', () => {
  const a = array([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  expect(() => grad((x: Tensor) => linalg.qr(x, { mode: 'complete' })[0].sum())(a)).toThrow(
    "linalg.qr: has no derivative with mode 'complete'",
  )
  expect(() => grad((x: Tensor) => linalg.svd(x)[0].sum())(a)).toThrow(
    'linalg.svd: has no derivative with fullMatrices for matrices that are not square',
  )
  expect((grad((x: Tensor) => linalg.svd(x)[1].sum())(a) as Tensor).shape).toEqual([3, 2])
})
