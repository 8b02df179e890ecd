import { createInterface } from 'node:readline'
import { type ArraySpec, drawArrays } from './data.js'
import type { Answers, Request } from './protocol.js'
import type { Workload } from './specs.js'
import { median } from './statistics.js'

/** Runs one step and gives its loss, read. */
export type Step = () => number

/** Sets a workload up on its arrays. */
export type Prepare = (arrays: ReadonlyMap<string, Float32Array | Int32Array>) => Step

/** What a library can do: loaded only when asked for, so that a start does not pay for the others. */
export interface Library {
  readonly version: string
  readonly workloads: Readonly<Partial<Record<Workload, () => Prepare | Promise<Prepare>>>>
}

const stepOf = async (library: Library, workload: Workload, arrays: readonly ArraySpec[]): Promise<Step> => {
  const load = library.workloads[workload]
  if (load === undefined) throw new Error(`there is no program for ${workload}`)
  return (await load())(drawArrays(arrays))
}

const prepare = (step: Step): Answers['prepare'] => {
  const from = performance.now()
  const first = step()
  return { firstCallMs: performance.now() - from, losses: [first, step(), step()] }
}

/** Steps until the time is up, each timed. */
export const run = (step: Step, milliseconds: number): Answers['run'] => {
  const times: number[] = []
  const end = performance.now() + milliseconds
  let from = performance.now()
  do {
    step()
    const now = performance.now()
    times.push(now - from)
    from = now
  } while (from < end)
  return { steps: times.length, best: times.reduce((a, b) => Math.min(a, b)), median: median(times) }
}

const noStep: Step = () => {
  throw new Error('run: nothing is prepared')
}

/** Answers requests until standard input ends. */
export const serve = async (library: Library): Promise<void> => {
  const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`)
  // Standard output is for answers alone.
  console.log = console.error
  let step = noStep
  const answer = async (request: Request): Promise<Answers[keyof Answers]> => {
    switch (request.call) {
      case 'prepare':
        step = noStep
        step = await stepOf(library, request.workload, request.arrays)
        return prepare(step)
      case 'run':
        return run(step, request.milliseconds)
      case 'memory':
        return { peakBytes: process.resourceUsage().maxRSS * 1024 }
    }
  }
  say({ version: library.version, workloads: Object.keys(library.workloads) })
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await answer(JSON.parse(line) as Request))
    } catch (error) {
      say({ error: (error as Error).message.split('\n')[0]! })
    }
  }
}
