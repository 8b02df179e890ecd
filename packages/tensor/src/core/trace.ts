import type { PrimitiveName, PrimitiveParams } from '../primitives/primitive.js'
import type { DType } from './dtype.js'
import { TraceError } from './errors.js'
import type { Tensor } from './tensor.js'

/**
 * One interpreter of primitives. Evaluation is the trace at level 0; every running transform pushes one with a
 * higher level. A tensor belongs to exactly one trace, so nested transforms can never confuse their values.
 */
export interface Trace {
  readonly level: number
  /** A dynamic trace also takes operations none of whose arguments it made (jit records everything). */
  readonly dynamic: boolean
  /** What the user called, for errors: `jit(step)`. */
  readonly label: string
  /** Interprets one primitive. `args` may belong to this trace or any lower one. */
  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[]
}

/** The trace at level 0, which also makes tensors of literals. */
export interface BaseTrace extends Trace {
  literal(value: number | boolean, dtype: DType, weak: boolean): Tensor
  /** The value of a concrete scalar, or null where only its device knows it yet. */
  known(x: Tensor): number | boolean | null
}

const stack: Trace[] = []
let dynamic: Trace | null = null
let base: BaseTrace | null = null

/** Called once by the evaluating trace; keeps this file free of imports that execute. */
export const setBaseTrace = (trace: BaseTrace): void => {
  base = trace
}

export const baseTrace = (): BaseTrace => {
  if (base === null)
    throw new TraceError('bind: no evaluating trace is installed; import @linum/tensor itself, not one of its files')
  return base
}

/** The innermost running transform's trace, or null outside all of them. */
export const currentTrace = (): Trace | null => stack[stack.length - 1] ?? null

/** Whether `trace` is running. A value of a trace that is not has leaked. */
export const isRunning = (trace: Trace): boolean => trace.level === 0 || stack[trace.level - 1] === trace

/**
 * Runs `body` with a new trace on top of the stack; `make` gets its level. The trace ends when `body` returns or
 * throws. Throws TraceError where `body` returns a Promise: a trace cannot outlive a synchronous call.
 */
export const withTrace = <T extends Trace, R>(make: (level: number) => T, body: (trace: T) => R): R => {
  const trace = make(stack.length + 1)
  const outer = dynamic
  stack.push(trace)
  if (trace.dynamic) dynamic = trace
  try {
    const out = body(trace)
    if (out instanceof Promise) {
      out.catch(() => undefined)
      throw new TraceError(
        `${trace.label}: the function returned a Promise; transforms are synchronous, so await before or after`,
      )
    }
    return out
  } finally {
    stack.pop()
    dynamic = outer
  }
}

const leaked = (x: Tensor): TraceError =>
  new TraceError(
    `${x.trace.label}: a traced value of shape ${JSON.stringify(x.shape)} was used after its transform had ended; return it from the function instead of storing it outside`,
  )

/** Applies a primitive: the innermost trace among the arguments interprets it, or the running dynamic trace if that is further in. */
export const bind = <K extends PrimitiveName>(
  name: K,
  args: readonly Tensor[],
  params: PrimitiveParams[K],
): readonly Tensor[] => {
  let trace: Trace | null = dynamic
  for (const x of args) {
    const t = x.trace
    if (t.level > 0) {
      if (!isRunning(t)) throw leaked(x)
      if (trace === null || t.level > trace.level) trace = t
    }
  }
  return (trace ?? baseTrace()).process(name, args, params)
}

/** `bind` of a primitive with one result. */
export const bind1 = <K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): Tensor =>
  bind(name, args, params)[0]!
