import type { ArrayOps, NestedNumbers } from 'linum'
import { expect } from 'vitest'

const flat = (x: NestedNumbers): number[] =>
  Array.isArray(x) ? (x as readonly NestedNumbers[]).flatMap(flat) : [Number(x)]

/** Elementwise within a tolerance, relative to the expected number where that is above 1. */
export const expectClose = (actual: ArrayOps, expected: NestedNumbers, tolerance = 1e-5): void => {
  const t = actual.asTensor()
  const [a, e] = [flat(t.toArray()), flat(expected)]
  expect(a.length).toBe(e.length)
  a.forEach((v, i) =>
    expect(Math.abs(v - e[i]!), `element ${i}: got ${v}, expected ${e[i]}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(e[i]!)),
    ),
  )
}
