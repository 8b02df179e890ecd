import type { StoredDType } from '../../../core/dtype.js'
import { DeviceError } from '../../../core/errors.js'
import { filledHost } from '../../../core/host.js'
import type { Schedule } from '../../../program/schedule.js'
import type { Elements } from './buffers.js'
import { compileControl } from './control.js'
import type { Painter, Program } from './draw.js'
import type { Engine, RunSchedule } from './engine.js'
import { flatten, type FlatSchedule, type FlatStep } from './flatten.js'
import { formOf, kernelSource, refuseFloat64 } from './source.js'
import { putPart } from './transfer.js'

/** A schedule as a function of its buffers. Programs are made when they are needed first. */
export const compileSchedule = (engine: Engine, schedule: Schedule): RunSchedule => {
  const flat = flatten(schedule)
  for (const { dtype } of flat.slots) refuseFloat64('gpu', dtype)
  const { store } = engine
  const steps = flat.steps.map((step) => compileStep(engine, flat, step))
  const dying = lastUses(flat)
  const constants = flat.slots.flatMap((slot, id) => {
    if (slot.kind !== 'constant') return []
    const host = filledHost(slot.dtype, slot.length, slot.value)
    return [{ id, host, dtype: slot.dtype, elements: null as Elements | null }]
  })
  const empty = unwritten(flat)
  return (inputs) => {
    const slots: Elements[] = []
    for (const id of empty) slots[id] = store.take(flat.slots[id]!.dtype, 0)
    flat.inputs.forEach((id, k) => (slots[id] = inputs[k]!))
    for (const c of constants) slots[c.id] = c.elements ??= store.upload(c.host, c.dtype)
    const made = new Set(empty.map((id) => slots[id]!))
    try {
      steps.forEach((run, i) => {
        run(slots)
        for (const id of flat.steps[i]!.outputs) made.add(slots[id]!)
        for (const id of dying[i]!) {
          store.free(slots[id]!)
          made.delete(slots[id]!)
        }
      })
      for (const id of empty) if (!flat.outputs.includes(id)) store.free(slots[id]!)
      return resultsOf(engine, flat, slots)
    } catch (error) {
      made.forEach((elements) => store.free(elements))
      throw error
    }
  }
}

/** Slots of no elements: the steps that would write them were left out. */
const unwritten = (flat: FlatSchedule): readonly number[] => {
  const written = new Set(flat.steps.flatMap((step) => step.outputs))
  return flat.slots.flatMap(({ kind }, id) => (kind === 'made' && !written.has(id) ? [id] : []))
}

/** A constant that is a result is given away as a copy. */
const resultsOf = ({ store }: Engine, flat: FlatSchedule, slots: readonly Elements[]): readonly Elements[] => {
  const copies = new Map<number, Elements>()
  return flat.outputs.map((id) => {
    const { kind, dtype, length, value } = flat.slots[id]!
    if (kind !== 'constant') return slots[id]!
    const copy = copies.get(id) ?? store.upload(filledHost(dtype, length, value), dtype)
    copies.set(id, copy)
    return copy
  })
}

/** Per step, the slots that nothing needs after it. */
const lastUses = (flat: FlatSchedule): readonly (readonly number[])[] => {
  const last = new Map<number, number>()
  const written = new Set(flat.steps.flatMap((step) => step.outputs))
  flat.steps.forEach((step, i) => {
    for (const id of [...step.inputs, ...step.outputs]) last.set(id, i)
  })
  const dying: number[][] = flat.steps.map(() => [])
  for (const [id, i] of last)
    if (flat.slots[id]!.kind === 'made' && written.has(id) && !flat.outputs.includes(id)) dying[i]!.push(id)
  return dying
}

/** Fills the slots that a step writes. */
type RunStep = (slots: Elements[]) => void

const compileStep = (engine: Engine, flat: FlatSchedule, step: FlatStep): RunStep => {
  const { store, painter } = engine
  const take = (id: number): Elements => store.take(flat.slots[id]!.dtype, flat.slots[id]!.length)
  if (step.kind === 'control') {
    const types = step.outputs.map((id) => flat.slots[id]!)
    const run = compileControl(engine, (inner) => compileSchedule(engine, inner), step.routine, types)
    return (slots) => {
      const results = run(step.inputs.map((id) => slots[id]!))
      step.outputs.forEach((id, k) => (slots[id] = results[k]!))
    }
  }
  if (step.kind === 'pack') {
    return (slots) => {
      const whole = take(step.outputs[0]!)
      slots[step.outputs[0]!] = whole
      let offset = 0
      for (const id of step.inputs) {
        putPart(painter, slots[id]!, whole, offset)
        offset += slots[id]!.length
      }
    }
  }
  const draws = step.outputs.map((id, k) => compileOutput(painter, step, k, flat.slots[id]!.dtype))
  return (slots) => {
    step.outputs.forEach((id, k) => {
      const result = (slots[id] = take(id))
      if (result.length > 0) draws[k]!(slots, result)
    })
  }
}

/** A result of a kernel: the program is made when it is needed first. */
const compileOutput = (
  painter: Painter,
  { kernel, inputs }: Extract<FlatStep, { kind: 'kernel' }>,
  output: number,
  dtype: StoredDType,
): ((slots: readonly Elements[], result: Elements) => void) => {
  const source = kernelSource(kernel, output, inputs)
  if (source.output !== formOf(dtype)) throw new DeviceError(`gpu: a kernel gives another dtype than ${dtype}`)
  const reads = source.reads.map((k) => inputs[k]!)
  let program: Program | null = null
  return (slots, result) => {
    program ??= painter.program({ ...source, params: [] })
    painter.draw(
      program,
      reads.map((id) => slots[id]!),
      [],
      result.texels,
      result.length,
    )
  }
}
