import type { StoredDType } from '../core/dtype.js'
import { readsInPlace } from '../kernel/in-place.js'
import type { Schedule, Slot, Step } from './schedule.js'

const alignment = 16

interface Placed {
  readonly id: number
  readonly from: number
  readonly to: number
  /** The last step that uses it. */
  readonly until: number
}

/** The buffers that live at one step, from the lowest to the highest. */
class Workspace {
  #placed: Placed[] = []
  total = 0

  /** Frees what no step from `step` on uses. */
  retire(step: number): void {
    const { length } = this.#placed
    let kept = 0
    for (let k = 0; k < length; k++) {
      const p = this.#placed[k]!
      if (p.until >= step) this.#placed[kept++] = p
    }
    this.#placed.length = kept
  }

  /** The offset of a new buffer, in the lowest gap that fits. */
  add(id: number, size: number, until: number): number {
    let from = 0
    let at = 0
    for (; at < this.#placed.length; at++) {
      const p = this.#placed[at]!
      if (p.from - from >= size) break
      if (p.to > from) from = p.to
    }
    this.#placed.splice(at, 0, { id, from, to: from + size, until })
    if (from + size > this.total) this.total = from + size
    return from
  }

  /** The offset of a new buffer in the place of one of `ids` of the same size, or null. */
  replace(ids: readonly number[], id: number, size: number, until: number): number | null {
    const at = ids.length === 0 ? -1 : this.#placed.findIndex((p) => ids.includes(p.id) && p.to - p.from === size)
    if (at < 0) return null
    const { from, to } = this.#placed[at]!
    this.#placed[at] = { id, from, to, until }
    return from
  }
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
  const workspace = new Workspace()
  // An input that is a result itself stays what it is.
  const free = new Set([...donated].filter((id) => !schedule.outputs.includes(id)))
  const takeOver = (id: number, slot: Slot, step: number, over: readonly number[]): void => {
    const fits = (d: number): boolean => slots[d]!.dtype === slot.dtype && slots[d]!.length === slot.length
    let donor = over.find((d) => free.has(d) && fits(d))
    if (donor === undefined)
      for (const d of free)
        if (fits(d) && (last.get(d) ?? -1) < step) {
          donor = d
          break
        }
    if (donor === undefined) return
    free.delete(donor)
    slots[id] = { ...slot, from: donor }
  }
  const place = (id: number, slot: Slot, over: readonly number[]): void => {
    const size = sizeOf(slot)
    // Elements of another width would be written over others that are still to be read.
    const width = bytesOf(slot.dtype)
    const alike = over.filter((d) => bytesOf(slots[d]!.dtype) === width)
    const until = last.get(id)!
    slots[id] = { ...slot, offset: workspace.replace(alike, id, size, until) ?? workspace.add(id, size, until) }
  }
  schedule.steps.forEach((step, i) => {
    workspace.retire(i)
    const over = step.inputs.some((id) => last.get(id) === i)
      ? overwritable(step).filter((id) => last.get(id) === i)
      : []
    for (const id of step.outputs) {
      const slot = slots[id]!
      if (slot.kind === 'output') takeOver(id, slot, i, over)
      else if (slot.kind === 'temporary') place(id, slot, over)
    }
  })
  return { ...schedule, slots, workspaceBytes: workspace.total }
}
