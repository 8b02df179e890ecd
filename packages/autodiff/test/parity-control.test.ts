import { grad, hessian, jacfwd, jacrev, jvp, linearize, valueAndGrad, vmap } from '@linum/autodiff'
import * as np from '@linum/tensor'
import { cond, foriLoop, jit, map, random, scan, switchCase, type Tensor, whileLoop } from '@linum/tensor'
import { decode, first, guarded, labelled, load, parity, type Tolerance, treeMismatch } from './fixture.js'

interface Cell {
  readonly w: Tensor
  readonly u: Tensor
  readonly b: Tensor
}
interface Phase {
  readonly x: Tensor
  readonly v: Tensor
}

const rnn = ({ w, u, b }: Cell, h: Tensor, xs: Tensor): Tensor => {
  const step = (h: Tensor, x: Tensor): readonly [Tensor, Tensor] => {
    const next = w.matmul(h).add(u.matmul(x)).add(b).tanh()
    return [next, next.mul(next).sum()]
  }
  const [last, ys] = scan(step, h, xs)
  return last.sum().add(ys.mean())
}

const backwards = (c: Tensor, xs: Tensor): Tensor => {
  const [last, ys] = scan((c: Tensor, x: Tensor) => [c.sin().mul(x), c.mul(x)] as const, c, xs, { reverse: true })
  return last.sum().add(ys.mul(np.arange(xs.shape[0]!).astype('float32').reshape([-1, 1])).sum())
}

const viterbi = (transitions: Tensor, scores: Tensor): Tensor => {
  const step = (a: Tensor, s: Tensor): readonly [Tensor, null] => [
    np.logsumexp(a.reshape([-1, 1]).add(transitions), { axis: 0 }).add(s),
    null,
  ]
  return np.logsumexp(scan(step, scores.slice(0), scores.slice('1:'))[0])
}

const oscillator = (k: Tensor, state: Phase): Tensor => {
  const slope = ({ x, v }: Phase): Phase => ({ x: v, v: k.neg().mul(x).sub(v.mul(0.1).mul(x.square())) })
  const move = (s: Phase, d: Phase, h: number): Phase => ({ x: s.x.add(d.x.mul(h)), v: s.v.add(d.v.mul(h)) })
  const end = foriLoop(0, 8, (_, s: Phase) => move(s, slope(move(s, slope(s), 0.05)), 0.1), state)
  return end.x.square().add(end.v)
}

const power = (m: Tensor, x: Tensor): Tensor => {
  const outer = (c: Tensor, row: Tensor): [Tensor, Tensor] =>
    scan((d: Tensor, r: Tensor) => [m.matmul(d).tanh().mul(r), d.sum()] as const, c, row)
  const [last, sums] = scan(
    outer,
    x,
    np.array([
      [1, 0.5, 2],
      [0.3, -1, 1],
    ]),
  )
  return last.sum().add(sums.sum())
}

const gated = (x: Tensor, w: Tensor): Tensor =>
  cond(
    x.sum().greater(0),
    (v: Tensor) => v.mul(w).exp().sum(),
    (v: Tensor) => v.mul(v).mul(w).sum(),
    x,
  )

const activations = (x: Tensor, kinds: Tensor): Tensor => {
  const branches = [np.sin, np.tanh, (v: Tensor) => v.mul(v), (v: Tensor) => np.div(1, v.mul(v).add(1))]
  return map(({ v, k }: { v: Tensor; k: Tensor }) => switchCase(k, branches, v), {
    v: x,
    k: kinds,
  } as never) as unknown as Tensor
}

const until = (x: Tensor): unknown =>
  whileLoop(
    ({ v }) => v.less(20),
    ({ v, n }) => ({ v: v.mul(x).add(1), n: n.add(1) }),
    { v: x, n: np.array(0, { dtype: 'int32' }) },
  )

const walk = (key: Tensor, x: Tensor): unknown =>
  scan(
    (c: Tensor, k: Tensor) => {
      const next = c.add(random.normal(k, c.shape).mul(0.1).mul(c))
      return [next, next] as const
    },
    x,
    random.split(key, 4),
  )

/** The functions of the generator, in the same words. */
const functions = {
  rnn,
  backwards,
  viterbi,
  oscillator,
  power,
  gated,
  until,
  walk,
  activations: (x: Tensor, kinds: Tensor) => activations(x, kinds).sum(),
  steps: (x: Tensor, n: Tensor) => foriLoop(0, n, (i, v: Tensor) => v.mul(v.cos()).add(i.mul(0.1)), x),
  root: (x: Tensor) =>
    whileLoop(
      (g: Tensor) => g.mul(g).sub(x).abs().greater(1e-3),
      (g) => g.add(x.div(g)).mul(0.5),
      x,
    ),
  softmaxOf: (x: Tensor) => np.softmax(x),
  affine: ({ w, b }: { w: Tensor; b: Tensor }, x: Tensor) => ({ out: x.matmul(w).add(b), norm: w.square().sum() }),
  rosenbrock: (x: Tensor) => {
    const [head, tail] = [x.slice(':-1'), x.slice('1:')]
    return tail.sub(head.square()).square().mul(100).add(np.sub(1, head).square()).sum()
  },
  mixture: ({ a, b }: { a: Tensor; b: Tensor }) =>
    np
      .logsumexp(a.mul(b.reshape([-1, 1])), { axis: 0 })
      .sum()
      .add(b.prod()),
  picked: (x: Tensor, at: Tensor) => np.sort(x).take(at).mul(x),
  distances: (x: Tensor, y: Tensor) => x.sub(y).square().sum().add(0.1).sqrt(),
} as unknown as Readonly<Record<string, (...xs: readonly unknown[]) => unknown>>

interface ControlCase extends Tolerance {
  readonly kind: 'grad' | 'hvp' | 'jvp' | 'jacobian' | 'hessian' | 'vmap' | 'keys'
  readonly fn: string
  readonly inputs: readonly unknown[]
  readonly expect: unknown
  readonly argnums?: readonly number[]
  readonly tangents?: readonly unknown[]
  readonly inAxes?: readonly unknown[]
  readonly outAxes?: unknown
  readonly grad?: number
  readonly count?: number
}

type Many = (...xs: readonly unknown[]) => unknown

/** Each way to compute what a case expects. */
const ways = (c: ControlCase, f: Many, inputs: readonly unknown[]): Readonly<Record<string, () => unknown>> => {
  const argnums = [...(c.argnums ?? [])]
  const chosen = argnums.map((n) => inputs[n])
  const tangents = decode(c.tangents ?? []) as readonly unknown[]
  const own =
    (g: Many): Many =>
    (...xs) =>
      g(...inputs.map((x, i) => (argnums.includes(i) ? xs[argnums.indexOf(i)] : x)))
  const along =
    (g: Many): Many =>
    (...xs) =>
      jvp(g, xs, tangents as never)
  const gradient = grad(f as never, { argnums } as never) as unknown as Many
  const compiled = (g: Many): Many => jit(g as never) as unknown as Many
  switch (c.kind) {
    case 'grad': {
      const g = valueAndGrad(f as never, { argnums } as never) as unknown as Many
      return { valueAndGrad: () => g(...inputs), 'in a jitted function': () => compiled(g)(...inputs) }
    }
    case 'hvp':
      return {
        'jvp of grad': () => (along(own(gradient))(...chosen) as readonly unknown[])[1],
        'linearize of grad': () => linearize(own(gradient), chosen)[1](...tangents),
        'grad of jvp': () =>
          grad(
            ((...xs: readonly unknown[]) => (along(own(f))(...xs) as readonly unknown[])[1]) as never,
            { argnums: chosen.map((_, i) => i) } as never,
          )(...(chosen as never[])),
        compiled: () => (compiled(along(own(gradient)))(...chosen) as readonly unknown[])[1],
      }
    case 'jvp':
      return {
        jvp: () => along(own(f))(...chosen),
        'of a jitted function': () => along(compiled(own(f)))(...chosen),
        'in a jitted function': () => compiled(along(own(f)))(...chosen),
      }
    case 'jacobian': {
      const [forward, reverse] = [jacfwd(f, { argnums }), jacrev(f, { argnums })]
      return {
        jacfwd: () => forward(...inputs),
        jacrev: () => reverse(...inputs),
        compiled: () => compiled(reverse)(...inputs),
      }
    }
    case 'hessian': {
      const h = hessian(f, { argnums })
      return {
        hessian: () => h(...inputs),
        'two reverse passes': () => jacrev(jacrev(f, { argnums }), { argnums })(...inputs),
        compiled: () => compiled(h)(...inputs),
      }
    }
    case 'vmap': {
      const batched = (g: Many): Many => vmap(g, { inAxes: c.inAxes, outAxes: c.outAxes } as never)
      const g = c.grad === undefined ? f : (grad(f as never, { argnums: c.grad } as never) as unknown as Many)
      return {
        vmap: () => batched(g)(...inputs),
        'of a jitted function': () => batched(compiled(g))(...inputs),
        'in a jitted function': () => compiled(batched(g))(...inputs),
      }
    }
    case 'keys': {
      const [key, ...rest] = inputs as readonly [Tensor, ...unknown[]]
      return {
        'a key each': () =>
          vmap(f, { inAxes: [0, ...rest.map(() => null)] } as never)(random.split(key, c.count!), ...rest),
      }
    }
  }
}

const run = (c: ControlCase): Promise<string | null> =>
  guarded(() => {
    const f = functions[c.fn]
    if (f === undefined) throw new TypeError(`${c.fn} has no twin here`)
    const checks = Object.entries(ways(c, f, c.inputs.map(decode)))
    return first(
      ...checks.map(
        ([how, compute]) =>
          () =>
            labelled(how, treeMismatch(compute(), c.expect, c)),
      ),
    )
  })

const cases = load<ControlCase>(import.meta.url, 'control')
for (const kind of new Set(cases.map((c) => c.kind)))
  parity(
    `${kind} of functions with loops and branches`,
    cases.filter((c) => c.kind === kind),
    run,
  )
