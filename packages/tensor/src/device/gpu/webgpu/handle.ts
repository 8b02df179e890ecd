import type { StoredDType, TypedArray } from '../../../core/dtype.js'
import type { DeviceBuffer } from '../../device.js'
import type { Block, Fault } from './blocks.js'

/** A stored array: what a tensor holds of this device. */
export class Handle {
  readonly block: Block
  readonly dtype: StoredDType
  readonly length: number
  /** The elements, where they came from the host and are few; null again once a program wrote over them. */
  host: TypedArray | null
  /** What may have gone wrong in making them. */
  faults: readonly Fault[]
  /** The number of the call that made them, from 1 on; 0 for an upload. */
  call = 0

  constructor(
    block: Block,
    dtype: StoredDType,
    length: number,
    faults: readonly Fault[],
    host: TypedArray | null = null,
  ) {
    this.block = block
    this.dtype = dtype
    this.length = length
    this.faults = faults
    this.host = host
  }
}

export const bufferOf = (handle: Handle): DeviceBuffer => handle as unknown as DeviceBuffer
export const handleOf = (buffer: DeviceBuffer): Handle => buffer as unknown as Handle

/** Above this many they become one. */
const mostFaults = 16

/** Several faults as one, so that a long chain of calls that nobody waits for does not carry a list that grows with it. */
class FaultGroup implements Fault {
  #members: readonly Fault[]
  #error: Error | null = null

  constructor(members: readonly Fault[]) {
    this.#members = members
  }

  /** Takes what all members have come to, once they have. */
  #look(): void {
    const left = [...this.#members]
    const seen = new Set<Fault>()
    let error: Error | null = null
    // The newest first: while that is not known, the others need not be asked.
    for (let fault = left.pop(); fault !== undefined; fault = left.pop()) {
      if (seen.has(fault)) continue
      seen.add(fault)
      if (fault instanceof FaultGroup && fault.#members.length > 0) left.push(...fault.#members)
      else if (!(fault instanceof FaultGroup) && !fault.settled) return
      else error = (fault instanceof FaultGroup ? fault.#error : fault.error) ?? error
    }
    this.#error = error
    this.#members = []
  }

  get settled(): boolean {
    if (this.#members.length > 0) this.#look()
    return this.#members.length === 0
  }
  get error(): Error | null {
    return this.settled ? this.#error : null
  }
}

/** The faults that still matter: those that happened, and those not known yet. */
export const openFaults = (faults: Iterable<Fault>): readonly Fault[] => {
  const open = new Set<Fault>()
  for (const fault of faults) if (!fault.settled || fault.error !== null) open.add(fault)
  return open.size > mostFaults ? [new FaultGroup([...open])] : [...open]
}
