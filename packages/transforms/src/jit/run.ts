import type { GraphDef, UpdateContext, Variable } from '@linum/graph'
import { type Tensor, tree } from '@linum/tensor'
import { bind, currentTrace, mergeLeaves } from '@linum/tensor/core'
import { putValues, type Values } from '../lift/values.js'
import type { Entry } from './entry.js'

const run = ({ traced: { captured }, needed }: Entry, { tensors }: Values, name: string): readonly Tensor[] => {
  const { program, inputs } = needed
  // One without results may still print.
  if (program.outputs.length === 0 && program.equations.length === 0) return []
  const args = inputs.map((i) => (i < captured.length ? captured[i]! : tensors[i - captured.length]!))
  return bind('jit', args, { program, name })
}

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
