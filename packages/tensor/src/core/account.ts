/** Buffers that tensors hold. */
export interface CountedMemory {
  /** How many; tensors that share one (a reshape, a copy) count once. */
  readonly buffers: number
  /** Their bytes. */
  readonly bytes: number
}

interface Count {
  buffers: number
  bytes: number
}

/** One counted buffer. */
interface Held {
  readonly device: string
  readonly bytes: number
}

const counts = new Map<string, Count>()
let counting: FinalizationRegistry<Held> | null = null

const countOf = (device: string): Count => {
  let count = counts.get(device)
  if (count === undefined) counts.set(device, (count = { buffers: 0, bytes: 0 }))
  return count
}

const remove = ({ device, bytes }: Held): void => {
  const count = countOf(device)
  count.buffers--
  count.bytes -= bytes
}

/**
 * Starts counting buffers. It costs a few tenths of a microsecond per buffer, and in a loop that never yields the
 * engine keeps a note of every collected buffer until it does: so nothing is counted before someone asks.
 */
export const startCounting = (): void => {
  counting ??= new FinalizationRegistry(remove)
}

/** Notes a new buffer, whose holder is collected when it is no longer used. */
export const countBuffer = (holder: object, device: string, bytes: number): void => {
  if (counting === null) return
  const count = countOf(device)
  count.buffers++
  count.bytes += bytes
  counting.register(holder, { device, bytes }, holder)
}

/** Notes that a buffer was freed before its holder was collected. */
export const uncountBuffer = (holder: object, device: string, bytes: number): void => {
  if (counting?.unregister(holder) === true) remove({ device, bytes })
}

export const countedMemory = (device: string): CountedMemory => ({ buffers: 0, bytes: 0, ...counts.get(device) })
