import type { PrimitiveName, PrimitiveParams } from '../primitives/primitive.js'
import { axesUsed } from '../program/axes.js'
import type { Aval, DType, TypedArray } from './dtype.js'
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
  /** The axis over whose entries this trace maps, where it was given a name. */
  readonly axis?: NamedAxis | null
  /** What made one of this trace's values, for errors: `the result of mul, equation 3`. */
  origin?(x: Tensor): string | null
  /** Interprets one primitive. `args` may belong to this trace or any lower one. */
  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[]
}

/** An axis that operations across entries can name. */
export interface NamedAxis {
  readonly name: string
  readonly size: number
}

/** The trace at level 0, which also makes tensors of literals. */
export interface BaseTrace extends Trace {
  literal(value: number | boolean, dtype: DType, weak: boolean): Tensor
  /** A tensor of elements as they are stored; they are copied. */
  upload(data: TypedArray, aval: Aval): Tensor
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

/** The innermost running trace that binds a named axis. Throws TraceError, naming `fn`, where none does. */
export const axisTrace = (fn: string, name: string): Trace & { readonly axis: NamedAxis } => {
  for (let i = stack.length - 1; i >= 0; i--) {
    const trace = stack[i]!
    if (trace.axis?.name === name) return trace as Trace & { readonly axis: NamedAxis }
  }
  const bound = stack.flatMap((t) => (t.axis ? [`'${t.axis.name}'`] : []))
  throw new TraceError(
    `${fn}: unbound axis name, got '${name}' where ${bound.length === 0 ? 'no axis is' : `${bound.join(' and ')} ${bound.length === 1 ? 'is' : 'are'}`} bound; call it inside vmap(f, { axisName: '${name}' })`,
  )
}

/** Text equal where the same named axes of the same extents are bound: what is traced depends on them. */
export const axisEnvironment = (): string => stack.map((t) => (t.axis ? `${t.axis.name}=${t.axis.size};` : '')).join('')

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

/** The error of using a value whose transform has ended. */
export const leaked = (x: Tensor): TraceError => {
  const origin = x.trace.origin?.(x) ?? null
  return new TraceError(
    `${x.trace.label}: a traced value of shape ${JSON.stringify(x.shape)}${origin === null ? '' : ` (${origin})`} was used after its transform had ended; return it from the function instead of storing it outside`,
  )
}

/**
 * Applies a primitive: the innermost trace among the arguments interprets it, or the running dynamic trace, or that of
 * a named axis which it uses, if that is further in.
 */
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
  for (const axis of axesUsed(name, params)) {
    const t = axisTrace(name, axis)
    if (trace === null || t.level > trace.level) trace = t
  }
  return (trace ?? baseTrace()).process(name, args, params)
}

/** `bind` of a primitive with one result. */
export const bind1 = <K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): Tensor =>
  bind(name, args, params)[0]!
