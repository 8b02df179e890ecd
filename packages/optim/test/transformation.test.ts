import { staticEqual, staticHash } from '@linum/graph'
import { fc, test } from '@fast-check/vitest'
import { jit, mul, type Tensor, traceCount, tree } from '@linum/tensor'
import {
  adam,
  adamw,
  chain,
  clip,
  clipByGlobalNorm,
  cosineDecaySchedule,
  type GradientTransformation,
  linearSchedule,
  masked,
  scale,
  sgd,
  transformation,
} from '@linum/optim'
import { describe, expect } from 'vitest'
import { makers } from './makers.js'
import { gradients, params } from './trees.js'

describe('equality', () => {
  test('two Adams of the same learning rate are equal, with the same hash', () => {
    expect(adam(1e-3).equals(adam(1e-3, { b1: 0.9 }))).toBe(true)
    expect(adam(1e-3).hash).toBe(adam(1e-3).hash)
    expect(adam(1e-3).equals(adam(1e-4))).toBe(false)
    expect(adam(1e-3).equals('adam')).toBe(false)
  })

  test('a transformation says what it is made of', () => {
    const tx = sgd(linearSchedule(1, 0, 10), { momentum: 0.9 })
    expect([tx.name, tx.hyperparameters['momentum']]).toEqual(['sgd', 0.9])
    expect(String(scale(0.1))).toBe('scale(stepSize: 0.1)')
    expect(String(chain(clip(1), scale(-2)))).toBe('chain(transformations: [clip(maxDelta: 1), scale(stepSize: -2)])')
  })

  test.prop([fc.nat(makers.length - 1), fc.nat(makers.length - 1)], { numRuns: 1000 })(
    'is that of what a transformation is made of, and hashes agree with it',
    (i, j) => {
      const [a, b] = [makers[i]!(), makers[j]!()]
      expect(a.equals(b)).toBe(i === j)
      expect(b.equals(a)).toBe(i === j)
      expect(staticEqual(a, b)).toBe(i === j)
      if (i === j) expect(staticHash(a)).toBe(staticHash(b))
      else expect(a.hash).not.toBe(b.hash)
    },
  )

  test('functions count by identity', () => {
    const schedule = (step: Tensor): Tensor => mul(step, 0.1)
    expect(sgd(schedule).equals(sgd(schedule))).toBe(true)
    expect(sgd(schedule).equals(sgd((step) => mul(step, 0.1)))).toBe(false)
  })
})

describe('a transformation made by hand', () => {
  const double = {
    init: () => ({}),
    update: (updates: unknown, state: object) => [tree.map((u: Tensor) => u.mul(2), updates), state] as const,
  }

  test('takes part in chains', () => {
    const [updates] = chain(transformation('double', double), scale(3)).update(params, [{}, {}])
    expect(updates.b.toArray()).toEqual(params.b.mul(2).mul(3).toArray())
  })

  test('is equal to another of the same functions, or of the same hyperparameters where it has some', () => {
    expect(transformation('double', double).equals(transformation('double', { ...double }))).toBe(true)
    expect(transformation('double', double).equals(transformation('double', { ...double, init: () => ({}) }))).toBe(
      false,
    )
    const times = (factor: number): GradientTransformation =>
      transformation('times', { ...double, init: () => ({ factor }) }, { factor })
    expect(times(2).equals(times(2))).toBe(true)
    expect(times(2).equals(times(3))).toBe(false)
  })

  test('is given the extra arguments through every link', () => {
    const seen: unknown[] = []
    const spy = transformation('spy', {
      init: () => ({}),
      update: (updates, state: object, given, extra) => {
        seen.push(given, extra)
        return [updates, state]
      },
    })
    const tx = chain(chain(spy), masked(spy, true))
    tx.update(gradients[0]!, tx.init(params), params, { loss: 1 })
    expect(seen[0]).toBe(params)
    expect(seen[1]).toEqual({ loss: 1 })
    expect(seen[3]).toEqual({ loss: 1 })
  })
})

test('a jitted step is traced once, whatever the step', () => {
  const tx = chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule(0.1, 3), { weightDecay: linearSchedule(1, 0, 3) }))
  const step = jit((g: typeof params, state: ReturnType<typeof tx.init>) => tx.update(g, state, params)[1])
  let state = tx.init(params)
  for (const g of gradients) state = step(g, state)
  expect(traceCount(step)).toBe(1)
})
