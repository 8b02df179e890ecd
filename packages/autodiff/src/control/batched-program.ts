import type { Program } from '@linum/tensor'
import { evaluateProgram, traceProgram, withTrace } from '@linum/tensor/core'
import { type BatchCalls, BatchTrace } from '../batch-trace.js'
import { repeated } from '../rules/batch/rule.js'

/** A program for batches, and which of its results have the batch axis. */
export interface Batched {
  readonly program: Program
  readonly batched: readonly boolean[]
}

/** What programs are batched for: how many entries, under which name, by which rules. */
export interface BatchContext {
  readonly size: number
  readonly axis: string | null
  readonly calls: BatchCalls
}

const bits = (mask: readonly boolean[]): string => mask.map(Number).join('')

/** Text equal for equal masks in equal contexts. */
export const batchKey = ({ size, axis }: BatchContext, ...masks: readonly (readonly boolean[])[]): string =>
  [size, axis ?? '', ...masks.map(bits)].join(':')

const batchedPrograms = new WeakMap<Program, Map<string, Batched>>()

/** A program whose inputs have a batch axis where `batched` says so, traced once; results that `force` names get one in any case. */
export const batchedProgram = (
  context: BatchContext,
  program: Program,
  batched: readonly boolean[],
  label: string,
  force: readonly boolean[] = [],
): Batched => {
  const { size, axis, calls } = context
  let known = batchedPrograms.get(program)
  if (known === undefined) batchedPrograms.set(program, (known = new Map<string, Batched>()))
  const key = batchKey(context, batched, force)
  let made = known.get(key)
  if (made === undefined) {
    let results: readonly boolean[] = []
    const avals = program.inputs.map((v, i) =>
      batched[i] === true ? { ...v.aval, shape: [size, ...v.aval.shape] } : v.aval,
    )
    const traced = traceProgram(label, avals, (args) =>
      withTrace(
        (level) => new BatchTrace(level, label, size, axis, calls),
        (trace) => {
          const outs = evaluateProgram(
            program,
            args.map((x, i) => (batched[i] === true ? trace.entry(x) : x)),
          )
          results = outs.map((o, i) => trace.isBatched(o) || force[i] === true)
          return outs.map((o, i) => (trace.isBatched(o) ? o.value : force[i] === true ? repeated(o, size) : o))
        },
      ),
    )
    made = { program: traced.program, batched: results }
    known.set(key, made)
  }
  return made
}
