import { fc, test } from '@fast-check/vitest'
import { grad, vjp } from '@linum/autodiff'
import { array, jit, makeProgram, type Program, stopGradient, Tensor, tree } from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, type PrimitiveParams } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { centralDifferences, distance, gridOf } from './double-precision.js'
import type { Grid } from './grid.js'
import { type Case, cases, type Reals } from './primitive-cases.js'

type Tensors = readonly Tensor[]
type Many<R> = (...xs: Tensors) => R

const slots = 997

const isReals = (x: Reals | Tensor): x is Reals => !(x instanceof Tensor)

const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** The operand of distinct slots: `k` keeps operands apart, 0.31 keeps all of them from integers and halves. */
const operand = ({ shape, from, to }: Reals, picks: readonly number[], k: number): Tensor =>
  array(picks.map((p) => from + ((to - from) * (p + 0.31 + k / 7)) / slots)).reshape([...shape])

const operandsOf = (c: Case<unknown>): fc.Arbitrary<Tensors> =>
  fc.tuple(
    ...c.operands.map((x, k) =>
      isReals(x)
        ? fc
            .uniqueArray(fc.nat(slots - 1), { minLength: size(x.shape), maxLength: size(x.shape) })
            .map((p) => operand(x, p, k))
        : fc.constant(x),
    ),
  )

/** Some cotangent for every output; for one without real numbers the output itself, which does not count. */
const cotangents = (outputs: Tensors): Tensors =>
  outputs.map((o, i) =>
    isFloat(o.dtype)
      ? array(Array.from({ length: o.size }, (_, k) => Math.sin(1 + 3 * k + i) + 0.1)).reshape([...o.shape])
      : o,
  )

const grids = (ts: Tensors): readonly (Grid | null)[] => ts.map((t) => (isFloat(t.dtype) ? gridOf(t) : null))

const programOf = (f: Many<Tensors>, xs: Tensors): Program => makeProgram(f)(...xs)

/** The gradients of <cts, f> at some operands, as a function of all operands. */
const gradients = (f: Many<Tensors>, cts: Tensors, argnums: readonly number[]): Many<Tensors> => {
  const loss = (...xs: Tensors): Tensor =>
    f(...xs)
      .flatMap((o, i) => (isFloat(o.dtype) ? [o.mul(cts[i]!).sum()] : []))
      .reduce((a, b) => a.add(b), array(0).astype('float32'))
  return grad(loss, { argnums }) as Many<Tensors>
}

const bits = (x: unknown): unknown => tree.map((t: Tensor) => [t.shape, [...t.dataSync()]], x)

const near = (got: Tensor, want: Grid, tolerance: number, where: string): void =>
  expect(
    distance(gridOf(got), want),
    `${where}: [${gridOf(got).data.join()}], by differences [${want.data.join()}]`,
  ).toBeLessThan(tolerance)

/** A case of one primitive at some operands. */
interface Subject {
  readonly name: string
  readonly f: Many<Tensors>
  readonly xs: Tensors
  readonly cts: Tensors
  /** The operands with a derivative. */
  readonly real: readonly number[]
}

const subject = <K extends PrimitiveName>(primitive: K, c: Case<PrimitiveParams[K]>, xs: Tensors): Subject => {
  const f: Many<Tensors> = (...ys) => bind(primitive, ys, c.params)
  const name = `${primitive} of ${xs.map((x) => `[${x.shape.join()}]`).join(', ')} with ${JSON.stringify(c.params)}`
  return { name, f, xs, cts: cotangents(f(...xs)), real: xs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : [])) }
}

const firstDerivative = ({ name, f, xs, cts, real }: Subject): void => {
  const program = programOf(f, xs)
  const found = vjp(f, xs)[1](cts) as readonly (Tensor | null)[]
  xs.forEach((x, i) => {
    if (real.includes(i))
      near(found[i]!, centralDifferences(program, xs.map(gridOf), i, grids(cts)), 2e-5, `${name}, operand ${i}`)
    else expect(found[i], name).toBeNull()
  })
}

const needMasks = ({ name, f, xs, cts, real }: Subject): void => {
  const all = gradients(f, cts, real)(...xs)
  real.forEach((i, k) => {
    expect(bits(gradients(f, cts, [i])(...xs)), `${name}, operand ${i} alone`).toEqual(bits([all[k]]))
    const stopped: Many<Tensors> = (...ys) => f(...ys.map((y, j) => (j === i ? stopGradient(y) : y)))
    const others = gradients(stopped, cts, real)(...xs)
    real.forEach((_, j) =>
      expect(bits(others[j]), `${name}, operand ${i} stopped`).toEqual(bits(j === k ? xs[i]!.mul(0).abs() : all[j])),
    )
  })
}

const compiled = ({ name, f, xs, cts, real }: Subject): void => {
  const all = bits(gradients(f, cts, real)(...xs))
  expect(bits(gradients(jit(f), cts, real)(...xs)), `grad of jit, ${name}`).toEqual(all)
  expect(bits(jit(gradients(f, cts, real))(...xs)), `jit of grad, ${name}`).toEqual(all)
}

const secondDerivative = ({ name, f, xs, cts, real }: Subject): void => {
  const n = xs.length
  const gradient: Many<Tensors> = (...ys) => gradients(f, ys.slice(n), real)(...ys.slice(0, n))
  const inputs = [...xs, ...cts]
  const directions = cotangents(gradient(...inputs))
  const program = programOf(gradient, inputs)
  const found = gradients(gradient, directions, real)(...inputs)
  real.forEach((i, k) =>
    near(
      found[k]!,
      centralDifferences(program, inputs.map(gridOf), i, grids(directions)),
      5e-5,
      `${name}, operand ${i}`,
    ),
  )
}

const laws = {
  'its pullback is the derivative': firstDerivative,
  'each operand alone has the derivative that it has among all': needMasks,
  'it has the same derivative compiled, to the bit': compiled,
  'its derivative can be differentiated': secondDerivative,
}

for (const [primitive, list] of Object.entries(cases) as readonly [
  PrimitiveName,
  readonly Case<unknown>[] | string,
][]) {
  if (typeof list === 'string') continue
  describe(primitive, () => {
    for (const [law, holds] of Object.entries(laws)) {
      test.prop([fc.tuple(...list.map(operandsOf))], { numRuns: 2 })(law, (operands) => {
        list.forEach((c, i) => holds(subject(primitive, c as never, operands[i]!)))
      })
    }
  })
}
