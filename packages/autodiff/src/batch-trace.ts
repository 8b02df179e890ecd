import { type Program, Tensor } from '@linum/tensor'
import { bind, evaluateProgram, type PrimitiveName, type PrimitiveParams, type Trace, traceProgram, withTrace } from '@linum/tensor/core'
import { batchRules } from './rules/batch/batching.js'
import { type BatchRule, repeated } from './rules/batch/rule.js'

/** One entry of a batch, standing for all of them: the value below has a leading axis more. */
class BatchTracer extends Tensor {
  readonly value: Tensor

  constructor(trace: BatchTrace, value: Tensor) {
    super({ ...value.aval, shape: value.shape.slice(1) }, trace, null)
    this.value = value
  }
}

/** Computes with whole batches where the function sees single entries. */
export class BatchTrace implements Trace {
  readonly dynamic = false
  readonly level: number
  readonly label: string
  readonly size: number

  constructor(level: number, label: string, size: number) {
    this.level = level
    this.label = label
    this.size = size
  }

  /** One entry of a value whose leading axis is the batch. */
  entry(batch: Tensor): Tensor {
    return new BatchTracer(this, batch)
  }

  isBatched(x: Tensor): x is BatchTracer {
    return x instanceof BatchTracer && x.trace === this
  }

  lower(x: Tensor): Tensor {
    return this.isBatched(x) ? x.value : x
  }

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    const inputs = args.map((x) => this.lower(x))
    const batched = args.map((x) => this.isBatched(x))
    const { size } = this
    const outputs =
      name === 'jit'
        ? batchCall(params as PrimitiveParams['jit'], inputs, batched, size)
        : (batchRules[name as Exclude<K, 'jit'>] as BatchRule<PrimitiveParams[K]>)({ inputs, batched, size, params })
    return outputs.map((o) => this.entry(o))
  }
}

const batchedPrograms = new WeakMap<Program, Map<string, Program>>()

/** A program for batches of a size, traced once: every result has the batch axis. */
const batchedProgram = (program: Program, batched: readonly boolean[], size: number, label: string): Program => {
  let known = batchedPrograms.get(program)
  if (known === undefined) batchedPrograms.set(program, (known = new Map<string, Program>()))
  const key = `${size}:${batched.map(Number).join('')}`
  let made = known.get(key)
  if (made === undefined) {
    const avals = program.inputs.map((v, i) => (batched[i] === true ? { ...v.aval, shape: [size, ...v.aval.shape] } : v.aval))
    const traced = traceProgram(label, avals, (args) =>
      withTrace(
        (level) => new BatchTrace(level, label, size),
        (trace) => {
          const outs = evaluateProgram(program, args.map((x, i) => (batched[i] === true ? trace.entry(x) : x)))
          return outs.map((o) => (trace.isBatched(o) ? o.value : repeated(o, size)))
        },
      ),
    )
    made = traced.program
    known.set(key, made)
  }
  return made
}

const batchCall = ({ program, name }: PrimitiveParams['jit'], inputs: readonly Tensor[], batched: readonly boolean[], size: number): readonly Tensor[] =>
  bind('jit', inputs, { program: batchedProgram(program, batched, size, `vmap(${name})`), name })
