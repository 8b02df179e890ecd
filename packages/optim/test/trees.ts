import { array, type ArrayOps, type Tensor, tree } from '@linum/tensor'
import { fc } from '@fast-check/vitest'
import { applyUpdates, type GradientTransformation } from '@linum/optim'
import { expect } from 'vitest'

export interface Params {
  readonly w: Tensor
  readonly b: Tensor
}

export const params: Params = {
  w: array([
    [1, -2, 3],
    [0.5, 0.25, -0.75],
  ]),
  b: array([0.1, -0.2, 0.3]),
}

/** Five gradients of all sizes. */
export const gradients: readonly Params[] = [
  [
    [0.1, -0.2, 0.3],
    [-0.4, 0.5, -0.6],
    [0.01, 0.2, -3],
  ],
  [
    [0.15, -0.3, 0.45],
    [-0.6, 0.75, -0.9],
    [0.005, 0.1, -1.5],
  ],
  [
    [-0.2, 0.4, -0.6],
    [0.8, -1, 1.2],
    [1 / 300, 1 / 15, -1],
  ],
  [
    [0.25, -0.5, 0.75],
    [-1, 1.25, -1.5],
    [0.0025, 0.05, -0.75],
  ],
  [
    [0.3, -0.6, 0.9],
    [-1.2, 1.5, -1.8],
    [0.002, 0.04, -0.6],
  ],
].map(([first, second, b]) => ({ w: array([first!, second!]), b: array(b!) }))

/** All numbers of a tree, in the order of its keys. */
export const numbersOf = (t: unknown): number[] =>
  (tree.leaves(t) as readonly ArrayOps[]).flatMap((x) => [...x.asTensor().dataSync()])

/** Parameters after a step with each gradient. */
export const train = <P>(tx: GradientTransformation, start: P, grads: readonly P[]): P => {
  let current = start
  let state = tx.init(start)
  for (const g of grads) {
    const [updates, next] = tx.update(g, state, current)
    current = applyUpdates(current, updates)
    state = next
  }
  return current
}

export const expectClose = (actual: unknown, expected: readonly number[], tolerance = 2e-6): void => {
  const numbers = numbersOf(actual)
  expect(numbers).toHaveLength(expected.length)
  numbers.forEach((x, i) => {
    const e = expected[i]!
    if (Number.isNaN(e)) expect(x).toBeNaN()
    else
      expect(Math.abs(x - e), `element ${i}: ${x} against ${e}`).toBeLessThanOrEqual(
        tolerance + tolerance * 10 * Math.abs(e),
      )
  })
}

const element = fc.float({ min: -4, max: 4, noNaN: true })

/** Trees of one structure. */
export const someTrees = (n: number): fc.Arbitrary<readonly Params[]> =>
  fc.array(
    fc.record({
      w: fc.array(element, { minLength: 4, maxLength: 4 }).map((x) => array(x).reshape([2, 2])),
      b: fc.array(element, { minLength: 3, maxLength: 3 }).map((x) => array(x)),
    }),
    { minLength: n, maxLength: n },
  )
