import type { StoredDType, TypedArray } from '../core/dtype.js'
import type { Schedule } from '../program/schedule.js'

declare const bufferBrand: unique symbol
/** A device's handle to stored elements. Only that device looks inside. */
export interface DeviceBuffer {
  readonly [bufferBrand]: true
}

/** A compiled schedule. */
export interface Executable {
  /** The donated inputs, by position, whose buffers outputs take over where a call lets them. */
  readonly overwrites: readonly number[]
  /**
   * Handles of the outputs, at once; the work may still be queued. `given` tells by position which inputs may be written
   * over in this call; one that may not is copied first where the schedule would.
   */
  run(inputs: readonly DeviceBuffer[], given?: readonly boolean[]): readonly DeviceBuffer[]
}

/** How a schedule will be used. */
export interface CompileOptions {
  /** Sizes become runtime parameters, so that one compiled kernel serves every size: for operations run one by one. */
  readonly parametric: boolean
}

/**
 * Stores arrays and runs schedules. Asynchronous underneath: `run` returns handles at once, a device may build and
 * submit later, in order, and a failure rejects at the next read. Every check and allocation precedes the first
 * write, so a call that throws has changed nothing.
 */
export interface Device {
  readonly name: string
  /** What `devices()` reports: how the device was found and what it uses. */
  readonly description: string
  compile(schedule: Schedule, options: CompileOptions): Executable
  /** Copies host elements in. */
  upload(data: TypedArray, dtype: StoredDType): DeviceBuffer
  /** The elements, when all work before is done. The caller copies before handing them out. */
  read(buffer: DeviceBuffer): Promise<TypedArray>
  /** As `read`, or null where that would have to wait. */
  readSync(buffer: DeviceBuffer): TypedArray | null
  free(buffer: DeviceBuffer): void
  /** What the device has taken from the system; absent where each buffer is taken by itself. */
  reserve?(): ReservedMemory
  /** What the device has been asked to do since it was opened; absent where nothing is counted. */
  stats?(): DeviceStats
  /** Resolves when the device and all that it holds is lost; absent where that cannot happen. */
  readonly lost?: Promise<unknown>
}

/** What a device has been asked to do since it was opened. */
export interface DeviceStats {
  /** Arrays copied to the device, and their bytes there. */
  readonly uploads: number
  readonly uploadedBytes: number
  /** Arrays copied from the device, and their bytes there. */
  readonly downloads: number
  readonly downloadedBytes: number
  /** Runs of shaders. */
  readonly dispatches: number
  /** Batches of work handed to the driver. */
  readonly submits: number
  /** Shaders compiled. */
  readonly pipelines: number
}

/** The memory that a device manages itself. */
export interface ReservedMemory {
  /** Bytes taken from the system: buffers, workspaces, compiled programs, and what is free to be used again. */
  readonly reserved: number
  /** How many buffers were moved out to make room, since the start. */
  readonly spills: number
}
