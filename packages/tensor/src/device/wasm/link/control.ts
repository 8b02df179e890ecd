import type { Routine, Schedule, Slot, Step } from '../../../program/schedule.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import {
  i32Add,
  i32And,
  i32Eq,
  i32Eqz,
  i32GeS,
  i32GtS,
  i32Load,
  i32Load8U,
  i32LtS,
  i32Mul,
  i32Store,
  i32Sub,
} from '../asm/opcodes.js'
import { slotBytes } from './host-step.js'
import type { LinkedSchedule, Linker } from './linker.js'

type RoutineStep = Extract<Step, { kind: 'routine' }>
type Control = Extract<Routine, { name: 'scan' | 'cond' | 'while' }>

/** Pushes an address. */
type Push = () => void

/** Code of a schedule's function that runs schedules inside it. */
class ControlWriter {
  readonly f: FunctionBuilder
  readonly #block: number

  constructor(f: FunctionBuilder, block: number) {
    this.f = f
    this.#block = block
  }

  /** Pushes the address of an operand of the step. */
  operand(k: number): Push {
    return () => void this.f.get(0).memory(i32Load, 4 * (this.#block + k))
  }
  word(word: number): Push {
    return () => void this.f.get(0).memory(i32Load, 4 * word)
  }
  /** Writes an address into words of the frame. */
  point(words: readonly number[], address: Push): void {
    for (const word of words) {
      this.f.get(0)
      address()
      this.f.memory(i32Store, 4 * word)
    }
  }
  copy(to: Push, from: Push, bytes: number): void {
    if (bytes === 0) return
    to()
    from()
    this.f.i32(bytes).memoryCopy()
  }
  local(): Local {
    return this.f.local(i32)
  }
  held(local: Local): Push {
    return () => void this.f.get(local)
  }
}

/** Results go where they are wanted at once, but for those that are operands or another result: they are copied after. */
const callInner = (
  w: ControlWriter,
  schedule: Schedule,
  linked: LinkedSchedule,
  targets: readonly (Push | null)[],
): void => {
  const pointed = new Set<number>()
  const after: { readonly to: Push; readonly slot: number }[] = []
  schedule.outputs.forEach((slot, p) => {
    const to = targets[p]
    if (to === null || to === undefined) return
    if (schedule.slots[slot]!.kind === 'output' && !pointed.has(slot)) {
      pointed.add(slot)
      w.point(linked.places[slot]!, to)
    } else after.push({ to, slot })
  })
  w.f.get(0).call(linked.run)
  for (const { to, slot } of after) w.copy(to, w.word(linked.places[slot]![0]!), slotBytes(schedule.slots[slot]!))
}

/** A loop's carried values: each iteration reads one buffer and writes another. */
interface Carried {
  /** The operand's address at first, then that of the last result. */
  readonly from: Local
  readonly to: Local
  /** Words with the addresses of two buffers that take turns. */
  readonly buffers: readonly [number, number]
  readonly bytes: number
}

/** Gives each carried value two buffers of the workspace from `base` on; returns them and where they end. */
const carriedBuffers = (
  linker: Linker,
  w: ControlWriter,
  slots: readonly Slot[],
  base: number,
): { readonly carried: readonly Carried[]; readonly end: number } => {
  let at = base
  const buffer = (bytes: number): number => {
    const word = linker.frame.reserve(1)
    linker.frame.temporary(word, at, bytes)
    at += Math.ceil(bytes / 64) * 64
    return word
  }
  const carried = slots.map((slot) => {
    const bytes = slotBytes(slot)
    return { from: w.local(), to: w.local(), buffers: [buffer(bytes), buffer(bytes)] as const, bytes }
  })
  return { carried, end: at }
}

const linkScan = (
  linker: Linker,
  w: ControlWriter,
  schedule: Schedule,
  step: RoutineStep,
  r: Extract<Control, { name: 'scan' }>,
  above: number,
): number => {
  const { f } = w
  const { body } = r
  const fixed = r.constants + r.carry
  const outer = (k: number): Slot => schedule.slots[[...step.inputs, ...step.outputs][k]!]!
  const results = step.inputs.length
  const { carried, end } = carriedBuffers(
    linker,
    w,
    step.outputs.slice(0, r.carry).map((id) => schedule.slots[id]!),
    above,
  )
  const inner = linker.schedule(body, end)
  if (r.length === 0) {
    carried.forEach((c, k) => w.copy(w.operand(results + k), w.operand(r.constants + k), c.bytes))
    return inner.end
  }
  const place = (k: number): readonly number[] => inner.places[body.inputs[k]!]!
  for (let k = 0; k < r.constants; k++) w.point(place(k), w.operand(k))
  carried.forEach((c, k) => {
    w.operand(r.constants + k)()
    f.set(c.from)
  })
  const n = w.local()
  const row = w.local()
  f.i32(0).set(n)
  f.loop(() => {
    if (r.reverse)
      f.i32(r.length - 1)
        .get(n)
        .op(i32Sub)
        .set(row)
    else f.get(n).set(row)
    carried.forEach((c, k) => {
      // The last iteration writes where the result is wanted; before it two buffers take turns.
      f.get(n)
        .i32(r.length - 1)
        .op(i32Eq)
      f.if(
        w.operand(results + k),
        () => {
          w.word(c.buffers[0])()
          w.word(c.buffers[1])()
          f.get(n).i32(1).op(i32And).select()
        },
        i32,
      )
      f.set(c.to)
      w.point(place(r.constants + k), w.held(c.from))
    })
    const rowOf = (k: number): Push => {
      const bytes = slotBytes(outer(k)) / r.length
      return () => {
        w.operand(k)()
        f.get(row).i32(bytes).op(i32Mul).op(i32Add)
      }
    }
    for (let k = fixed; k < step.inputs.length; k++) w.point(place(k), rowOf(k))
    callInner(w, body, inner, [
      ...carried.map((c) => w.held(c.to)),
      ...step.outputs.slice(r.carry).map((_, k) => rowOf(results + r.carry + k)),
    ])
    for (const c of carried) f.get(c.to).set(c.from)
    f.increment(n, 1).get(n).i32(r.length).op(i32LtS).branchIf(0)
  })
  return inner.end
}

const linkWhile = (
  linker: Linker,
  w: ControlWriter,
  schedule: Schedule,
  step: RoutineStep,
  r: Extract<Control, { name: 'while' }>,
  above: number,
): number => {
  const { f } = w
  const fixed = r.testConstants + r.bodyConstants
  const results = step.inputs.length
  const { carried, end } = carriedBuffers(
    linker,
    w,
    step.outputs.map((id) => schedule.slots[id]!),
    above,
  )
  const answer = linker.frame.reserve(1)
  linker.frame.temporary(answer, end, 64)
  // What the test leaves in the workspace is not needed once it has answered.
  const test = linker.schedule(r.test, end + 64)
  const body = linker.schedule(r.body, end + 64)
  const testPlace = (k: number): readonly number[] => test.places[r.test.inputs[k]!]!
  const bodyPlace = (k: number): readonly number[] => body.places[r.body.inputs[k]!]!
  for (let k = 0; k < r.testConstants; k++) w.point(testPlace(k), w.operand(k))
  for (let k = 0; k < r.bodyConstants; k++) w.point(bodyPlace(k), w.operand(r.testConstants + k))
  const odd = w.local()
  f.i32(0).set(odd)
  carried.forEach((c, k) => {
    w.operand(fixed + k)()
    f.set(c.from)
  })
  f.block(() => {
    f.loop(() => {
      carried.forEach((c, k) => w.point(testPlace(r.testConstants + k), w.held(c.from)))
      callInner(w, r.test, test, [w.word(answer)])
      w.word(answer)()
      f.memory(i32Load8U).op(i32Eqz).branchIf(1)
      carried.forEach((c, k) => {
        w.word(c.buffers[0])()
        w.word(c.buffers[1])()
        f.get(odd).select().set(c.to)
        w.point(bodyPlace(r.bodyConstants + k), w.held(c.from))
      })
      callInner(
        w,
        r.body,
        body,
        carried.map((c) => w.held(c.to)),
      )
      for (const c of carried) f.get(c.to).set(c.from)
      f.get(odd).op(i32Eqz).set(odd).branch(0)
    })
  })
  carried.forEach((c, k) => w.copy(w.operand(results + k), w.held(c.from), c.bytes))
  return Math.max(test.end, body.end)
}

const linkCond = (
  linker: Linker,
  w: ControlWriter,
  schedule: Schedule,
  step: RoutineStep,
  r: Extract<Control, { name: 'cond' }>,
  above: number,
): number => {
  const { f } = w
  const index = w.local()
  const last = r.branches.length - 1
  w.operand(0)()
  f.memory(schedule.slots[step.inputs[0]!]!.dtype === 'bool' ? i32Load8U : i32Load).set(index)
  // Beyond the branches the nearest one runs.
  f.get(index).i32(0).get(index).i32(0).op(i32GtS).select().set(index)
  f.get(index).i32(last).get(index).i32(last).op(i32LtS).select().set(index)
  let end = above
  r.branches.forEach((branch, b) => {
    const inner = linker.schedule(branch, above)
    end = Math.max(end, inner.end)
    f.get(index)
      .i32(b)
      .op(b === last ? i32GeS : i32Eq)
    f.if(() => {
      branch.inputs.forEach((slot, k) => w.point(inner.places[slot]!, w.operand(k + 1)))
      callInner(
        w,
        branch,
        inner,
        step.outputs.map((_, k) => w.operand(step.inputs.length + k)),
      )
    })
  })
  return end
}

/** Writes a loop or a branch and returns where the workspace that it uses ends. */
export const linkControl = (
  linker: Linker,
  f: FunctionBuilder,
  schedule: Schedule,
  step: RoutineStep,
  routine: Control,
  block: number,
  above: number,
): number => {
  const w = new ControlWriter(f, block)
  switch (routine.name) {
    case 'scan':
      return linkScan(linker, w, schedule, step, routine, above)
    case 'while':
      return linkWhile(linker, w, schedule, step, routine, above)
    case 'cond':
      return linkCond(linker, w, schedule, step, routine, above)
  }
}
