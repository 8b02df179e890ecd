import { np, random } from 'linum'
import { describe, expect, test } from 'vitest'
import { rateOf, trainStep } from '../src/tasks/classifier.js'
import { moons, openMoons } from '../src/tasks/moons.js'
import { plane } from '../src/tasks/plane.js'

describe('two moons', () => {
  test('are half circles around each other', () => {
    const [points, labels] = moons(random.key(1), 50, 0)
    const classes = labels.toArray() as number[]
    expect(classes.filter((c) => c === 1)).toHaveLength(25)
    for (const [i, [x, y]] of (points.toArray() as [number, number][]).entries()) {
      const [cx, cy, up] = classes[i] === 0 ? [0, 0, 1] : [1, 0.5, -1]
      expect((x - cx) ** 2 + (y - cy) ** 2).toBeCloseTo(1, 5)
      expect((y - cy) * up).toBeGreaterThanOrEqual(-1e-6)
    }
  })

  test('are within the plane that is shown, almost all of them', async () => {
    const { data } = await openMoons({ width: 4, noise: 0.25 }, 0)
    if (data.task !== 'moons') throw new Error('not the moons')
    const { left, right, top, bottom } = plane
    const inside = Array.from(data.labels, (_, i) => {
      const [x, y] = data.points.subarray(2 * i, 2 * i + 2) as unknown as [number, number]
      return x > left && x < right && y > bottom && y < top
    })
    expect(inside.filter((one) => !one).length).toBeLessThan(data.labels.length / 100)
  })

  test('are learned; the field has the class of each place', async () => {
    const task = await openMoons({ width: 16, noise: 0.1 }, 3)
    rateOf(task.optimizer).value = np.array(0.01)
    const { x, y } = await task.next()
    const losses = Array.from({ length: 300 }, () => Number(trainStep(task.model, task.optimizer, x, y)[0].item()))
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 20)
    expect(await task.test()).toBeGreaterThan(0.97)
    const field = await task.picture()
    if (field.task !== 'moons') throw new Error('not the moons')
    const at = (px: number, py: number): number => {
      const column = Math.round(((px - plane.left) / (plane.right - plane.left)) * (field.width - 1))
      const row = Math.round(((py - plane.top) / (plane.bottom - plane.top)) * (field.height - 1))
      return field.values[row * field.width + column]!
    }
    expect(at(0, 1)).toBeLessThan(0.1)
    expect(at(1, -0.5)).toBeGreaterThan(0.9)
  })

  test('with a rate of zero nothing is learned: the rate counts from step to step', async () => {
    const task = await openMoons({ width: 4, noise: 0.1 }, 0)
    rateOf(task.optimizer).value = np.array(0)
    const { x, y } = await task.next()
    const loss = (): number => Number(trainStep(task.model, task.optimizer, x, y)[0].item())
    const first = loss()
    expect([loss(), loss()]).toEqual([first, first])
    rateOf(task.optimizer).value = np.array(0.1)
    loss()
    expect(loss()).toBeLessThan(first)
  })
})
