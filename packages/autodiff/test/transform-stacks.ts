import { fc } from '@fast-check/vitest'
import {
  checkpoint,
  checkpointPolicies,
  customJvp,
  customVjp,
  grad,
  jvp,
  linearize,
  pmean,
  vjp,
  vmap,
} from '@linum/autodiff'
import { array, cond, jit, scan, stack, type Tensor } from '@linum/tensor'

/** A function of two tensors to a scalar. */
export type Scalar = (x: Tensor, y: Tensor) => Tensor

/** Makes a scalar function of another with a transform, and the same function in another way. */
interface Layer {
  readonly apply: (f: Scalar) => Scalar
  readonly otherwise: (f: Scalar) => Scalar
}

const same = (f: Scalar): Scalar => f

/** The direction along which derivatives are taken, which moves with the operands. */
const along = (x: Tensor, y: Tensor): [Tensor, Tensor] => [x.cos(), y.sin().add(0.3)]

const inner = (gs: readonly Tensor[], ts: readonly Tensor[]): Tensor =>
  gs.map((g, i) => g.mul(ts[i]!).sum()).reduce((a, b) => a.add(b))

const both = { argnums: [0, 1] } as const

const byReverse =
  (f: Scalar): Scalar =>
  (x, y) =>
    inner(grad(f, both)(x, y), along(x, y)).sin()
const byForward =
  (f: Scalar): Scalar =>
  (x, y) =>
    jvp(f, [x, y], along(x, y))[1].sin()
const byPullback =
  (f: Scalar): Scalar =>
  (x, y) => {
    const [out, back] = vjp(f, [x, y])
    return inner(back(out.mul(0).add(0.5)) as readonly Tensor[], along(x, y))
      .mul(2)
      .sin()
  }
const byLinear =
  (f: Scalar): Scalar =>
  (x, y) =>
    linearize(f, [x, y])[1](...along(x, y)).sin()

const variants = (x: Tensor): readonly Tensor[] => [x, x.mul(0.7).add(0.1), x.neg()]

const mean = (ts: readonly Tensor[]): Tensor => ts.reduce((a, b) => a.add(b)).div(ts.length)

const batched =
  (f: Scalar): Scalar =>
  (x, y) =>
    vmap(f, { inAxes: [0, null] })(stack([...variants(x)]), y).mean()
const batchedBoth =
  (f: Scalar): Scalar =>
  (x, y) =>
    vmap(f)(stack([...variants(x)]), stack([...variants(y)])).mean()

/** Each entry times the mean of all. */
const across =
  (f: Scalar): Scalar =>
  (x, y) =>
    vmap(
      (v: Tensor) => {
        const value = f(x, v)
        return value.mul(pmean(value, 'entries')).sin()
      },
      { axisName: 'entries' },
    )(stack([...variants(y)])).sum()

const acrossByHand =
  (f: Scalar): Scalar =>
  (x, y) => {
    const values = variants(y).map((v) => f(x, v))
    return values.map((v) => v.mul(mean(values)).sin()).reduce((a, b) => a.add(b))
  }

const scales = [1, -0.6]

const looped =
  (f: Scalar): Scalar =>
  (x, y) =>
    scan(
      (c: Tensor, s: Tensor) => [c.add(f(x.mul(s), y.add(c.mul(0.1)))).sin(), null] as const,
      x.sum().mul(0),
      array(scales, { dtype: x.dtype as 'float64' }),
    )[0]

const loopedByHand =
  (f: Scalar): Scalar =>
  (x, y) =>
    scales.reduce((c, s) => c.add(f(x.mul(s), y.add(c.mul(0.1)))).sin(), x.sum().mul(0))

const branched =
  (f: Scalar): Scalar =>
  (x, y) =>
    cond(
      x.sum().greater(y.sum()),
      (a: Tensor, b: Tensor) => f(a, b),
      (a: Tensor, b: Tensor) => f(b, a).neg(),
      x,
      y,
    )

const branchedByHand =
  (f: Scalar): Scalar =>
  (x, y) => {
    const first = x.sum().greater(y.sum())
    return first
      .astype(x.dtype)
      .mul(f(x, y))
      .sub(first.logicalNot().astype(x.dtype).mul(f(y, x)))
  }

/** Reverse mode by a rule that is the pullback itself. */
const withVjp = (f: Scalar): Scalar =>
  customVjp(
    f,
    (x: Tensor, y: Tensor) => [f(x, y), { x, y }] as const,
    ({ x, y }, ct) => vjp(f, [x, y])[1](ct),
  )

/** The same, whose rule calls the function that it belongs to. */
const withOwnVjp = (f: Scalar): Scalar => {
  const own: Scalar = customVjp(
    f,
    (x: Tensor, y: Tensor) => [own(x, y), { x, y }] as const,
    ({ x, y }, ct) => vjp(f, [x, y])[1](ct),
  )
  return own
}

const withJvp = (f: Scalar): Scalar => {
  const own: Scalar = customJvp(f, ([x, y], [s, t]) => [own(x, y), jvp(f, [x, y], [s, t])[1]] as const)
  return own
}

const { dotsSaveable, everythingSaveable } = checkpointPolicies

const layers = {
  jit: { apply: (f) => jit(f), otherwise: same },
  checkpoint: { apply: (f) => checkpoint(f), otherwise: same },
  dots: { apply: (f) => checkpoint(f, { policy: dotsSaveable }), otherwise: same },
  everything: { apply: (f) => checkpoint(f, { policy: everythingSaveable }), otherwise: same },
  customVjp: { apply: withVjp, otherwise: same },
  ownCustomVjp: { apply: withOwnVjp, otherwise: same },
  customJvp: { apply: withJvp, otherwise: same },
  grad: { apply: byReverse, otherwise: byForward },
  vjp: { apply: byPullback, otherwise: byForward },
  jvp: { apply: byForward, otherwise: byReverse },
  linearize: { apply: byLinear, otherwise: byForward },
  vmap: { apply: batched, otherwise: (f) => (x, y) => mean(variants(x).map((v) => f(v, y))) },
  vmapBoth: {
    apply: batchedBoth,
    otherwise: (f) => (x, y) => mean(variants(x).map((v, i) => f(v, variants(y)[i]!))),
  },
  psum: { apply: across, otherwise: acrossByHand },
  scan: { apply: looped, otherwise: loopedByHand },
  cond: { apply: branched, otherwise: branchedByHand },
} satisfies Readonly<Record<string, Layer>>

type LayerName = keyof typeof layers

/**
 * A customVjp function has no forward mode until reverse mode has put its rule in its place, and one whose rule calls it
 * never has.
 */
const isPossible = (names: readonly LayerName[]): boolean => {
  let closed = false
  for (const [i, name] of names.entries()) {
    const always = names.slice(0, i).includes('ownCustomVjp')
    if ((closed || always) && (name === 'jvp' || name === 'customJvp')) return false
    if (name === 'customVjp') closed = true
    if (name === 'grad' || name === 'vjp' || name === 'linearize') closed = false
  }
  return true
}

/** Up to three transforms, the first innermost. */
export interface Stack {
  readonly apply: (f: Scalar) => Scalar
  readonly otherwise: (f: Scalar) => Scalar
}

const table: Readonly<Record<LayerName, Layer>> = layers

export const transformStack: fc.Arbitrary<Stack> = fc
  .array(fc.constantFrom(...(Object.keys(layers) as LayerName[])), { minLength: 1, maxLength: 3 })
  .filter(isPossible)
  .map((names) => ({
    apply: (f) => names.reduce((g, name) => table[name].apply(g), f),
    otherwise: (f) => names.reduce((g, name) => table[name].otherwise(g), f),
    toString: () => names.join(' then '),
  }))
