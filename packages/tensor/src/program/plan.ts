import type { StoredDType } from '../core/dtype.js'
import type { Schedule, Slot } from './schedule.js'

const alignment = 16

/**
 * Gives every temporary an offset in one workspace. A buffer's bytes are free again after its last reader, and the
 * lowest gap that fits is taken first.
 */
export const planMemory = (schedule: Schedule, bytesOf: (dtype: StoredDType) => number): Schedule => {
  const last = new Map<number, number>()
  schedule.steps.forEach((step, i) => {
    for (const s of [...step.inputs, ...step.outputs]) last.set(s, i)
  })
  const slots: Slot[] = [...schedule.slots]
  const placed: { readonly id: number; readonly from: number; readonly to: number }[] = []
  let total = 0
  schedule.steps.forEach((step, i) => {
    for (let k = placed.length - 1; k >= 0; k--) if (last.get(placed[k]!.id)! < i) placed.splice(k, 1)
    for (const id of step.outputs) {
      const slot = slots[id]!
      if (slot.kind !== 'temporary') continue
      const size = Math.ceil((slot.length * bytesOf(slot.dtype)) / alignment) * alignment
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
