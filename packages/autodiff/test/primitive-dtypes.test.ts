import { jvp, vjp } from '@linum/autodiff'
import { array, type DType, Tensor } from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, type PrimitiveParams } from '@linum/tensor/core'
import { describe, expect, test } from 'vitest'
import { type Case, cases, type Reals } from './primitive-cases.js'

/** How far sums of products may be apart, as a part of the sum of their sizes: a few units in the last place. */
const tolerances = { float64: 1e-12, float32: 1e-5, float16: 1e-2, bfloat16: 8e-2 } as const satisfies Partial<
  Record<DType, number>
>

/** The same bits as another dtype of 32 bits: there is none of another width. */
const onlySingle: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['bitcast'])

const spread = (shape: readonly number[], from: number, to: number, phase: number): Tensor => {
  const size = shape.reduce((n, d) => n * d, 1)
  const at = (i: number): number => ((i + 1) * 0.6180339887 + phase * 0.37) % 1
  return array(Array.from({ length: size }, (_, i) => from + (to - from) * at(i))).reshape([...shape])
}

const operandOf = (x: Reals | Tensor, k: number, dtype: DType): Tensor =>
  x instanceof Tensor ? (isFloat(x.dtype) ? x.astype(dtype) : x) : spread(x.shape, x.from, x.to, k).astype(dtype)

const products = (as: readonly (Tensor | null)[], bs: readonly Tensor[]): readonly number[] =>
  as.flatMap((a, i) => {
    if (a === null || !isFloat(a.dtype)) return []
    const [x, y] = [a.dataSync(), bs[i]!.dataSync()]
    return Array.from(x, (v, n) => v * y[n]!)
  })
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)

const check = <K extends PrimitiveName>(
  primitive: K,
  c: Case<PrimitiveParams[K]>,
  dtype: keyof typeof tolerances,
): void => {
  const all = c.operands.map((x, k) => operandOf(x, k, dtype))
  const real = all.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []))
  const f = (...xs: readonly Tensor[]): readonly Tensor[] =>
    bind(
      primitive,
      all.map((x, i) => (real.includes(i) ? xs[real.indexOf(i)]! : x)),
      c.params,
    )
  const xs = real.map((i) => all[i]!)
  const tangents = xs.map((x, i) => spread(x.shape, -1, 1, 5 + i).astype(x.dtype))
  const [outs, moved] = jvp(f, xs, tangents)
  const cts = outs.map((o, i) => (isFloat(o.dtype) ? spread(o.shape, -1, 1, 9 + i).astype(o.dtype) : o))
  const back = vjp(f, xs)[1](cts) as readonly (Tensor | null)[]
  back.forEach((b, i) => b !== null && expect([b.dtype, b.shape], primitive).toEqual([xs[i]!.dtype, xs[i]!.shape]))
  const floats = outs.flatMap((o, i) => (isFloat(o.dtype) ? [i] : []))
  const ahead = floats.map((i) => (moved as readonly (Tensor | null)[])[i]!)
  ahead.forEach((t, k) => expect(t.dtype, primitive).toBe(outs[floats[k]!]!.dtype))
  const left = products(
    ahead,
    floats.map((i) => cts[i]!),
  )
  const right = products(back, tangents)
  const size = sum([...left, ...right].map(Math.abs))
  expect(Math.abs(sum(left) - sum(right)), `${primitive} in ${dtype}`).toBeLessThanOrEqual(tolerances[dtype] * size)
}

const tested = (Object.keys(cases) as PrimitiveName[]).filter((name) => typeof cases[name] !== 'string')

const checkAll = (name: PrimitiveName, dtype: keyof typeof tolerances): void => {
  for (const c of cases[name] as readonly Case<never>[]) check(name, c, dtype)
}

describe.each(Object.keys(tolerances) as (keyof typeof tolerances)[])('in %s', (dtype) => {
  test.each(tested.filter((name) => dtype === 'float32' || !onlySingle.has(name)))(
    'forward and reverse derivatives of %s are transposes and keep the dtype',
    (name) => {
      checkAll(name, dtype)
    },
  )
})

test.each([...onlySingle])('%s refuses another width', (name) => {
  for (const dtype of ['float64', 'float16', 'bfloat16'] as const)
    expect(() => {
      checkAll(name, dtype)
    }).toThrow(/same width/)
})
