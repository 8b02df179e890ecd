import { describe, expect, test } from 'vitest'
import { cadence } from '../src/worker/cadence.js'
import { makePace } from '../src/worker/pace.js'

describe('the pace', () => {
  test('is that of the last two seconds', () => {
    let time = 0
    const pace = makePace(() => time)
    expect(pace.perSecond()).toBeNull()
    pace.restart(100)
    for (let steps = 110; steps <= 200; steps += 10) {
      time += 500
      pace.mark(steps)
    }
    expect(pace.perSecond()).toBeCloseTo(20, 12)
    for (let steps = 300; steps <= 700; steps += 100) {
      time += 500
      pace.mark(steps)
    }
    expect(pace.perSecond()).toBeCloseTo(200, 12)
  })

  test('is unknown at first, and does not count a pause', () => {
    let time = 0
    const pace = makePace(() => time)
    pace.restart(0)
    time = 50
    pace.mark(10)
    expect(pace.perSecond()).toBeNull()
    time = 60_000
    pace.restart(10)
    time += 200
    pace.mark(30)
    expect(pace.perSecond()).toBeCloseTo(100, 12)
  })
})

describe('a cadence', () => {
  test('is due at first, then after its interval', async () => {
    let time = 0
    const picture = cadence(100, () => time)
    expect(picture.due()).toBe(true)
    expect(await picture.perform(() => Promise.resolve('done'))).toBe('done')
    time = 99
    expect(picture.due()).toBe(false)
    time = 100
    expect(picture.due()).toBe(true)
  })

  test('leaves two thirds of the time to others', async () => {
    let time = 0
    const test = cadence(100, () => time)
    await test.perform(() => {
      time = 1000
      return Promise.resolve()
    })
    time = 2999
    expect(test.due()).toBe(false)
    time = 3000
    expect(test.due()).toBe(true)
  })
})
