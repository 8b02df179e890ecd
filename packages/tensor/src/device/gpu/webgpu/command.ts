import type { Aval, StoredDType, TypedArray } from '../../../core/dtype.js'
import type { EffectParams } from '../../../primitives/effect.js'
import type { BufferName, Location } from './location.js'
import type { Pipeline } from './pipelines.js'

/** One dispatch with all that is known before a call. */
export interface DispatchCommand {
  readonly kind: 'dispatch'
  readonly pipeline: Pipeline
  readonly buffers: readonly BufferName[]
  /** Byte offset of its block of numbers. */
  readonly parameters: number
  /** Workgroups in two dimensions. */
  readonly groups: readonly [x: number, y: number]
  /** The word of `arguments` where the device finds how many groups to run, or -1. */
  readonly indirect: number
  /** Loops around. */
  readonly loops: number
  /** Bind groups by what they bind. */
  readonly bound: Map<string, GPUBindGroup>
}

/** Runs its commands again and again; those of odd iterations have the places of carried values exchanged. */
export interface RepeatCommand {
  readonly kind: 'repeat'
  readonly count: number
  readonly even: readonly Command[]
  readonly odd: readonly Command[]
}

/** Repeats until the word at `flag` is 0. An iteration after that one does nothing. */
export interface WhileCommand {
  readonly kind: 'while'
  readonly iteration: readonly Command[]
  readonly flag: Location
}

/** Hands values to the host. */
export interface CallbackCommand {
  readonly kind: 'callback'
  readonly call: EffectParams['debug_callback']
  readonly avals: readonly Aval[]
  readonly values: readonly HostValue[]
  /** Only where this word is not 0. */
  readonly flag: Location | null
}

/** A buffer's elements as the host sees them. */
export interface HostValue {
  readonly place: Location
  readonly dtype: StoredDType
  readonly length: number
}

/** An operation that is written for the host: everything after it waits until its operands are read. */
export interface HostCommand {
  readonly kind: 'host'
  readonly run: (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void
  readonly inputs: readonly HostValue[]
  readonly outputs: readonly HostValue[]
  /** Only where this word is not 0. */
  readonly flag: Location | null
}

export type Command = DispatchCommand | RepeatCommand | WhileCommand | CallbackCommand | HostCommand

/** Whether something is computed on the host, where it may throw. */
export const usesHost = (commands: readonly Command[]): boolean =>
  commands.some((c) =>
    c.kind === 'repeat' ? usesHost(c.even) : c.kind === 'while' ? usesHost(c.iteration) : c.kind === 'host',
  )
