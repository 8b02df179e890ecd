import type { Extent } from '../../kernel/ir.js'
import type { Callee } from './asm/function.js'
import type { ModuleBuilder } from './asm/module.js'

/** What code of a program is written into, and what it may use. */
export interface Target {
  readonly module: ModuleBuilder
  /** The imported global that holds the address of the running thread's scratch memory. */
  readonly scratch: number
  /** Whether fused multiply-add may be used, in polynomials and products only. */
  readonly fma: boolean
  /** A function of the routine module. */
  routine(name: string): Callee
  /** A function of the host, for what is too rare to have code of its own. */
  host(name: string): Callee
}

/**
 * One function of a step, (args, from, to) -> nothing, that does the units of work `from` to `to`. `args` is the address
 * of the step's block of words: the addresses of its inputs, of its outputs and of its temporaries, then its runtime
 * parameters. A part must give the same bits however its units are divided.
 */
export interface Part {
  readonly run: Callee
  /** How many units there are; a runtime parameter in kernels for every size. */
  readonly units: Extent
  /** Units of one chunk when threads share the work; a function of the shape alone. */
  readonly grain: number
  /** Whether other threads may run chunks: not where the host is called. */
  readonly parallel: boolean
}

/** A step's parts, run one after the other. */
export interface StepCode {
  readonly parts: readonly Part[]
  /** Bytes of memory that the parts need besides inputs and outputs, each 64-byte aligned. */
  readonly temporaries: readonly number[]
  /** Positions of inputs whose byte lengths follow the parameters, as words: for addresses that depend on data. */
  readonly limits?: readonly number[]
}
