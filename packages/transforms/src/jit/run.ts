import { type GraphDef, type UpdateContext, Variable } from '@linum/graph'
import { type Tensor, tree } from '@linum/tensor'
import { bind, currentTrace, mergeLeaves } from '@linum/tensor/core'
import { putValues, type Values } from '../lift/values.js'
import type { Entry } from './entry.js'

const run = (entry: Entry, values: Values, name: string): readonly Tensor[] =>
  bind('jit', [...entry.traced.captured, ...values.tensors], { program: entry.traced.program, name })

/** Runs the program of an entry whose structure stays, and writes the changed Variables. */
export const runSimple = <R>(entry: Entry, leaves: readonly unknown[], values: Values, name: string): R => {
  const { writes, result, results } = entry.simple!
  // A Variable that may not be written says so before anything has changed.
  const trace = currentTrace()
  for (const { leaf } of writes) {
    const variable = leaves[leaf] as Variable<unknown>
    if (variable.createdIn !== trace) variable.setRaw(variable.raw)
  }
  const outs = run(entry, values, name)
  for (const { leaf, output } of writes) (leaves[leaf] as Variable<unknown>).setRaw(outs[output])
  const tensors = results.map((s) => (s.from === 'input' ? values.tensors[s.at]! : outs[s.at]!))
  return tree.unflatten(result.def, mergeLeaves(result.statics, tensors)) as R
}

/** Runs the program and refills the objects of the arguments. */
export const runAny = <R>(entry: Entry, values: Values, context: UpdateContext, name: string): R => {
  const outs = run(entry, values, name)
  const tensors = entry.sources.map((s) => (s.from === 'input' ? values.tensors[s.at]! : outs[s.at]!))
  const [, result] = context
    .outerMerge()
    .unflatten(entry.pair as GraphDef<readonly [unknown, R]>, putValues(entry.shapes, tensors))
  return result
}
