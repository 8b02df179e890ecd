import type { TypedArray } from '../../../core/dtype.js'
import type { Schedule } from '../../../program/schedule.js'
import type { BufferStore, Elements } from './buffers.js'
import type { Painter } from './draw.js'

/** What running a schedule takes. */
export interface Engine {
  readonly painter: Painter
  readonly store: BufferStore
  /** The elements, after waiting for all work before. */
  readonly readNow: (elements: Elements) => TypedArray
}

/** Runs a compiled schedule. Results are new buffers, except those that are inputs. */
export type RunSchedule = (inputs: readonly Elements[]) => readonly Elements[]

/** Makes a schedule runnable. */
export type CompileSchedule = (schedule: Schedule) => RunSchedule
