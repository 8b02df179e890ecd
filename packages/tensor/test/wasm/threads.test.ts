import { fc, test } from '@fast-check/vitest'
import { afterAll, describe, expect } from 'vitest'
import { DeviceError } from '../../src/core/errors.js'
import { control } from '../../src/device/wasm/threads/control-block.js'
import { counting, type Crew, failing, meeting, nested, openCrew, slow, startCrew, until } from './crew.js'

const filled = (count: number, value: number): readonly number[] => new Array<number>(count).fill(value)

/** Crews are kept for all tests here: workers take a while to start. */
const crews = new Map<number, Promise<Crew>>()
const crewOf = (threads: number): Promise<Crew> => {
  const crew = crews.get(threads) ?? startCrew(threads)
  crews.set(threads, crew)
  return crew
}
afterAll(async () => {
  for (const crew of crews.values()) (await crew).pool.resize(1)
})

describe('a fork', () => {
  test('runs on one thread while no worker is there', () => {
    const crew = openCrew(4)
    const args = crew.allocate(400)
    crew.compile(counting()).run(args, 100, 7)
    expect(crew.at(args, 101)).toEqual([...filled(100, 1), 0])
    expect(crew.at(control.busy, 1)).toEqual([0])
  })

  test('shares its units among threads that have memory of their own', async () => {
    for (const threads of [2, 3]) {
      const crew = await crewOf(threads)
      const args = crew.allocate(64)
      crew.compile(meeting(threads)).run(args, threads, 1)
      expect(new Set(crew.at(args + 4, threads)).size).toBe(threads)
    }
  })

  test.prop([fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 200 })])(
    'runs every unit once, for any count of threads, any units and any grain',
    async (threads, units, grain) => {
      const crew = await crewOf(threads)
      const args = crew.allocate(4 * units + 4)
      crew.compile(slow(63), { entry: 0 }).run(args, units, grain, 5)
      expect(crew.at(args, units + 1)).toEqual([...filled(units, 5), 0])
    },
  )

  test('runs every unit once in a hundred thousand forks', async () => {
    const programs = [counting(), slow(15), slow(255, true)]
    for (const threads of [1, 2, 3, 4]) {
      const crew = await crewOf(threads)
      const args = crew.allocate(4 * 64)
      const compiled = programs.map((unit) => crew.compile(unit))
      for (let k = 0; k < 250; k++) {
        const units = 2 + ((k * 37) % 63)
        const grain = 1 + ((k * 11) % (units >> 1 || 1))
        const before = crew.at(args, 64)
        compiled[k % 3]!.run(args, units, grain, 100)
        expect(crew.at(args, 64)).toEqual(before.map((count, unit) => (unit < units ? count + 100 : count)))
      }
    }
  })

  test('wakes workers that sleep', async () => {
    const crew = await crewOf(2)
    const program = crew.compile(meeting(2))
    for (let k = 0; k < 5; k++) {
      await until(() => crew.at(control.parked, 1)[0] === 1)
      const args = crew.allocate(64)
      program.run(args, 2, 1)
      expect(crew.at(args, 1)).toEqual([2])
    }
  })

  test('reaches memory that has grown since workers started', async () => {
    const crew = await startCrew(2)
    const program = crew.compile(meeting(2))
    for (let k = 0; k < 20; k++) {
      const args = crew.memory.grow(50) << 16
      program.run(args, 2, 1)
      expect(new Set(crew.at(args + 4, 2)).size).toBe(2)
    }
    crew.pool.resize(1)
  })

  test('within a chunk runs its units itself', async () => {
    const crew = await crewOf(2)
    const args = crew.allocate(4 * 65)
    crew.compile(nested).run(args, 16, 1, 50)
    expect(crew.at(args, 65)).toEqual([...filled(64, 50), 0])
  })

  test('sleeps where it has to wait long', async () => {
    const crew = await crewOf(2)
    const args = crew.allocate(64)
    crew.set(control.forkSpins, 1)
    crew.compile(slow(0xfffff, true)).run(args, 8, 1, 5)
    expect(crew.at(args, 9)).toEqual([...filled(8, 5), 0])
  })
})

describe('an error in a chunk', () => {
  test('of the forking thread comes out as it is, once workers have finished theirs', async () => {
    const crew = await crewOf(2)
    const args = crew.allocate(64)
    expect(() => crew.compile(failing('main')).run(args, 2, 1)).toThrow(WebAssembly.RuntimeError)
    expect(crew.at(control.busy, 1)).toEqual([0])
  })

  test('of a worker is a DeviceError that says what happened', async () => {
    const crew = await crewOf(2)
    const run = (): void => crew.compile(failing('worker')).run(crew.allocate(64), 2, 1)
    expect(run).toThrow(DeviceError)
    expect(run).toThrow('wasm: a step failed in a worker: RuntimeError: unreachable')
  })

  test('leaves nothing behind that later forks could meet', async () => {
    for (const where of ['main', 'worker'] as const) {
      const crew = await crewOf(2)
      expect(() => crew.compile(failing(where)).run(crew.allocate(400), 40, 1)).toThrow()
      const args = crew.allocate(400)
      crew.compile(counting()).run(args, 100, 3, 100)
      expect(crew.at(args, 101)).toEqual([...filled(100, 100), 0])
      const place = crew.allocate(64)
      crew.compile(meeting(2)).run(place, 2, 1)
      expect(crew.at(place, 1)).toEqual([2])
    }
  })
})
