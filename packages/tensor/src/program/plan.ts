import type { StoredDType } from '../core/dtype.js'
import { readsInPlace } from '../kernel/in-place.js'
import type { Schedule, Slot, Step } from './schedule.js'

const alignment = 16

interface Placed {
  id: number
  readonly from: number
  readonly to: number
}

/** The inputs of a step that its results may be written over, one each, in order: all are computed before the first is written. */
const overwritable = (step: Step): readonly number[] => {
  if (step.kind !== 'kernel') return []
  const safe = readsInPlace(step.kernel)
  return step.inputs.filter((id, k) => safe[k] === true && step.inputs.every((other, j) => other !== id || safe[j]))
}

/**
 * Gives every temporary an offset in one workspace: the place of an operand that it may be written over and that dies
 * with it, else the lowest gap that fits; a buffer's bytes are free again after its last reader. An output takes the
 * buffer of a donated input that is not read any more.
 */
export const planMemory = (
  schedule: Schedule,
  bytesOf: (dtype: StoredDType) => number,
  donated: ReadonlySet<number> = new Set(),
): Schedule => {
  const last = new Map<number, number>()
  schedule.steps.forEach((step, i) => {
    for (const s of [...step.inputs, ...step.outputs]) last.set(s, i)
  })
  const slots: Slot[] = [...schedule.slots]
  const sizeOf = (slot: Slot): number => Math.ceil((slot.length * bytesOf(slot.dtype)) / alignment) * alignment
  const placed: Placed[] = []
  // An input that is a result itself stays what it is.
  const free = new Set([...donated].filter((id) => !schedule.outputs.includes(id)))
  let total = 0
  schedule.steps.forEach((step, i) => {
    for (let k = placed.length - 1; k >= 0; k--) if (last.get(placed[k]!.id)! < i) placed.splice(k, 1)
    const over = overwritable(step).filter((id) => last.get(id) === i)
    for (const id of step.outputs) {
      const slot = slots[id]!
      if (slot.kind === 'output') {
        const fits = (d: number): boolean => slots[d]!.dtype === slot.dtype && slots[d]!.length === slot.length
        const donor =
          over.find((d) => free.has(d) && fits(d)) ?? [...free].find((d) => fits(d) && (last.get(d) ?? -1) < i)
        if (donor === undefined) continue
        free.delete(donor)
        slots[id] = { ...slot, from: donor }
        continue
      }
      if (slot.kind !== 'temporary') continue
      const size = sizeOf(slot)
      // Elements of another width would be written over others that are still to be read.
      const fitsIn = (p: Placed): boolean =>
        p.to - p.from === size && bytesOf(slots[p.id]!.dtype) === bytesOf(slot.dtype)
      const under = placed.find((p) => over.includes(p.id) && fitsIn(p))
      if (under !== undefined) {
        under.id = id
        slots[id] = { ...slot, offset: under.from }
        continue
      }
      let from = 0
      for (const p of [...placed].sort((a, b) => a.from - b.from)) {
        if (p.from - from >= size) break
        from = Math.max(from, p.to)
      }
      placed.push({ id, from, to: from + size })
      slots[id] = { ...slot, offset: from }
      total = Math.max(total, from + size)
    }
  })
  return { ...schedule, slots, workspaceBytes: total }
}
