import type { StoredDType } from '../../../core/dtype.js'
import type { Schedule } from '../../../program/schedule.js'
import { type Command, usesHost } from './command.js'
import { Linker } from './linker.js'
import { at, type Location } from './location.js'
import type { Fault } from './blocks.js'
import type { Pipelines } from './pipelines.js'
import { prepareSchedule } from './prepare.js'

/** A buffer that each call makes, or takes over from a donated input. */
export interface MadeBuffer {
  readonly dtype: StoredDType
  readonly length: number
  /** The input that it may take over, or -1. */
  readonly donor: number
}

/** A schedule ready to be recorded: plain data and the GPU's own objects. */
export interface GpuProgram {
  readonly commands: readonly Command[]
  readonly inputs: number
  readonly made: readonly MadeBuffer[]
  /** By result: an input's number, or the inputs' count and more for the buffers made. */
  readonly results: readonly number[]
  readonly workspace: number
  readonly arguments: number
  readonly parameters: Int32Array
  readonly constants: Uint32Array
  readonly faults: readonly Fault[]
  /** Whether a part of it runs on the host. */
  readonly usesHost: boolean
}

/** Writes a schedule as commands. */
export const linkProgram = (
  given: Schedule,
  pipelines: Pipelines,
  mostBuffers: number,
  parametric: boolean,
): GpuProgram => {
  const schedule = prepareSchedule(given)
  const { slots, inputs } = schedule
  const linker = new Linker(pipelines, mostBuffers, parametric)
  const places: (Location | undefined)[] = slots.map(() => undefined)
  inputs.forEach((id, k) => (places[id] = at(k)))
  const made: MadeBuffer[] = []
  const number = new Map<number, number>()
  slots.forEach(({ kind, dtype, length, from }, id) => {
    if (kind !== 'output') return
    const donor = from === undefined ? -1 : inputs.indexOf(from)
    const n = inputs.length + made.push({ dtype, length, donor }) - 1
    number.set(id, n)
    places[id] = at(donor < 0 ? n : donor)
  })
  const commands = linker.schedule(schedule, places, 0, { loops: 0, guard: null })
  const results = schedule.outputs.map((id) => {
    const input = inputs.indexOf(id)
    if (input >= 0) return input
    const known = number.get(id)
    if (known !== undefined) return known
    // A constant: every result is a buffer that may be freed.
    const { dtype, length, value } = slots[id]!
    const n = inputs.length + made.push({ dtype, length, donor: -1 }) - 1
    commands.push(...linker.copy(linker.constant(dtype, length, value), at(n), length, { loops: 0, guard: null }))
    return n
  })
  return {
    commands,
    inputs: inputs.length,
    made,
    results,
    workspace: linker.workspace,
    arguments: linker.arguments,
    parameters: linker.parameters,
    constants: linker.constants,
    faults: linker.faults,
    usesHost: usesHost(commands),
  }
}
