import type { Contender } from './contenders.js'
import type { Prepared } from './protocol.js'
import { Runner } from './runner.js'
import { specs, type Workload } from './specs.js'
import { median } from './statistics.js'

/** Milliseconds of one step, of one library on one workload. */
export interface Timing {
  readonly best: number
  readonly median: number
  readonly firstCallMs: number
  /** Whether its first losses are those of the first library. */
  readonly agrees: boolean
}

/** A time, or the reason why there is none. */
export type Cell = Timing | { readonly cannot: string }

/** What a library is, or why it takes no part. */
export interface Participant {
  readonly name: string
  readonly version: string
  /** The most memory its process took, in bytes. */
  readonly peakBytes: number
}

export interface Comparison {
  readonly participants: readonly Participant[]
  readonly absent: readonly { readonly name: string; readonly reason: string }[]
  readonly cells: ReadonlyMap<Workload, ReadonlyMap<string, Cell>>
}

/** Each library's share of a round. */
const roundMs = 200

const reasonOf = (error: unknown): string => (error as Error).message

/** The first losses agree to one in ten thousand. */
export const agree = (losses: readonly number[], reference: readonly number[]): boolean =>
  losses.length === reference.length &&
  losses.every((loss, i) => Math.abs(loss - reference[i]!) <= 1e-4 * Math.abs(reference[i]!))

/** A library's process, started again for the next workload where one has ended it. */
class Seat {
  readonly contender: Contender
  version = ''
  peakBytes = 0
  #runner: Runner | null = null

  constructor(contender: Contender) {
    this.contender = contender
  }

  async runner(): Promise<Runner> {
    if (this.#runner === null || !this.#runner.alive) {
      this.#runner = await Runner.start(this.contender)
      this.version = this.#runner.hello.version
    }
    return this.#runner
  }

  /** Asks what the process took so far; one that has died since has no more to say. */
  async note(): Promise<void> {
    if (this.#runner?.alive !== true) return
    const memory = await this.#runner.ask({ call: 'memory' }).catch(() => null)
    if (memory !== null) this.peakBytes = Math.max(this.peakBytes, memory.peakBytes)
  }

  stop(): void {
    this.#runner?.stop()
  }
}

interface Entry {
  readonly seat: Seat
  readonly runner: Runner
  readonly prepared: Prepared
  readonly bests: number[]
  readonly medians: number[]
}

type Tell = (line: string) => void

/** Sets a workload up on a library; null where that has no program for it. */
const enter = async (seat: Seat, workload: Workload): Promise<Entry | null> => {
  const { params, inputs } = specs[workload]
  const runner = await seat.runner()
  if (!runner.hello.workloads.includes(workload)) return null
  const prepared = await runner.ask({ call: 'prepare', workload, arrays: [...params, ...inputs] })
  return { seat, runner, prepared, bests: [], medians: [] }
}

/** One workload: every library set up, then rounds in which each runs for as long, so that noise meets all alike. */
const compareOne = async (
  seats: readonly Seat[],
  workload: Workload,
  rounds: number,
  tell: Tell,
): Promise<ReadonlyMap<string, Cell>> => {
  const cells = new Map<string, Cell>()
  const entries: Entry[] = []
  for (const seat of seats) {
    tell(`${workload}: ${seat.contender.name} compiles`)
    try {
      const entry = await enter(seat, workload)
      if (entry !== null) entries.push(entry)
    } catch (error) {
      cells.set(seat.contender.name, { cannot: reasonOf(error) })
    }
  }
  for (let round = 0; round <= rounds; round++) {
    tell(round === 0 ? `${workload}: warming up` : `${workload}: round ${round} of ${rounds}`)
    for (const { seat, runner, bests, medians } of entries) {
      if (cells.has(seat.contender.name)) continue
      try {
        const ran = await runner.ask({ call: 'run', milliseconds: roundMs })
        // Steps that fill a round by themselves were warm after the first three.
        if (round === 0 && ran.steps > 1) continue
        bests.push(ran.best)
        medians.push(ran.median)
      } catch (error) {
        cells.set(seat.contender.name, { cannot: reasonOf(error) })
      }
    }
  }
  const reference = entries[0]?.prepared.losses ?? []
  for (const { seat, prepared, bests, medians } of entries) {
    if (cells.has(seat.contender.name)) continue
    const { firstCallMs, losses } = prepared
    const time = { best: Math.min(...bests), median: median(medians) }
    cells.set(seat.contender.name, { ...time, firstCallMs, agrees: agree(losses, reference) })
  }
  for (const seat of seats) await seat.note()
  return cells
}

/** Runs workloads on all libraries that can be started. */
export const compare = async (
  all: readonly Contender[],
  workloads: readonly Workload[],
  rounds: number,
  tell: Tell,
): Promise<Comparison> => {
  const seats: Seat[] = []
  const absent: { name: string; reason: string }[] = []
  try {
    for (const contender of all) {
      tell(`starting ${contender.name}`)
      const seat = new Seat(contender)
      try {
        await seat.runner()
        seats.push(seat)
      } catch (error) {
        absent.push({ name: contender.name, reason: reasonOf(error) })
      }
    }
    const cells = new Map<Workload, ReadonlyMap<string, Cell>>()
    for (const workload of workloads) cells.set(workload, await compareOne(seats, workload, rounds, tell))
    const participants = seats.map(({ contender: { name }, version, peakBytes }) => ({ name, version, peakBytes }))
    return { participants, absent, cells }
  } finally {
    for (const seat of seats) seat.stop()
  }
}
