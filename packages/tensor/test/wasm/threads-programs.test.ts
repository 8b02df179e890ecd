import { afterAll, beforeAll, expect, test } from 'vitest'
import { counting, type Crew, meeting, openCrew, startCrew, type TestProgram, type Unit, until } from './crew.js'

/** Meets, so that a worker takes part, then adds to one of two words behind. */
const meetingAndCounting =
  (by: number): Unit =>
  (code) => {
    meeting(2)(code)
    counting(by, 64)(code)
  }

let crew: Crew
beforeAll(async () => {
  crew = await startCrew(2)
})
afterAll(() => crew.pool.resize(1))

/** What the units, one in each thread, added. */
const sumsOf = (program: TestProgram, place = crew): readonly number[] => {
  const args = place.allocate(128)
  program.run(args, 2, 1)
  expect(new Set(place.at(args + 4, 2)).size).toBe(2)
  return place.at(args + 64, 2)
}

test('a worker that starts while the program never yields takes part', () => {
  const late = openCrew(2)
  const program = late.compile(counting())
  const args = late.allocate(4 * 64)
  late.pool.start()
  const end = performance.now() + 20_000
  let forks = 0
  for (; !late.pool.joined && performance.now() < end; forks++) program.run(args, 64, 4)
  for (let k = 0; k < 1000; k++, forks++) program.run(args, 64, 4)
  expect(late.at(args, 64)).toEqual(new Array<number>(64).fill(forks))
  expect(sumsOf(late.compile(meetingAndCounting(3)), late)).toEqual([3, 3])
  late.pool.resize(1)
})

test('a worker fetches programs that it does not have, and finds them again', () => {
  const programs = [1, 2, 3].map((by) => crew.compile(meetingAndCounting(by)))
  for (let k = 0; k < 30; k++) {
    const by = 1 + ((k * 7) % 3)
    expect(sumsOf(programs[by - 1]!)).toEqual([by, by])
  }
})

test('a program that takes the place of another in the table is fetched anew', () => {
  for (let by = 1; by <= 20; by++) {
    const program = crew.compile(meetingAndCounting(by), { entry: by % 2 })
    expect(sumsOf(program)).toEqual([by, by])
  }
})

test('more programs than a worker keeps all run in it', () => {
  const programs = Array.from({ length: 140 }, (_, k) => crew.compile(meetingAndCounting(k)))
  for (let round = 0; round < 2; round++) programs.forEach((program, k) => expect(sumsOf(program)).toEqual([k, k]))
})

test('a program that a worker cannot compile runs without it, and the pool says why', async () => {
  const lame = await startCrew(2)
  const program = lame.compile(counting(), { spoilt: true })
  const args = lame.allocate(4 * 64)
  let forks = 0
  await until(() => {
    program.run(args, 64, 1)
    forks++
    return lame.pool.reason !== null
  })
  expect(lame.pool.reason).toMatch(/^a worker could not load a program: CompileError/)
  expect(lame.at(args, 64)).toEqual(new Array<number>(64).fill(forks))
  expect(sumsOf(lame.compile(meetingAndCounting(5)), lame)).toEqual([5, 5])
  lame.pool.resize(1)
})
