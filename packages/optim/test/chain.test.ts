import { fc, test } from '@fast-check/vitest'
import {
  adam,
  addDecayedWeights,
  chain,
  clip,
  clipByGlobalNorm,
  type GradientTransformation,
  linearSchedule,
  scale,
  scaleByLearningRate,
  sgd,
  trace,
} from '@linum/optim'
import { describe, expect } from 'vitest'
import { gradients, numbersOf, params, someTrees, train } from './trees.js'

const links = fc.constantFrom<GradientTransformation>(
  scale(0.5),
  trace(0.9),
  clip(0.5),
  clipByGlobalNorm(1),
  addDecayedWeights(0.1),
  scaleByLearningRate(linearSchedule(1, 0, 3)),
  sgd(0.1, { momentum: 0.5 }),
  adam(0.1),
  chain(scale(2), clip(1)),
)

describe('chain', () => {
  test('applies its links in order', () => {
    const [updates] = chain(scale(3), clip(1)).update(params, [{}, {}])
    expect(numbersOf(updates)).toEqual(numbersOf({ b: params.b.mul(3).clip(-1, 1), w: params.w.mul(3).clip(-1, 1) }))
  })

  test('keeps one state per link, those of a chain inside among them', () => {
    const tx = chain(chain(clip(1), trace(0.9)), adam(0.1))
    expect(tx.init({ w: params.w }) as unknown).toMatchObject([{}, { trace: {} }, [{ count: {}, mu: {}, nu: {} }, {}]])
  })

  test.prop([links, someTrees(3)], { numRuns: 40 })('has the empty chain as its identity', (a, [start, ...grads]) => {
    const expected = numbersOf(train(a, start!, grads))
    expect(numbersOf(train(chain(chain(), a), start!, grads))).toEqual(expected)
    expect(numbersOf(train(chain(a, chain()), start!, grads))).toEqual(expected)
    expect(chain(chain(), a).equals(chain(a))).toBe(true)
  })

  test.prop([links, links, links, someTrees(3)], { numRuns: 40 })('is associative', (a, b, c, [start, ...grads]) => {
    const [left, right] = [chain(chain(a, b), c), chain(a, chain(b, c))]
    expect(left.equals(right)).toBe(true)
    expect(numbersOf(train(left, start!, grads))).toEqual(numbersOf(train(right, start!, grads)))
    expect(numbersOf(train(left, start!, grads))).toEqual(numbersOf(train(chain(a, b, c), start!, grads)))
  })

  test('without links changes nothing', () => {
    const [updates, state] = chain().update(gradients[0]!, [])
    expect(updates).toBe(gradients[0])
    expect(state).toEqual([])
  })
})
