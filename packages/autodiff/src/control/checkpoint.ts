import type { Program, Tensor } from '@linum/tensor'
import {
  bind,
  type CheckpointPolicy,
  eliminateDeadCode,
  evaluateProgram,
  inlineCalls,
  type PrimitiveParams,
  traceProgram,
} from '@linum/tensor/core'
import { type Joint, jointOf } from '../joint.js'
import type { ReverseCall, ReverseCalls } from '../tape.js'
import { pick, place } from './carrying.js'
import { filledCotangents } from './cotangents.js'

type Checkpoint = PrimitiveParams['checkpoint']
type Equation = Program['equations'][number]
type Atom = Program['outputs'][number]
type Var = Program['inputs'][number]

/** Whether the policy keeps the results of an equation. */
const keeps = (policy: CheckpointPolicy, eqn: Equation): boolean => {
  switch (policy.save) {
    case 'everything':
      return true
    case 'nothing':
      return false
    case 'dots':
      return (
        (eqn.primitive === 'dot_general' && (policy.batched || eqn.params.batch[0].length === 0)) ||
        (eqn.primitive === 'conv_general_dilated' && policy.batched)
      )
    case 'names':
      return eqn.primitive === 'checkpoint_name' && policy.names.includes(eqn.params.name)
    case 'namesExcept':
      return eqn.primitive === 'checkpoint_name' && !policy.names.includes(eqn.params.name)
    case 'either':
      return policy.policies.some((p) => keeps(p, eqn))
  }
}

/** A checkpointed program's two passes. */
interface Plan {
  /** As the original program, with what the policy keeps behind its outputs. */
  readonly forward: Program
  /** The inputs that the way back needs, what was kept, then one cotangent per floating-point output. */
  readonly backward: Program
  /** Which inputs those are. */
  readonly inputs: readonly boolean[]
}

/**
 * What computing `wanted` again needs: inputs of the program, and values that are kept. Goes back from what is wanted
 * and stops at what is kept.
 */
const sourcesOf = (
  program: Program,
  wanted: readonly Atom[],
  policy: CheckpointPolicy,
): { readonly kept: readonly Var[]; readonly again: readonly Equation[] } => {
  const live = new Set<Atom>(wanted)
  const kept: Var[] = []
  const again: Equation[] = []
  for (const eqn of [...program.equations].reverse()) {
    const own = eqn.outputs.filter((o) => live.has(o))
    if (own.length === 0) continue
    if (keeps(policy, eqn)) {
      kept.push(...own)
      continue
    }
    again.push(eqn)
    for (const x of eqn.inputs) live.add(x)
  }
  return { kept: kept.reverse(), again: again.reverse() }
}

const makePlan = (joint: Joint, policy: CheckpointPolicy, results: number): Plan => {
  // Without calls of jitted functions, so that a policy sees what they compute.
  const whole = inlineCalls(joint.forward, (name) => name === 'jit')
  const residuals = joint.residuals.map((r) => (r.from === 'input' ? whole.inputs[r.at]! : whole.outputs[r.at]!))
  const { kept, again } = sourcesOf(whole, residuals, policy)
  const read = new Set<Atom>([...residuals, ...again.flatMap((e) => e.inputs)])
  const inputs = whole.inputs.map((v) => read.has(v))
  const sources = [...pick(whole.inputs, inputs), ...kept]
  const recompute: Program = { inputs: sources, equations: again, outputs: residuals }
  const cotangents = joint.backward.inputs.slice(joint.residuals.length)
  const backward = traceProgram(
    'grad(checkpoint)',
    [...sources, ...cotangents].map((v) => v.aval),
    (args) => {
      // Nothing is computed again before the cotangents are there, or shared with the forward pass.
      const held = again.length === 0 ? args : bind('optimization_barrier', args, null)
      return evaluateProgram(joint.backward, [
        ...evaluateProgram(recompute, held.slice(0, sources.length)),
        ...held.slice(sources.length),
      ])
    },
  ).program
  return {
    forward: eliminateDeadCode({ ...whole, outputs: [...whole.outputs.slice(0, results), ...kept] }),
    backward,
    inputs,
  }
}

const plans = new WeakMap<Joint, Map<string, Plan>>()

const planOf = (joint: Joint, policy: CheckpointPolicy, results: number): Plan => {
  let byPolicy = plans.get(joint)
  if (byPolicy === undefined) plans.set(joint, (byPolicy = new Map<string, Plan>()))
  const key = JSON.stringify(policy)
  let plan = byPolicy.get(key)
  if (plan === undefined) byPolicy.set(key, (plan = makePlan(joint, policy, results)))
  return plan
}

/** Reverse mode that keeps inputs and what the policy says, and computes the rest again on the way back. */
export const reverseCheckpoint = (
  params: Checkpoint,
  inputs: readonly Tensor[],
  need: readonly boolean[],
  calls: ReverseCalls,
): ReturnType<ReverseCall<Checkpoint>> => {
  const { program, policy, name } = params
  const joint = jointOf(program, need, `grad(${name})`, calls)
  const plan = planOf(joint, policy, program.outputs.length)
  const all = bind('checkpoint', inputs, { ...params, program: plan.forward })
  const outputs = all.slice(0, program.outputs.length)
  const held = [...pick(inputs, plan.inputs), ...all.slice(program.outputs.length)]
  return {
    outputs,
    back: (cotangents) => {
      const grads = bind('checkpoint', [...held, ...filledCotangents(outputs, cotangents)], {
        program: plan.backward,
        policy,
        name: `${name} backward`,
      })
      return place(place(grads, joint.flows), need)
    },
  }
}
