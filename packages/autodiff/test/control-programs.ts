import { fc } from '@fast-check/vitest'
import {
  add,
  argsort,
  array,
  cond,
  foriLoop,
  jit,
  logicalAnd,
  map,
  matmul,
  scan,
  sin,
  sort,
  stack,
  switchCase,
  take,
  tanh,
  type Tensor,
  where,
  whileLoop,
} from '@linum/tensor'

/** A function of two vectors of 3 elements to one. */
type Step = (x: Tensor, y: Tensor) => Tensor

/** The same function with control flow, and with plain loops and choices between values. */
export interface Twins {
  readonly control: Step
  readonly plain: Step
}

const ints = (xs: readonly number[]): Tensor => array(xs, { dtype: 'int32' })
const weights = array([
  [0.5, -0.3, 0.2],
  [0.1, 0.4, -0.6],
  [-0.2, 0.7, 0.3],
])
const rowsOf = (x: Tensor, y: Tensor): readonly [Tensor, Tensor] => [x, y.mul(0.5).sub(x)]

/** What one step of a loop does to its state and what it gives out. */
const cell = (c: Tensor, r: Tensor): readonly [Tensor, Tensor] => [tanh(c.mul(0.7).add(r)), c.mul(r).sub(r)]

const unrolled = (body: typeof cell, init: Tensor, rows: readonly Tensor[]): readonly [Tensor, readonly Tensor[]] => {
  let c = init
  const ys = rows.map((r) => {
    const [next, y] = body(c, r)
    c = next
    return y
  })
  return [c, ys]
}

const dense =
  (x: Tensor) =>
  (c: Tensor): Tensor =>
    tanh(matmul(weights, c).add(x.mul(x)))
const positive = (v: Tensor): Tensor => sin(v).mul(v)
const negative = (v: Tensor): Tensor => v.mul(v).mul(0.4).sub(v)
const branches = [positive, negative, (v: Tensor): Tensor => tanh(v)] as const
const elements = (x: Tensor): readonly Tensor[] => [0, 1, 2].map((i) => x.slice(i))
const total = (xs: readonly Tensor[]): Tensor => xs.reduce((a, b) => add(a, b))
const which = (x: Tensor): Tensor => x.slice(0).mul(2).add(1.37).floor().astype('int32')
const halved = jit((v: Tensor) => tanh(v).mul(0.5))

/** Everything here has all derivatives. */
export const steps: Readonly<Record<string, Twins>> = {
  scan: {
    control: (x, y) => {
      const [c, ys] = scan(cell, y, stack(rowsOf(x, y)))
      return c.add(ys.sum({ axis: 0 }))
    },
    plain: (x, y) => {
      const [c, ys] = unrolled(cell, y, rowsOf(x, y))
      return c.add(total(ys))
    },
  },
  reversed: {
    control: (x, y) => {
      const [c, ys] = scan(cell, x, stack(rowsOf(y, x)), { reverse: true })
      return c.add(ys.slice(0)).sub(ys.slice(1))
    },
    plain: (x, y) => {
      const [c, [late, early]] = unrolled(cell, x, [...rowsOf(y, x)].reverse())
      return c.add(early!).sub(late!)
    },
  },
  captured: {
    control: (x, y) => scan((c: Tensor) => [dense(x)(c), null] as const, y, null, { length: 3 })[0],
    plain: (x, y) => dense(x)(dense(x)(dense(x)(y))),
  },
  compiledBody: {
    control: (x, y) => scan((c: Tensor) => [halved(c.add(x)), c] as const, y, null, { length: 2 })[1].sum({ axis: 0 }),
    plain: (x, y) => y.add(tanh(y.add(x)).mul(0.5)),
  },
  counted: {
    control: (x, y) => {
      const body = (s: { n: Tensor; v: Tensor }): readonly [{ n: Tensor; v: Tensor }, Tensor] => [
        { n: s.n.add(2), v: sin(s.v.add(s.n.astype('float32').mul(0.3))) },
        s.n,
      ]
      const [{ v }, ns] = scan(body, { n: ints([1]).slice(0), v: x }, null, { length: 3 })
      return v.add(y.mul(ns.sum().astype('float32')))
    },
    plain: (x, y) => sin(sin(sin(x.add(0.3)).add(0.9)).add(1.5)).add(y.mul(9)),
  },
  nested: {
    control: (x, y) => {
      const row = (c: Tensor, r: Tensor): readonly [Tensor, Tensor] =>
        scan((d: Tensor, v: Tensor) => [d.mul(v).add(x.mul(0.3)), d.sum()] as const, c, r)
      const [c, ys] = scan(row, y, stack(rowsOf(x, y)))
      return c.add(ys.sum({ axis: 0 }))
    },
    plain: (x, y) => {
      let c = y
      const sums = rowsOf(x, y).map((r) =>
        stack(
          elements(r).map((v) => {
            const sum = c.sum()
            c = c.mul(v).add(x.mul(0.3))
            return sum
          }),
        ),
      )
      return c.add(total(sums))
    },
  },
  cond: {
    control: (x, y) => cond(x.sum().greater(y.sum()), positive, negative, x.add(y)),
    plain: (x, y) => where(x.sum().greater(y.sum()), positive(x.add(y)), negative(x.add(y))),
  },
  condOfCaptured: {
    control: (x, y) =>
      cond(
        x.slice(1).greater(0.11),
        (v: Tensor) => v.mul(y),
        () => sin(y),
        x,
      ),
    plain: (x, y) => where(x.slice(1).greater(0.11), x.mul(y), sin(y)),
  },
  switchCase: {
    control: (x, y) => switchCase(which(x), branches, x.mul(0.5).add(y)),
    plain: (x, y) => {
      const [a, b, c] = branches.map((f) => f(x.mul(0.5).add(y)))
      return where(which(x).lessEqual(0), a!, where(which(x).equal(1), b!, c!))
    },
  },
  condInScan: {
    control: (x, y) => {
      const body = (c: Tensor, r: Tensor): readonly [Tensor, Tensor] => {
        const next = cond(c.sum().greater(r.slice(0)), positive, (v: Tensor) => negative(v).add(x), c)
        return [next, next.mul(r)]
      }
      return scan(body, y, stack(rowsOf(x, y)))[1].sum({ axis: 0 })
    },
    plain: (x, y) => {
      let c = y
      return total(
        rowsOf(x, y).map((r) => {
          c = where(c.sum().greater(r.slice(0)), positive(c), negative(c).add(x))
          return c.mul(r)
        }),
      )
    },
  },
  scanInCond: {
    control: (x, y) =>
      cond(
        x.slice(2).less(0.0723),
        (v: Tensor) => scan((c: Tensor) => [dense(v)(c), null] as const, y, null, { length: 2 })[0],
        (v: Tensor) => v.mul(0.3),
        x,
      ),
    plain: (x, y) => where(x.slice(2).less(0.0723), dense(x)(dense(x)(y)), x.mul(0.3)),
  },
  foriLoop: {
    control: (x, y) => foriLoop(1, 4, (i, v: Tensor) => sin(v).mul(y).add(v.mul(i).mul(0.2)), x),
    plain: (x, y) => [1, 2, 3].reduce((v, i) => sin(v).mul(y).add(v.mul(i).mul(0.2)), x),
  },
  gatherInLoop: {
    control: (x, y) => foriLoop(0, 3, (i, v: Tensor) => tanh(v.mul(take(x, i)).add(take(v, i.add(1).mod(3)))), y),
    plain: (x, y) => [0, 1, 2].reduce((v, i) => tanh(v.mul(x.slice(i)).add(v.slice((i + 1) % 3))), y),
  },
  map: {
    control: (x, y) => map((v: Tensor) => cond(v.greater(0.09), (u: Tensor) => u.mul(y.sum()), sin, v), x),
    plain: (x, y) => stack(elements(x).map((v) => where(v.greater(0.09), v.mul(y.sum()), sin(v)))),
  },
  mask: {
    // The mask is made inside the loop of what is known before it.
    control: (x, y) => {
      const body = (c: Tensor): readonly [Tensor, null] => {
        const lower = ints([0, 1, 2])
          .reshape([3, 1])
          .greaterEqual(ints([0, 1, 2]))
        return [tanh(matmul(where(lower, weights.mul(x), 0), c)), null]
      }
      return scan(body, y, null, { length: 2 })[0]
    },
    plain: (x, y) => {
      const w = weights.mul(x).mul(
        array([
          [1, 0, 0],
          [1, 1, 0],
          [1, 1, 1],
        ]),
      )
      return tanh(matmul(w, tanh(matmul(w, y))))
    },
  },
  gather: {
    control: (x, y) => take(x, ints([2, 0, 2])).mul(y),
    plain: (x, y) => stack([x.slice(2), x.slice(0), x.slice(2)]).mul(y),
  },
  order: {
    control: (x, y) => take(y, argsort(x)).mul(sort(x)),
    plain: (x, y) => {
      const order = argsort(x)
        .astype('float32')
        .reshape([3, 1])
        .equal(array([0, 1, 2]))
        .astype('float32')
      return matmul(order, y).mul(matmul(order, x))
    },
  },
}

/** Loops whose length only the values tell: without reverse-mode derivatives. */
export const forwardSteps: Readonly<Record<string, Twins>> = {
  whileLoop: {
    control: (x, y) =>
      whileLoop(
        ({ n }) => n.less(2),
        ({ n, v }) => ({ n: n.add(1), v: dense(x)(v) }),
        { n: ints([0]).slice(0), v: y },
      ).v,
    plain: (x, y) => dense(x)(dense(x)(y)),
  },
  untilGreat: {
    control: (x, y) =>
      whileLoop(
        ({ n, v }) => logicalAnd(n.less(4), v.square().sum().less(4)),
        ({ n, v }) => ({ n: n.add(1), v: v.mul(1.7).add(x.mul(x).add(0.4)) }),
        { n: ints([0]).slice(0), v: y },
      ).v,
    plain: (x, y) =>
      [0, 1, 2, 3].reduce((v) => where(v.square().sum().less(4), v.mul(1.7).add(x.mul(x).add(0.4)), v), y),
  },
  foriOfTensors: {
    control: (x, y) => foriLoop(which(x).clip(0, 1), ints([3]).slice(0), (i, v: Tensor) => sin(v).add(v.mul(i)), y),
    plain: (x, y) => [0, 1, 2].reduce((v, i) => where(which(x).clip(0, 1).lessEqual(i), sin(v).add(v.mul(i)), v), y),
  },
}

/** A chain of steps as two functions of one vector; prints as the names of its steps. */
export interface ControlProgram {
  readonly control: (x: Tensor) => Tensor
  readonly plain: (x: Tensor) => Tensor
}

const chain = (names: readonly string[], table: Readonly<Record<string, Twins>>): ControlProgram => {
  const run =
    (kind: keyof Twins) =>
    (x: Tensor): Tensor => {
      let [v, before] = [x, sin(x).add(0.2)]
      for (const name of names) [v, before] = [table[name]![kind](v, before), v]
      return v
    }
  return { control: run('control'), plain: run('plain') }
}

/** Chains of one or two steps. */
export const controlProgram = (table: Readonly<Record<string, Twins>>): fc.Arbitrary<ControlProgram> =>
  fc
    .array(fc.constantFrom(...Object.keys(table)), { minLength: 1, maxLength: 2 })
    .map((names) => ({ ...chain(names, table), toString: () => names.join(' then ') }))

/** A vector of 3 distinct elements between -1 and 1. */
export const vector: fc.Arbitrary<Tensor> = fc
  .uniqueArray(fc.integer({ min: -90, max: 90 }), { minLength: 3, maxLength: 3 })
  .map((xs) => array(xs.map((v) => (v + 0.37) / 91)))
