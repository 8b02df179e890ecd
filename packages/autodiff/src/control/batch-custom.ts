import type { Program, Tensor } from '@linum/tensor'
import {
  bind,
  bind1,
  evaluateProgram,
  isFloat,
  type JvpPrograms,
  type PrimitiveParams,
  Tied,
  traceProgram,
  type VjpPrograms,
} from '@linum/tensor/core'
import type { BatchApplication } from '../rules/batch/rule.js'
import { type BatchContext, batchedProgram, batchKey } from './batched-program.js'

interface Results {
  readonly outputs: readonly Tensor[]
  readonly batched: readonly boolean[]
}

/** A rule for batches, made once per key. The reference is known before its value: a rule may contain itself. */
const rememberedRules = <T extends object>(): ((rule: Tied<T>, key: string, make: (programs: T) => T) => Tied<T>) => {
  const known = new WeakMap<Tied<T>, Map<string, Tied<T>>>()
  return (rule, key, make) => {
    let byKey = known.get(rule)
    if (byKey === undefined) known.set(rule, (byKey = new Map<string, Tied<T>>()))
    const keyed = byKey
    return (
      keyed.get(key) ??
      Tied.tie<T>((self) => {
        keyed.set(key, self)
        return make(rule.value)
      })
    )
  }
}

const every = (xs: readonly unknown[]): boolean[] => xs.map(() => true)

const batchedVjp = rememberedRules<VjpPrograms>()
const batchedJvp = rememberedRules<JvpPrograms>()

/** The backward pass for batches; an input that all entries share gets the sum of their cotangents. */
const backwardOfBatch = (
  context: BatchContext,
  { backward, flows }: VjpPrograms,
  mask: readonly boolean[],
  batched: readonly boolean[],
  label: string,
): Program => {
  const { program } = batchedProgram(context, backward, mask, label, every(backward.outputs))
  const shared = batched.filter((_, i) => flows[i] === true).map((b) => !b)
  if (!shared.includes(true)) return program
  const avals = program.inputs.map((v) => v.aval)
  return traceProgram(label, avals, (args) =>
    evaluateProgram(program, args).map((g, i) => (shared[i] === true ? bind1('reduce_sum', [g], { axes: [0] }) : g)),
  ).program
}

/** All results get the batch axis, so that there is a cotangent per entry for each. */
export const batchCustomVjp = (
  context: BatchContext,
  { inputs, batched, params }: BatchApplication<PrimitiveParams['custom_vjp']>,
): Results => {
  const { program, name, constants } = params
  const label = `vmap(${name})`
  const results = program.outputs.length
  const rule = batchedVjp(params.rule, batchKey(context, batched), (programs) => {
    const forward = batchedProgram(context, programs.forward, batched, label, every(program.outputs))
    const cotangents = program.outputs.filter((o) => isFloat(o.aval.dtype))
    const mask = [...batched.slice(0, constants), ...forward.batched.slice(results), ...every(cotangents)]
    return {
      forward: forward.program,
      backward: backwardOfBatch(context, programs, mask, batched, label),
      flows: programs.flows,
    }
  })
  const made = batchedProgram(context, program, batched, label, every(program.outputs))
  return { outputs: bind('custom_vjp', inputs, { ...params, program: made.program, rule }), batched: made.batched }
}

export const batchCustomJvp = (
  context: BatchContext,
  { inputs, batched, params }: BatchApplication<PrimitiveParams['custom_jvp']>,
): Results => {
  const { program, name, constants } = params
  const label = `vmap(${name})`
  const rule = batchedJvp(params.rule, batchKey(context, batched), ({ forward }) => {
    const moving = batched.filter((_, i) => i >= constants && isFloat(program.inputs[i]!.aval.dtype))
    return {
      forward: batchedProgram(context, forward, [...batched, ...moving], label, every(forward.outputs)).program,
    }
  })
  const made = batchedProgram(context, program, batched, label, every(program.outputs))
  return { outputs: bind('custom_jvp', inputs, { ...params, program: made.program, rule }), batched: made.batched }
}
