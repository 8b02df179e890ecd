import { array, cond, foriLoop, map, scan, switchCase, type Tensor, where, whileLoop } from '@linum/tensor'
import { decode, type Tolerance, treeMismatch } from './comparison.js'
import { guarded } from './run-case.js'

type Vectors = { readonly a: Tensor; readonly b: Tensor }

const int = (n: number): Tensor => array(n, { dtype: 'int32' })
const sumAndProduct = (c: Tensor, x: Tensor): [Tensor, Tensor] => [c.add(x), c.mul(x)]

/** The programs of the generator, in the same words. */
const programs = {
  runningSum: (start: Tensor, xs: Tensor) => scan(sumAndProduct, start, xs),
  runningSumReversed: (start: Tensor, xs: Tensor) => scan(sumAndProduct, start, xs, { reverse: true }),
  counting: (start: Tensor) => scan((c: Tensor) => [c.mul(2).add(1), c] as const, start, null, { length: 6 }),
  fibonacci: () =>
    scan(([a, b]: readonly [Tensor, Tensor]) => [[b, a.add(b)] as const, a] as const, [int(0), int(1)] as const, null, {
      length: 20,
    }),
  pairs: (start: Vectors, xs: { readonly x: Tensor; readonly y: Tensor }) =>
    scan(
      (c: Vectors, { x, y }: { readonly x: Tensor; readonly y: Tensor }) =>
        [{ a: c.a.add(x), b: c.b.mul(y) }, { s: c.a.mul(y) }] as const,
      start,
      xs,
    ),
  nested: (xs: Tensor) =>
    scan(
      (c: Tensor, row: Tensor) => scan((d: Tensor, v: Tensor) => [d.add(v), d.mul(v)] as const, c, row),
      array(0),
      xs,
    ),
  noCarry: (xs: Tensor) => map((row: Tensor) => row.mul(row).sum(), xs),
  noSteps: (start: Tensor, xs: Tensor) =>
    scan((c: Tensor, x: Tensor) => [c.add(x.sum()), x.mul(2)] as const, start, xs),
  newton: (x: Tensor) =>
    whileLoop(
      ({ guess }) => guess.mul(guess).sub(x).abs().greater(x.mul(1e-4)),
      ({ guess, count }) => ({ guess: guess.add(x.div(guess)).mul(0.5), count: count.add(1) }),
      { guess: x, count: int(0) },
    ),
  collatz: (n: Tensor) =>
    whileLoop(
      ([m]) => m.greater(1),
      ([m, steps]) => [where(m.mod(2).equal(0), m.floorDivide(2), m.mul(3).add(1)), steps.add(1)] as [Tensor, Tensor],
      [n, int(0)] as [Tensor, Tensor],
    ),
  never: (x: Tensor) =>
    whileLoop(
      (v) => v.sum().greater(1e9),
      (v) => v.mul(2),
      x,
    ),
  factorial: (n: Tensor) => foriLoop(1, 11, (i, v: Tensor) => v.mul(i), n),
  fromTo: (lo: Tensor, hi: Tensor, start: Tensor) => foriLoop(lo, hi, (i, v: Tensor) => v.mul(0.5).add(i), start),
  backwardsRange: (start: Tensor) => foriLoop(5, 2, (_, v: Tensor) => v.add(1), start),
  either: (p: Tensor, x: Tensor) =>
    cond(
      p,
      (v: Tensor) => v.mul(2),
      (v: Tensor) => v.sub(1),
      x,
    ),
  eitherTree: (p: Tensor, x: Vectors) =>
    cond(
      p,
      ({ a, b }: Vectors) => ({ u: a.add(b), w: [a] }),
      ({ a, b }: Vectors) => ({ u: a.mul(b), w: [b] }),
      x,
    ),
  oneOf: (i: Tensor, x: Tensor) =>
    switchCase(i, [(v: Tensor) => v, (v: Tensor) => v.mul(v), (v: Tensor) => v.neg()], x),
  whichever: (xs: Tensor) =>
    map(
      (v: Tensor) =>
        cond(
          v.greater(0),
          (u: Tensor) => u.sqrt(),
          (u: Tensor) => u.mul(u),
          v,
        ),
      xs,
    ),
} as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

export interface ControlCase extends Tolerance {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly expect: unknown
}

/** Runs a case's program as `wrap` makes it; the failure as a sentence, or null. */
export const runControl = (
  c: ControlCase,
  wrap: (f: (...args: readonly unknown[]) => unknown) => (...args: readonly unknown[]) => unknown,
): Promise<string | null> =>
  guarded(async () => {
    const program = programs[c.fn]
    if (program === undefined) throw new TypeError(`${c.fn} has no twin here`)
    return treeMismatch(wrap(program)(...c.args.map(decode)), c.expect, c)
  })
