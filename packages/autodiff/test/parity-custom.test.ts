import { checkpoint, checkpointPolicies, customJvp, customVjp, grad, jvp, valueAndGrad, vmap } from '@linum/autodiff'
import {
  arange,
  array,
  clip,
  cond,
  jit,
  ones,
  outer,
  power,
  scan,
  take,
  type Tensor,
  tree,
  zerosLike,
} from '@linum/tensor'
import { decode, first, guarded, labelled, load, parity, type Tolerance, treeMismatch } from './fixture.js'

type Unary = (x: Tensor) => Tensor

const log1pexp: Unary = customJvp(
  (x: Tensor) => x.exp().add(1).log(),
  ([x], [t]) => [log1pexp(x), x.exp().add(1).reciprocal().neg().add(1).mul(t)] as const,
)

interface Tripled {
  readonly p: Tensor
  readonly n: Tensor
}
const tripled: (x: Tensor, y: Tensor) => Tripled = customJvp(
  (x: Tensor, y: Tensor): Tripled => ({ p: x.sin().mul(y), n: x.stopGradient().astype('int32') }),
  ([x, y], [s, t]) => {
    const out = tripled(x, y)
    return [out, { p: x.cos().mul(3).mul(y).mul(s).add(out.p.mul(t)), n: out.n.mul(0) }] as const
  },
)

const applied: (f: Unary, x: Tensor) => Tensor = customJvp(
  (f: Unary, x: Tensor) => f(x),
  (f, primals, tangents) => {
    const [[x], [t]] = [primals as readonly [Tensor], tangents as readonly [Tensor]]
    return [applied(f, x), f(x).mul(2).mul(t)] as const
  },
  { nondiffArgnums: [0] },
)

const scaled: Unary = customVjp(
  (x: Tensor) => x.sin(),
  (x: Tensor) => [scaled(x), x] as const,
  (x, ct) => [x.cos().mul(3).mul(ct).mul(scaled(x))],
)

interface Clipped {
  readonly out: Tensor
  readonly sum: Tensor
}
const clipped: (x: Tensor, lo: Tensor) => Clipped = customVjp(
  (x: Tensor, _lo: Tensor): Clipped => ({ out: x.mul(2), sum: x.sum() }),
  (x: Tensor, lo: Tensor) => [clipped(x, lo), lo] as const,
  (lo, ct) => [clip(ct.out, lo, 1).add(ct.sum), null],
)
const clippedAt = (x: Tensor): Clipped => clipped(x, array(-0.5))

interface Affine {
  readonly w: Tensor
  readonly b: Tensor
}
const weighted: (p: Affine, x: Tensor) => Tensor = customVjp(
  (p: Affine, x: Tensor) => x.matmul(p.w).add(p.b),
  (p: Affine, x: Tensor) => [weighted(p, x), { p, x }] as const,
  ({ p, x }, ct) => [{ w: outer(x.mul(2), ct), b: ct.mul(p.b.sin()) }, p.w.matmul(ct)],
)

const powered: (x: Tensor, n: number) => Tensor = customVjp(
  (x: Tensor, n: number) => power(x, n),
  (x: Tensor, n: number) => [power(x, n), x] as const,
  (n, x, ct) => [
    power(x, n - 1)
      .mul(10 * n)
      .mul(ct),
  ],
  { nondiffArgnums: [1] },
)

const picked: (x: Tensor, i: Tensor) => Tensor = customVjp(
  (x: Tensor, i: Tensor) => take(x, i),
  (x: Tensor, i: Tensor) => [take(x, i), { x, i }] as const,
  ({ x, i }, ct) => [zerosLike(x).at(i).set(ct.mul(5)), null],
)

const block = (x: Tensor, w: Tensor): Tensor => x.add(x.matmul(w).tanh().matmul(w.T))
const remat = checkpoint(block)

const functions = {
  log1pexp: (x: Tensor) => log1pexp(x).sum(),
  tripled: (x: Tensor, y: Tensor) => tripled(x, y).p.sum(),
  applied: (x: Tensor) => applied((v) => v.sin(), x).sum(),
  scaled: (x: Tensor) => scaled(x).sum(),
  scaledTwice: (x: Tensor) => scaled(scaled(x)).sum(),
  clipped: (x: Tensor) => clippedAt(x).out.mul(3).sin().sum().add(clippedAt(x).sum),
  weighted: (p: Affine, x: Tensor) => weighted(p, x).square().sum(),
  powered: (x: Tensor) => powered(x, 3).sum(),
  picked: (x: Tensor) => picked(x, array(1, { dtype: 'int32' })).sin(),
  inScan: (x: Tensor) =>
    scan((c: Tensor, s: Tensor) => [scaled(c).mul(s), log1pexp(c)] as const, x, array([1, 0.5, 2]))[0].sum(),
  inCond: (x: Tensor) => cond(x.sum().greater(0), scaled, log1pexp, x).sum(),
  inJit: (x: Tensor) => jit((v: Tensor) => scaled(v).mul(log1pexp(v)))(x).sum(),
  inVmap: (x: Tensor) => vmap((v: Tensor) => scaled(v).mul(log1pexp(v)))(x).sum(),
  shared: (x: Tensor) =>
    vmap((v: Tensor) => weighted({ w: outer(x, x), b: x }, v))(ones([3, x.shape[0]!]))
      .square()
      .sum(),
  rematerialized: (x: Tensor, w: Tensor) => remat(remat(x, w), w).square().sum(),
  dots: (x: Tensor, w: Tensor) => checkpoint(block, { policy: checkpointPolicies.dotsSaveable })(x, w).square().sum(),
  nested: (x: Tensor, w: Tensor) =>
    checkpoint((v: Tensor) => remat(v, w).mul(checkpoint((u: Tensor) => u.cos())(v).sin()))(x).sum(),
  stacked: (x: Tensor, w: Tensor) =>
    scan(
      checkpoint((c: Tensor, s: Tensor) => [block(c, w.mul(s)), c.sum()] as const),
      x,
      arange(1, 4).astype('float32'),
    )[0].sum(),
  rematScaled: (x: Tensor) => checkpoint((v: Tensor) => scaled(v).mul(log1pexp(v.sin())))(x).sum(),
} as unknown as Readonly<Record<string, Many>>

type Many = (...xs: readonly unknown[]) => Tensor
type Any = (...xs: readonly unknown[]) => unknown

interface CustomCase extends Tolerance {
  readonly kind: 'grad' | 'second' | 'third' | 'batch' | 'hvp' | 'jvp'
  readonly fn: string
  readonly inputs: readonly unknown[]
  readonly expect: unknown
}

/** The sum of the sines of all gradients. */
const next =
  (f: Many, argnums: readonly number[]): Many =>
  (...xs) =>
    tree.reduce(
      (sum: Tensor, t: Tensor) => sum.add(t.sin().sum()),
      (grad(f as never, { argnums } as never) as unknown as Any)(...xs),
      array(0),
    )

const wayOf = (kind: CustomCase['kind'], f: Many, count: number): Any => {
  const argnums = Array.from({ length: count }, (_, i) => i)
  const gradient = (g: Many): Any => grad(g as never, { argnums } as never) as unknown as Any
  const cosines = (xs: readonly unknown[]): never => tree.map((t: Tensor) => t.cos(), xs) as never
  switch (kind) {
    case 'grad':
      return valueAndGrad(f as never, { argnums } as never) as unknown as Any
    case 'second':
      return gradient(next(f, argnums))
    case 'third':
      return gradient(next(next(f, argnums), argnums))
    case 'batch':
      return vmap(gradient(f))
    case 'hvp':
      return (...xs) => jvp(gradient(f), xs, cosines(xs))[1]
    case 'jvp':
      return (...xs) => jvp(f, xs, cosines(xs))
  }
}

const cases = load<CustomCase>(import.meta.url, 'custom')
const run = (c: CustomCase): Promise<string | null> =>
  guarded(() => {
    const f = functions[c.fn]
    if (f === undefined) throw new TypeError(`${c.fn} has no twin here`)
    const inputs = c.inputs.map(decode)
    const check = (how: string, g: Any) => (): Promise<string | null> =>
      labelled(how, treeMismatch(g(...inputs), c.expect, c))
    const way = wayOf(c.kind, f, inputs.length)
    // Third derivatives are long programs: they are compiled in the full run alone.
    if (c.kind === 'third' && process.env['LINUM_TEST'] !== 'full') return first(check(c.kind, way))
    return first(
      check(c.kind, way),
      check('of a jitted function', wayOf(c.kind, jit(f as never) as Many, inputs.length)),
      check('in a jitted function', jit(way as never) as Any),
    )
  })

parity('functions with derivatives of their own', cases, run)
