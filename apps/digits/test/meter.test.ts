import { devices, np } from 'linum'
import { describe, expect, test } from 'vitest'
import { selectDevice } from '../src/device.js'
import { Interrupted, TrainingError } from '../src/failure.js'
import { makeMeter } from '../src/meter.js'
import { lineProgress, withProgress } from '../src/report/progress.js'

const still = new AbortController().signal

describe('makeMeter', () => {
  test('gives the means of each stretch, and all losses', async () => {
    const lines: string[] = []
    const meter = makeMeter(
      lineProgress((line) => lines.push(line), 2, 'part'),
      still,
      4,
      'part',
    )
    meter.start(1, 2)
    await meter.step(np.array(3), np.array(1))
    await meter.step(np.array(1), np.array(2))
    expect(await meter.finish()).toMatchObject({ loss: 2, accuracy: 3 / 8 })
    meter.start(2, 1)
    await meter.step(np.array(0.5))
    const standing = await meter.finish()
    expect(standing.loss).toBe(0.5)
    expect(standing).not.toHaveProperty('accuracy')
    expect(meter.losses).toEqual([3, 1, 0.5])
    expect(lines[0]).toMatch(/^part 1\/2 {2}2 steps {2}loss 2\.0000 {2}accuracy {2}37\.5 % +[\d.]+ steps\/s$/)
    expect(lines[1]).toMatch(/^part 2\/2 {2}1 steps {2}loss 0\.5000 +[\d.]+ steps\/s$/)
  })

  test('fails where a loss is no number', async () => {
    const meter = makeMeter(
      lineProgress(() => undefined, 1),
      still,
    )
    meter.start(1, 1)
    await meter.step(np.array(NaN))
    await expect(meter.finish()).rejects.toThrow(
      new TrainingError('the loss became NaN in step 1 of epoch 1; try a smaller --lr'),
    )
  })
})

test('withProgress closes the display at the end, after an error and on a signal', async () => {
  let closed = 0
  const progress = { ...lineProgress(() => undefined, 1), stop: () => void (closed += 1) }
  expect(await withProgress(progress, still, () => Promise.resolve(3))).toBe(3)
  expect(closed).toBe(1)
  const cause = new Error('cause')
  await expect(withProgress(progress, still, () => Promise.reject(cause))).rejects.toBe(cause)
  expect(closed).toBe(2)
  const controller = new AbortController()
  await withProgress(progress, controller.signal, () => {
    controller.abort(new Interrupted('SIGINT'))
    expect(closed).toBe(3)
    return Promise.resolve()
  })
  expect(closed).toBe(4)
})

test('selectDevice names the device that the library takes by default', async () => {
  expect(await selectDevice(null, () => undefined)).toBe(devices().find((device) => device.default)?.name)
})
