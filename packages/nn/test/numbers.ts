import type { ArrayOps, NestedNumbers } from '@linum/tensor'
import { expect } from 'vitest'

const flat = (x: NestedNumbers): number[] =>
  Array.isArray(x) ? (x as readonly NestedNumbers[]).flatMap(flat) : [Number(x)]

const shapeOf = (x: NestedNumbers): number[] =>
  Array.isArray(x)
    ? [x.length, ...shapeOf((x as readonly NestedNumbers[])[0] ?? 0).slice(0, x.length === 0 ? 0 : undefined)]
    : []

/** Elementwise within a relative tolerance (and 1e-6 near 0); shapes must agree and NaN equals NaN. */
export const expectClose = (actual: ArrayOps, expected: NestedNumbers, rtol = 1e-5, atol = 1e-6): void => {
  const t = actual.asTensor()
  expect([...t.shape]).toEqual(shapeOf(expected))
  const [a, e] = [flat(t.toArray()), flat(expected)]
  const off = a.findIndex((v, i) => !(Object.is(v, e[i]) || Math.abs(v - e[i]!) <= atol + rtol * Math.abs(e[i]!)))
  if (off >= 0) expect.fail(`element ${off}: got ${a[off]}, expected ${e[off]}`)
}
