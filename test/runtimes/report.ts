import type { DeviceInfo, Threads } from '@linum/tensor'

export interface Failure {
  readonly label: string
  readonly failure: string
}

/** A part of a run. */
export interface Part {
  readonly name: string
  readonly checks: number
  readonly failed: number
  /** The first of them. */
  readonly failures: readonly Failure[]
  readonly seconds: number
}

/** What a run found. */
export interface Report {
  readonly version: string
  readonly devices: readonly DeviceInfo[]
  /** As they were at the start. */
  readonly threads: Threads
  /** Whether threads can share memory. */
  readonly sharing: boolean
  /** Whether products use the fused multiply-add of relaxed SIMD. */
  readonly relaxed: boolean
  readonly cases: number
  readonly fixtures: number
  readonly parts: readonly Part[]
}
