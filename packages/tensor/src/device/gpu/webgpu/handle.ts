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

/** The faults that still matter: those that happened, and those not known yet. */
export const openFaults = (faults: Iterable<Fault>): readonly Fault[] => {
  const open: Fault[] = []
  for (const fault of faults) if (!fault.settled || fault.error !== null) if (!open.includes(fault)) open.push(fault)
  return open
}
