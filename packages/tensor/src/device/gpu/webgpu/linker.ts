import type { Schedule, Step } from '../../../program/schedule.js'
import type { StoredDType } from '../../../core/dtype.js'
import { filledHost } from '../../../core/host.js'
import { compileRoutine } from '../../js/routines.js'
import type { Fault } from './blocks.js'
import type { Command, DispatchCommand } from './command.js'
import { copyGroups, copyShader } from './copy.js'
import { linkControl } from './control.js'
import { wordsOf } from './host-words.js'
import { at, type BufferName, type Location } from './location.js'
import type { Pipelines } from './pipelines.js'
import type { Dispatch, Shader } from './shader.js'
import { stepCode } from './steps.js'

/** A part of a program that runs only where a word is not 0: its dispatches find their number of groups on the device. */
export interface Guard {
  readonly flag: Location
  /** Of each dispatch: the branch that it belongs to, its groups, and the word of `arguments` to write them to. */
  readonly entries: { readonly branch: number; readonly x: number; readonly y: number; readonly to: number }[]
  /** The branch that is being written. */
  readonly branch: number
}

/** What surrounds the commands that are being written. */
export interface Surroundings {
  /** Loops around. */
  readonly loops: number
  readonly guard: Guard | null
}

const roundUp = (words: number, to: number): number => Math.ceil(words / to) * to
/** Offsets of uniform bindings. */
const blockBytes = 256
const largestRow = 65535

/** Writes schedules as commands and lays out what they need. */
export class Linker {
  readonly parametric: boolean
  readonly #pipelines: Pipelines
  readonly #mostBuffers: number
  readonly #blocks: Int32Array[] = []
  readonly #constants: number[] = []
  readonly #faults = new Set<Fault>()
  #blockWords = 0
  #workspace = 0
  #arguments = 0

  constructor(pipelines: Pipelines, mostBuffers: number, parametric: boolean) {
    this.#pipelines = pipelines
    this.#mostBuffers = mostBuffers
    this.parametric = parametric
  }

  /** Words of the workspace, and of the arguments of indirect dispatches. */
  get workspace(): number {
    return this.#workspace
  }
  get arguments(): number {
    return this.#arguments
  }
  get constants(): Uint32Array {
    return Uint32Array.from(this.#constants)
  }
  /** The numbers of all dispatches, as binding 0 sees them. */
  get parameters(): Int32Array {
    const all = new Int32Array(this.#blockWords)
    let to = 0
    for (const block of this.#blocks) {
      all.set(block, to)
      to += block.length
    }
    return all
  }

  /** A place in the workspace; `base` is where free words begin. Returns it and where free words begin then. */
  reserve(base: number, words: number): readonly [Location, number] {
    const end = base + roundUp(words, 4)
    this.#workspace = Math.max(this.#workspace, end)
    return [at('workspace', base), end]
  }

  /** What may still go wrong with the shaders. */
  get faults(): readonly Fault[] {
    return [...this.#faults]
  }

  /** Words that do not change. */
  table(words: ArrayLike<number>): Location {
    const offset = this.#constants.length
    for (let i = 0; i < words.length; i++) this.#constants.push(words[i]!)
    while (this.#constants.length % 4 !== 0) this.#constants.push(0)
    return at('constants', offset)
  }
  constant(dtype: StoredDType, length: number, value: number): Location {
    return this.table(wordsOf(filledHost(dtype, length, value), dtype))
  }

  /** Words of the arguments of an indirect dispatch. */
  argument(): number {
    const to = this.#arguments
    this.#arguments += 3
    return to
  }

  /**
   * The commands of a schedule. `places` has the locations of its inputs and outputs; temporaries are placed in the
   * workspace from `base` on.
   */
  schedule(
    schedule: Schedule,
    places: readonly (Location | undefined)[],
    base: number,
    around: Surroundings,
  ): Command[] {
    const located = schedule.slots.map((slot, id): Location | undefined => {
      if (places[id] !== undefined) return places[id]
      if (slot.kind === 'constant') return this.constant(slot.dtype, slot.length, slot.value)
      return slot.kind === 'temporary' ? at('workspace', base + slot.offset / 4) : undefined
    })
    const above = base + roundUp(schedule.workspaceBytes / 4, 4)
    this.#workspace = Math.max(this.#workspace, above)
    return schedule.steps.flatMap((step) => this.#step(step, schedule, located, above, around))
  }

  #step(
    step: Step,
    { slots }: Schedule,
    located: readonly (Location | undefined)[],
    base: number,
    around: Surroundings,
  ): readonly Command[] {
    const operands = [...step.inputs, ...step.outputs].map((id) => located[id]!)
    if (step.kind === 'routine') {
      const { routine } = step
      const types = [...step.inputs, ...step.outputs].map((id) => slots[id]!)
      const count = step.inputs.length
      const dtypes = types.map(({ dtype }) => dtype)
      const values = operands.map((place, k) => ({ place, dtype: dtypes[k]!, length: types[k]!.length }))
      switch (routine.name) {
        case 'scan':
        case 'cond':
        case 'while':
          return linkControl(this, routine, count, operands, types, base, around)
        case 'callback':
          return [
            {
              kind: 'callback',
              call: routine.call,
              avals: routine.avals,
              values,
              flag: around.guard?.flag ?? null,
            },
          ]
        case 'routine':
          return [
            {
              kind: 'host',
              run: compileRoutine(routine, { inputs: dtypes.slice(0, count), outputs: dtypes.slice(count) }, () => {
                throw new Error('gpu: a routine of the host runs no schedule')
              }),
              inputs: values.slice(0, count),
              outputs: values.slice(count),
              flag: around.guard?.flag ?? null,
            },
          ]
      }
    }
    const code = stepCode(step, slots, this.parametric)
    let free = base
    for (const words of code.temporaries) {
      const [place, end] = this.reserve(free, words)
      operands.push(place)
      free = end
    }
    const lengths = [...[...step.inputs, ...step.outputs].map((id) => slots[id]!.length), ...code.temporaries]
    return code.dispatches.flatMap((d) => this.#dispatches(d, operands, lengths, free, around))
  }

  copy(from: Location, to: Location, words: number, around: Surroundings): readonly Command[] {
    if (words === 0) return []
    return [this.dispatch(copyShader, [from, to], [words], copyGroups(words), around)]
  }

  /** A dispatch, after copies of what cannot be bound as it is and before copies back. */
  #dispatches(
    { shader, operands, params, groups }: Dispatch,
    all: readonly Location[],
    lengths: readonly number[],
    base: number,
    around: Surroundings,
  ): readonly Command[] {
    if (groups === 0) return []
    const located = operands.map((k) => all[k]!)
    const before: Command[] = []
    const after: Command[] = []
    let free = base
    const replace = (buffers: (l: Location) => boolean): void => {
      const moved = new Map<string, Location>()
      located.forEach((l, k) => {
        if (!buffers(l)) return
        const key = `${l.buffer} ${l.offset} ${l.steps.join()}`
        const words = lengths[operands[k]!]!
        let place = moved.get(key)
        if (place === undefined) {
          const [made, end] = this.reserve(free, words)
          free = end
          place = made
          moved.set(key, made)
          before.push(...this.copy(l, made, words, around))
          if (located.some((other, j) => shader.operands[j] === 'write' && sameLocation(other, l)))
            after.push(...this.copy(made, l, words, around))
        }
        located[k] = place
      })
    }
    if (shader.width === 4) replace((l) => l.offset % 4 !== 0 || l.steps.some((s) => s % 4 !== 0))
    const external = [...new Set(located.map((l) => l.buffer))].filter((b) => b !== 'workspace')
    if (external.length >= this.#mostBuffers) {
      const kept = new Set(external.slice(0, this.#mostBuffers - 1))
      replace((l) => l.buffer !== 'workspace' && !kept.has(l.buffer))
    }
    return [...before, this.dispatch(shader, located, params, groups, around), ...after]
  }

  dispatch(
    shader: Shader,
    located: readonly Location[],
    params: readonly number[],
    groups: number,
    { loops, guard }: Surroundings,
    direct = false,
  ): DispatchCommand {
    const buffers: BufferName[] = [...new Set(located.map((l) => l.buffer))]
    const places = located.map((l) => buffers.indexOf(l.buffer))
    const bindings = buffers.map((_, b) => ({
      access: places.some((p, k) => p === b && shader.operands[k] === 'write') ? ('write' as const) : ('read' as const),
    }))
    const pipeline = this.#pipelines.get(shader, bindings, places, loops)
    this.#faults.add(pipeline.fault)
    const block = new Int32Array(roundUp(Math.max(4, pipeline.words), blockBytes / 4))
    located.forEach((l, k) => {
      block[k] = l.offset
      for (let d = 0; d < loops; d++) block[(d + 1) * located.length + k] = l.steps[d] ?? 0
    })
    block.set(params, (loops + 1) * located.length)
    const parameters = this.#blockWords * 4
    this.#blocks.push(block)
    this.#blockWords += block.length
    const y = Math.max(1, Math.ceil(groups / largestRow))
    const x = Math.ceil(groups / y)
    let indirect = -1
    if (guard !== null && !direct) {
      indirect = this.argument()
      guard.entries.push({ branch: guard.branch, x, y, to: indirect })
    }
    return { kind: 'dispatch', pipeline, buffers, parameters, groups: [x, y], indirect, loops, bound: new Map() }
  }
}

const sameLocation = (a: Location, b: Location): boolean =>
  a.buffer === b.buffer && a.offset === b.offset && a.steps.join() === b.steps.join()
