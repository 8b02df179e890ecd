import type { ArraySpec } from './data.js'
import type { Workload } from './specs.js'

/** What a runner is asked: a line of JSON on its standard input each. */
export type Request =
  | { readonly call: 'prepare'; readonly workload: Workload; readonly arrays: readonly ArraySpec[] }
  | { readonly call: 'run'; readonly milliseconds: number }
  | { readonly call: 'memory' }

/** The first line of a runner that has loaded its library. */
export interface Hello {
  readonly version: string
  /** What it has programs for. */
  readonly workloads: readonly Workload[]
}

/** What a workload gave when it was set up. */
export interface Prepared {
  /** Losses of the first three steps, or the number that the workload gives instead, three times. */
  readonly losses: readonly number[]
  /** The first step: tracing, compiling and the step. */
  readonly firstCallMs: number
}

/** Steps run for the time asked, at least one. */
export interface Ran {
  readonly steps: number
  /** Milliseconds of one step. */
  readonly best: number
  readonly median: number
}

export interface Memory {
  /** The most that the process has had resident, in bytes. */
  readonly peakBytes: number
}

/** The answer to a call: one line of JSON on standard output. */
export interface Answers {
  readonly prepare: Prepared
  readonly run: Ran
  readonly memory: Memory
}

/** An answer, or why there is none. */
export type Reply<T> = T | { readonly error: string }
