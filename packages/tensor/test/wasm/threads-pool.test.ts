import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DeviceError } from '../../src/core/errors.js'
import { control } from '../../src/device/wasm/threads/control-block.js'
import { defaultThreads, maySleep, threadObstacle } from '../../src/device/wasm/threads/support.js'
import { workerScript, workerVersion } from '../../src/device/wasm/threads/worker-script.js'
import { counting, type Crew, endless, meeting, openCrew, startCrew, until } from './crew.js'

/** Whether two threads work on a fork. */
const isShared = (crew: Crew): boolean => {
  const args = crew.allocate(64)
  crew.compile(meeting(2)).run(args, 2, 1)
  return new Set(crew.at(args + 4, 2)).size === 2
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linum-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a pool', () => {
  test('starts again with another number of threads', async () => {
    const crew = await startCrew(2)
    expect(isShared(crew)).toBe(true)
    crew.pool.resize(1)
    expect([crew.pool.size, crew.pool.reason, crew.pool.joined]).toEqual([1, 'one thread was asked for', false])
    const args = crew.allocate(400)
    crew.compile(counting()).run(args, 100, 1)
    expect(crew.at(args, 100)).toEqual(new Array<number>(100).fill(1))
    crew.pool.resize(3)
    expect([crew.pool.size, crew.pool.reason]).toEqual([3, null])
    crew.pool.start()
    await until(() => crew.pool.joined)
    expect(isShared(crew)).toBe(true)
    crew.pool.resize(1)
  })

  test('takes a sensible number of threads only', () => {
    const { pool } = openCrew(1)
    for (const size of [0, -1, 1.5, 1e6, NaN]) expect(() => pool.resize(size)).toThrow(RangeError)
    expect(() => pool.resize(0)).toThrow('setThreads: the number of threads must be an integer from 1 to 256, got 0')
  })

  test('runs a script that is kept as a file', async () => {
    const file = join(folder, 'worker.cjs')
    await writeFile(file, workerScript)
    const crew = openCrew(1)
    crew.pool.resize(2, { url: pathToFileURL(file) })
    crew.pool.start()
    await until(() => crew.pool.joined)
    expect(isShared(crew)).toBe(true)
    crew.pool.resize(1)
  })

  test('goes on alone where workers do not start, and says why', async () => {
    for (const [name, script, reason] of [
      ['missing', null, /^a worker ended: Cannot find module/],
      [
        'stale',
        workerScript.replace(workerVersion, 'other'),
        /^a worker ended: the script of the worker belongs to another version/,
      ],
      ['broken', 'throw new Error("no luck")', /^a worker ended: no luck/],
      ['leaving', '', /^a worker ended: it was terminated/],
    ] as const) {
      const file = join(folder, `${name}.cjs`)
      if (script !== null) await writeFile(file, script)
      const crew = openCrew(1)
      crew.pool.resize(3, { url: pathToFileURL(file).href })
      crew.pool.start()
      await until(() => crew.pool.size === 1)
      expect(crew.pool.reason).toMatch(reason)
      const args = crew.allocate(64)
      crew.compile(counting()).run(args, 16, 1)
      expect(crew.at(args, 16)).toEqual(new Array<number>(16).fill(1))
    }
  })

  test('goes on alone where the engine refuses workers', () => {
    const crew = openCrew(2)
    crew.pool.resize(2, { url: 'no address' })
    crew.pool.start()
    expect([crew.pool.size, crew.pool.reason]).toEqual([1, 'a worker could not be started: Invalid URL'])
  })

  test('gives up a worker that is lost with a chunk in its hands, and can start anew', async () => {
    const crew = await startCrew(2)
    crew.set(control.patience, 10)
    const run = (): void => crew.compile(endless).run(crew.allocate(64), 2, 1)
    expect(run).toThrow(DeviceError)
    expect([crew.pool.size, crew.pool.reason]).toEqual([
      1,
      'a worker was lost in the middle of a step; what the step wrote is lost, and there is one thread until setThreads(n)',
    ])
    const args = crew.allocate(400)
    crew.compile(counting()).run(args, 100, 1)
    expect(crew.at(args, 100)).toEqual(new Array<number>(100).fill(1))
    crew.pool.resize(2)
    await until(() => {
      crew.pool.start()
      return crew.pool.joined
    })
    expect(isShared(crew)).toBe(true)
    crew.pool.resize(1)
  })
})

describe('what the platform has', () => {
  test('is threads in Node', () => {
    expect(threadObstacle()).toBeNull()
    expect(maySleep()).toBe(true)
    expect(defaultThreads()).toBeGreaterThanOrEqual(1)
    expect(defaultThreads()).toBeLessThanOrEqual(16)
  })

  test('is named where threads cannot share memory', () => {
    const obstacleWith = (globals: Readonly<Record<string, unknown>>): string | null => {
      for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
      try {
        return threadObstacle()
      } finally {
        vi.unstubAllGlobals()
      }
    }
    expect(obstacleWith({ process: undefined, crossOriginIsolated: false })).toMatch(
      /^the page is not cross-origin isolated/,
    )
    expect(obstacleWith({ SharedArrayBuffer: undefined })).toBe('there is no SharedArrayBuffer here')
    expect(obstacleWith({ process: undefined, Worker: undefined })).toBe('there are no workers here')
    expect(obstacleWith({ process: undefined, Worker: class {}, crossOriginIsolated: true })).toBeNull()
  })
})
