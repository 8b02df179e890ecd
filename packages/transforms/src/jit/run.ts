import { checkMutable, type GraphDef, storeSole, type UpdateContext, type Variable } from '@linum/graph'
import { type Tensor, tree } from '@linum/tensor'
import { bind, currentTrace, mergeLeaves } from '@linum/tensor/core'
import { putValues, type Values } from '../lift/values.js'
import type { Entry } from './entry.js'

/** What a call gives away, by the position of the program's input. */
interface Donation {
  readonly donated: readonly number[]
  readonly donatable: readonly number[]
}

const run = (
  { traced: { captured }, needed }: Entry,
  { tensors }: Values,
  name: string,
  donation: Donation | null = null,
): readonly Tensor[] => {
  const { program, inputs } = needed
  // One without results may still print.
  if (program.outputs.length === 0 && program.equations.length === 0) return []
  const args = inputs.map((i) => (i < captured.length ? captured[i]! : tensors[i - captured.length]!))
  return bind('jit', args, donation === null ? { program, name } : { program, name, ...donation })
}

/** Old values that only their Variable has ever held are written over. */
const donationOf = (entry: Entry, leaves: readonly unknown[]): Donation => {
  const { replaced } = entry.simple!
  return {
    donated: replaced.flatMap(({ leaf, input }) => ((leaves[leaf] as Variable<unknown>).sole ? [input] : [])),
    donatable: replaced.map(({ input }) => input),
  }
}

/** Runs the program of an entry whose structure stays, and writes the changed Variables. */
export const runSimple = <R>(entry: Entry, leaves: readonly unknown[], values: Values, name: string): R => {
  const { writes, result, results, sole } = entry.simple!
  // A Variable that may not be written says so before anything has changed.
  const trace = currentTrace()
  for (const { leaf } of writes) {
    const variable = leaves[leaf] as Variable<unknown>
    if (variable.createdIn !== trace) checkMutable(variable)
  }
  const outs = run(entry, values, name, trace === null ? donationOf(entry, leaves) : null)
  for (const { leaf, output } of writes) {
    const variable = leaves[leaf] as Variable<unknown>
    const value = outs[output]!
    if (trace === null && sole.has(output) && value.concrete && !value.cell('jit').shared) storeSole(variable, value)
    else variable.setRaw(value)
  }
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
