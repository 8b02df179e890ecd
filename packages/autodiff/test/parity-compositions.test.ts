import { grad, valueAndGrad } from '@linum/autodiff'
import * as np from '@linum/tensor'
import type { Tensor } from '@linum/tensor'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  tensor,
  type Tolerance,
  treeMismatch,
} from './fixture.js'

interface Layer {
  readonly w: Tensor
  readonly b: Tensor
}
interface Layers {
  readonly first: Layer
  readonly second: Layer
  readonly third: Layer
}

const affine = (x: Tensor, { w, b }: Layer): Tensor => x.matmul(w).add(b)

const reuse = (x: Tensor): Tensor => {
  let y = x
  for (let i = 0; i < 4; i++) y = y.mul(y).mul(0.5).add(y.sin())
  return y.sum()
}

const layerNorm = (x: Tensor, scale: Tensor, bias: Tensor): Tensor => {
  const centred = x.sub(x.mean({ axis: -1, keepdims: true }))
  const variance = centred.square().mean({ axis: -1, keepdims: true })
  return centred
    .mul(np.rsqrt(variance.add(1e-6)))
    .mul(scale)
    .add(bias)
    .sin()
    .sum()
}

const batchNorm = (x: Tensor, scale: Tensor, bias: Tensor): Tensor => {
  const mean = x.mean({ axis: 0 })
  const variance = x.square().mean({ axis: 0 }).sub(mean.square()).maximum(0)
  return x
    .sub(mean)
    .mul(np.rsqrt(variance.add(1e-5)).mul(scale))
    .add(bias)
    .square()
    .mul(x)
    .sum()
}

const mlp = ({ first: one, second, third }: Layers, x: Tensor, y: Tensor): Tensor => {
  const hidden = np.relu(affine(affine(x, one).tanh(), second))
  return affine(hidden, third).sub(y).square().mean()
}

const recurrent = (w: Tensor, u: Tensor, start: Tensor, xs: Tensor): Tensor => {
  const step = (h: Tensor, x: Tensor): readonly [Tensor, Tensor] => {
    const next = x.matmul(w).add(h.matmul(u)).tanh()
    return [next, next.mul(next).sum()]
  }
  const [last, ys] = np.scan(step, start, xs)
  return last.sum().add(ys.sin().sum())
}

const switched = (x: Tensor): Tensor => {
  const branches = [(v: Tensor) => v.sin(), (v: Tensor) => v.mul(v), (v: Tensor) => v.exp()]
  return [-1, 0, 1, 2, 5]
    .map((k) =>
      np
        .switchCase(k, branches, x)
        .sum()
        .mul(k + 1),
    )
    .reduce((a, b) => a.add(b))
}

/** The functions of the generator, in the same words. */
const functions = {
  norm: (x: Tensor) => x.square().sum().sqrt(),
  unsafeLog: (x: Tensor) => np.where(x.greater(0), x.log(), 0).sum(),
  safeLog: (x: Tensor) => np.where(x.greater(0), np.where(x.greater(0), x, 1).log(), 0).sum(),
  wave: (x: Tensor) => x.sin().mul(x.square().neg().exp()).sum(),
  reuse,
  rosenbrock: (x: Tensor) => {
    const [head, tail] = [x.slice(':-1'), x.slice('1:')]
    return tail.sub(head.square()).square().mul(100).add(np.sub(1, head).square()).sum()
  },
  crossEntropy: (w: Tensor, x: Tensor, labels: Tensor) =>
    np
      .oneHot(labels, w.shape[1] as number)
      .mul(np.logSoftmax(x.matmul(w)))
      .sum({ axis: -1 })
      .mean()
      .neg(),
  layerNorm,
  batchNorm,
  attention: (q: Tensor, k: Tensor, v: Tensor) =>
    np
      .softmax(q.matmul(k.swapaxes(-1, -2)).mul(0.5))
      .matmul(v)
      .square()
      .sum(),
  gelu: (x: Tensor) =>
    x
      .mul(0.5)
      .mul(x.add(x.mul(0.044715).mul(x).mul(x)).mul(0.7978845608028654).tanh().add(1))
      .sum(),
  stopped: (x: Tensor) => x.mul(np.stopGradient(x)).add(np.stopGradient(x.square())).sum(),
  unused: (x: Tensor, _y: Tensor) => x.square().sum(),
  maxPool: (x: Tensor) =>
    x
      .reshape([2, 2, 2, 2])
      .max({ axis: [1, 3] })
      .square()
      .sum(),
  mlp,
  shared: ({ a, b }: { a: readonly [Tensor, Tensor]; b: Tensor }) =>
    a[0].mul(a[1]).sum().add(b.square().sum().mul(a[0].sum())),
  recurrent,
  backwards: (x: Tensor) =>
    np
      .scan((c: Tensor, v: Tensor) => [c.mul(0.5).add(v.mul(v)), c.mul(v)] as const, np.array(1), x, {
        reverse: true,
      })[1]
      .cos()
      .sum(),
  iterated: (x: Tensor) => np.foriLoop(0, 4, (i, v: Tensor) => v.mul(v.cos()).add(i.mul(0.25)), x).sum(),
  branch: (x: Tensor) =>
    np.cond(
      x.sum().greater(0),
      (v: Tensor) => v.mul(v).mul(v).sum(),
      (v: Tensor) => v.sin().sum(),
      x,
    ),
  switched,
  mapped: (xs: Tensor) => np.map((v: Tensor) => v.exp().sum().log(), xs).sum(),
} as unknown as Readonly<Record<string, (...xs: readonly unknown[]) => Tensor>>

interface Composition extends Tolerance {
  readonly fn: string
  readonly inputs: readonly unknown[]
  readonly argnums: readonly number[]
  readonly value: Encoded
  readonly grads: readonly unknown[]
  readonly v?: readonly unknown[]
  readonly hvp?: readonly unknown[]
  readonly hvpAtol?: number
}

type Many<R> = (...xs: readonly unknown[]) => R

const subject = (name: string): Many<Tensor> => {
  const f = functions[name]
  if (f === undefined) throw new TypeError(`${name} has no twin here`)
  return f
}

const both = (how: string, got: unknown, c: Composition): Promise<string | null> => {
  const [value, grads] = got as [unknown, unknown]
  return first(
    () => labelled(`${how} value`, mismatch(value, c.value, c)),
    () => labelled(`${how} gradient`, treeMismatch(grads, c.grads, c)),
  )
}

const derivatives = (c: Composition): Promise<string | null> =>
  guarded(() => {
    const f = subject(c.fn)
    const inputs = c.inputs.map(decode)
    const argnums = [...c.argnums]
    const run = (f: Many<unknown>, options: object): Many<unknown> =>
      valueAndGrad(f as never, options as never) as unknown as Many<unknown>
    return first(
      () => both('valueAndGrad', run(f, { argnums })(...inputs), c),
      () => both('of a jitted function', run(np.jit(f as never) as never, { argnums })(...inputs), c),
      () =>
        both('in a jitted function', (np.jit(run(f, { argnums }) as never) as unknown as Many<unknown>)(...inputs), c),
      async () => {
        const withAux = (...xs: readonly unknown[]): unknown => {
          const value = f(...xs)
          return [value, { twice: np.mul(value, 2) }]
        }
        const [[value, aux], grads] = run(withAux, { argnums, hasAux: true })(...inputs) as [
          [unknown, { twice: Tensor }],
          unknown,
        ]
        const failure = await both('hasAux', [value, grads], c)
        return (
          failure ??
          labelled('aux', mismatch(aux.twice, { ...c.value, data: c.value.data.map((x) => Number(x) * 2) }, c))
        )
      },
      async () => {
        const [argnum] = argnums
        const [, got] = run(f, { argnums: argnum })(...inputs) as [unknown, unknown]
        return labelled('one argnum', treeMismatch(got, c.grads[0], c))
      },
    )
  })

const hessians = (c: Composition): Promise<string | null> =>
  guarded(() => {
    const argnums = [...c.argnums]
    const inner = grad(subject(c.fn) as never, { argnums } as never) as unknown as Many<unknown>
    const directions = np.tree.leaves(decode(c.v)) as readonly Tensor[]
    const along = (...xs: readonly unknown[]): Tensor =>
      (np.tree.leaves(inner(...xs)) as readonly Tensor[])
        .map((g, k) => g.mul(directions[k] as Tensor).sum())
        .reduce((a, b) => a.add(b))
    const hessian = grad(along as never, { argnums } as never) as unknown as Many<unknown>
    return treeMismatch(hessian(...c.inputs.map(decode)), c.hvp, { rtol: 1e-4, atol: c.hvpAtol ?? 0 })
  })

interface Tower {
  readonly fn: string
  readonly x: Encoded
  readonly value: Encoded
  readonly derivatives: readonly Encoded[]
}

const scalars: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sin: np.sin,
  tanh: np.tanh,
  exp: np.exp,
  log: np.log,
  sqrt: np.sqrt,
  sigmoid: np.sigmoid,
  softplus: np.softplus,
  erf: np.erf,
  rsqrt: np.rsqrt,
  log1p: np.log1p,
  expm1: np.expm1,
  cube: (x) => np.pow(x, 3),
  quotient: (x) => x.div(x.mul(x).add(1)),
}

const towers = (c: Tower): Promise<string | null> =>
  guarded(async () => {
    let f = scalars[c.fn]
    if (f === undefined) throw new TypeError(`${c.fn} has no twin here`)
    const x = tensor(c.x)
    for (const [order, want] of [c.value, ...c.derivatives].entries()) {
      const failure = await labelled(`derivative ${order}`, mismatch(f(x), want, { rtol: 1e-4, atol: 2e-5 }))
      if (failure !== null) return failure
      f = grad(f as never) as unknown as (x: Tensor) => Tensor
    }
    return null
  })

const cases = load<Composition>(import.meta.url, 'compositions')
parity('gradients of whole functions', cases, derivatives)
parity(
  'Hessian products of whole functions',
  cases.filter((c) => c.hvp !== undefined),
  hessians,
)
parity('repeated derivatives', load<Tower>(import.meta.url, 'towers'), towers)
