import { type Tensor, tree } from '@linum/tensor'
import {
  bind,
  bind1,
  type CheckpointPolicy,
  flattenArguments,
  flattenResult,
  mergeLeaves,
  toTensor,
  traceProgram,
} from '@linum/tensor/core'
import { nothingSaveable } from './checkpoint-policies.js'

export type { CheckpointPolicy }

export interface CheckpointOptions {
  /**
   * Which intermediate results to keep for the backward pass; none by default. See `checkpointPolicies`. A policy sees
   * into jitted functions, not into loops and branches: give the body of a loop a checkpoint of its own.
   */
  readonly policy?: CheckpointPolicy
}

/**
 * The same function, whose backward pass keeps its arguments, and what the policy names, instead of its intermediate
 * results, and computes those again when the cotangents have arrived: less memory for more time. Values that it closes
 * over count as arguments. Booleans, strings and functions among the arguments are static.
 */
export const checkpoint =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: CheckpointOptions = {}): ((...args: A) => R) =>
  (...args) => {
    const policy = checkPolicy(options.policy ?? nothingSaveable)
    const name = f.name || 'anonymous'
    const label = `checkpoint(${name})`
    const { tensors, def, statics } = flattenArguments(label, args)
    let result: ReturnType<typeof flattenResult> | undefined
    const { program, captured } = traceProgram(
      label,
      tensors.map((t) => t.aval),
      (tracers) => {
        const out = f(...(tree.unflatten(def, mergeLeaves(statics, tracers)) as unknown as A))
        if (out instanceof Promise) return out as never
        result = flattenResult(out)
        return result.tensors
      },
    )
    const outs = bind('checkpoint', [...captured, ...tensors], { program, policy, name: label })
    return tree.unflatten(result!.def, mergeLeaves(result!.statics, outs)) as R
  }

const checkPolicy = (policy: CheckpointPolicy): CheckpointPolicy => {
  if (typeof policy !== 'object' || policy === null || typeof policy.save !== 'string')
    throw new TypeError(
      `checkpoint: policy must be one of checkpointPolicies, got ${typeof policy}; policies are data, not functions`,
    )
  return policy
}

/** `x` itself, under a name that the policies `saveOnlyTheseNames` and `saveAnyNamesButThese` know. */
export const checkpointName = (x: Tensor, name: string): Tensor =>
  bind1('checkpoint_name', [toTensor('checkpointName', x)], { name })
