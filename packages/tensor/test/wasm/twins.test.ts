import { fc, test } from '@fast-check/vitest'
import { exp, jit, log, random, sqrt, square, tanh, type Tensor, withDevice } from '@linum/tensor'
import { expect } from 'vitest'

/** Chains that are long enough for two vectors to take turns; run one by one, no operation is. */
const chains: readonly ((x: Tensor, y: Tensor) => readonly Tensor[])[] = [
  (x, y) => [exp(sqrt(square(tanh(x.mul(y).add(x)).mul(0.5).sub(y)).add(1)).neg())],
  (x, y) => {
    const moment = x.mul(0.9).add(tanh(y).mul(0.1))
    const power = y.mul(0.99).add(square(exp(x)).mul(0.01))
    return [moment, power, x.sub(moment.div(sqrt(power.abs()).add(1e-8)))]
  },
  (x, y) => [log(exp(x).add(exp(y))), tanh(x)],
]

const bytes = (xs: readonly Tensor[]): Buffer => Buffer.concat(xs.map((x) => Buffer.from(x.dataSync().buffer)))

test.prop([fc.nat(chains.length - 1), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60, max: 90 }), fc.boolean()], {
  numRuns: 40,
})('a long chain gives the bits of its operations run one by one, for rows of any length', (which, rows, n, gives) => {
  withDevice('wasm', () => {
    const draw = (seed: number): Tensor => random.normal(random.key(seed), rows === 1 ? [n] : [rows, n])
    const f = chains[which]!
    // A row of its own keeps the loops of a matrix apart.
    const row = random.normal(random.key(9), [n])
    const g = (x: Tensor, y: Tensor): readonly Tensor[] => f(x, y.add(row))
    const expected = bytes(g(draw(1), draw(2)))
    const got = jit(g, gives ? { donateArgnums: [0, 1] } : {})(draw(1), draw(2))
    expect(bytes(got).equals(expected)).toBe(true)
  })
})
