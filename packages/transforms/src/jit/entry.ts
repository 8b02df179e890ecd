import { formatPath } from '@linum/filters'
import { type GraphDef, staticEqual, UpdateContext, Variable } from '@linum/graph'
import type { Program, Tensor } from '@linum/tensor'
import {
  axisEnvironment,
  nameInputs,
  type FlatResult,
  flattenResult,
  type Traced,
  traceProgram,
} from '@linum/tensor/core'
import { withStatics } from '../lift/arguments.js'
import { perTensor, putValues, takeValues, typesOf, type Values, type ValueTypes } from '../lift/values.js'
import { structureKept } from '../lift/write-back.js'

/** Where a value after the call comes from: an input of the program, or one of its outputs. */
export type Source = { readonly from: 'input'; readonly at: number } | { readonly from: 'output'; readonly at: number }

/** One traced form of a function. */
export interface Entry {
  readonly outer: GraphDef
  readonly values: ValueTypes
  readonly statics: readonly unknown[]
  /** The named axes around the call, which operations in it may refer to. */
  readonly axes: string
  readonly traced: Traced
  /** What a call runs: the program without the inputs that it does not need. */
  readonly needed: Needed
  /** [arguments, result] after the call, and where each of its tensors comes from. */
  readonly pair: GraphDef
  readonly shapes: Values['shapes']
  readonly sources: readonly Source[]
  readonly simple: Simple | null
}

/** A program whose inputs are all used, and the positions that these had among all captured values and arguments. */
interface Needed {
  readonly program: Program
  readonly inputs: readonly number[]
}

const neededOf = (program: Program): Needed => {
  const used = new Set([...program.equations.flatMap((e) => e.inputs), ...program.outputs])
  const inputs = program.inputs.flatMap((v, i) => (used.has(v) ? [i] : []))
  if (inputs.length === program.inputs.length) return { program, inputs }
  return { program: { ...program, inputs: inputs.map((i) => program.inputs[i]!) }, inputs }
}

/** The way back where the structure stays: which leaves of the arguments change, and the plain result. */
interface Simple {
  readonly writes: readonly { readonly leaf: number; readonly output: number }[]
  readonly result: Pick<FlatResult, 'def' | 'statics'>
  /** Where the result's tensors come from, in the order of its tree. */
  readonly results: readonly Source[]
  /** Inputs of the program that a call may write over where nothing else has them: old values of what it writes. */
  readonly replaced: readonly { readonly leaf: number; readonly input: number }[]
  /** Outputs that only one Variable gets. */
  readonly sole: ReadonlySet<number>
}

const isPlainStatic = (x: unknown): boolean => typeof x !== 'object' || x === null

/** What the body of a traced call leaves behind. */
interface Outcome {
  readonly pair: GraphDef
  readonly shapes: Values['shapes']
  readonly sources: readonly Source[]
  /** The result as a tree, where the structure stays and it holds no graph nodes. */
  readonly result: FlatResult | null
  readonly sourceOf: ReadonlyMap<Tensor, Source>
}

/** The fast way back, where there is one: every leaf one tensor, only Variables written, a result without nodes. */
const simplify = (
  values: Values,
  leaves: readonly unknown[],
  { shapes, sources, result, sourceOf }: Outcome,
  needed: Needed,
  captured: number,
): Simple | null => {
  if (result === null) return null
  const plain =
    values.shapes.every((s) => s === null) && shapes.every((s) => s === null) && result.statics.every(isPlainStatic)
  if (!plain || sources.length !== leaves.length + result.tensors.length) return null
  const writes: { readonly leaf: number; readonly output: number }[] = []
  for (let i = 0; i < leaves.length; i++) {
    const source = sources[i]!
    if (source.from === 'input' && source.at === i) continue
    if (source.from === 'input' || !(leaves[i] instanceof Variable)) return null
    writes.push({ leaf: i, output: source.at })
  }
  // By value, since a tree lists the keys of an object in another order than a graph does.
  const results = result.tensors.flatMap((t) => sourceOf.get(t) ?? [])
  if (results.length !== result.tensors.length) return null
  const returned = new Set(results.map(({ from, at }) => `${from}${at}`))
  const outputs = writes.map((w) => w.output)
  return {
    writes,
    result: { def: result.def, statics: result.statics },
    results,
    replaced: writes.flatMap(({ leaf }) => {
      const input = needed.inputs.indexOf(captured + leaf)
      return input < 0 || returned.has(`input${leaf}`) ? [] : [{ leaf, input }]
    }),
    sole: new Set(outputs.filter((o) => !returned.has(`output${o}`) && outputs.indexOf(o) === outputs.lastIndexOf(o))),
  }
}

/** Runs `f` once on placeholders of the arguments. */
export const traceEntry = (
  f: (...args: never[]) => unknown,
  label: string,
  args: readonly unknown[],
  given: readonly unknown[],
  staticArgnums: readonly number[],
): Entry => {
  const context = new UpdateContext()
  const outer = context.outerSplit().flatten(given)
  const values = takeValues(outer.leaves)
  let outcome: Outcome | undefined
  const traced = traceProgram(
    label,
    values.tensors.map((t) => t.aval),
    (tracers) => {
      const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, tracers))
      const out = f(...(withStatics(inner, args, staticArgnums) as never[]))
      if (out instanceof Promise) return out as never
      const pair = context.innerSplit().flatten([inner, out])
      const after = takeValues(pair.leaves)
      const inputs = new Map<Tensor, number>(tracers.map((t, i) => [t, i]))
      const outputs: Tensor[] = []
      const sources = after.tensors.map((t): Source => {
        const at = inputs.get(t)
        return at === undefined ? { from: 'output', at: outputs.push(t) - 1 } : { from: 'input', at }
      })
      const result = structureKept(pair.graphdef, outer.graphdef) ? flattenResult(out) : null
      outcome = {
        pair: pair.graphdef,
        shapes: after.shapes,
        sources,
        result,
        sourceOf: new Map(after.tensors.map((t, i) => [t, sources[i]!])),
      }
      return outputs
    },
  )
  const { pair, shapes, sources } = outcome!
  const needed = neededOf(traced.program)
  return named({
    outer: outer.graphdef,
    values: typesOf(values),
    statics: staticArgnums.map((i) => args[i]),
    axes: axisEnvironment(),
    traced,
    needed,
    pair,
    shapes,
    sources,
    simple: simplify(values, outer.leaves, outcome!, needed, traced.captured.length),
  })
}

// A function of its own: a closure within the trace would hold on to the values that it started from.
const named = (entry: Entry): Entry => {
  const { program, inputs } = entry.needed
  nameInputs(entry.traced.program, () => inputPaths(entry))
  nameInputs(program, () => {
    const paths = inputPaths(entry)
    return inputs.map((i) => paths[i]!)
  })
  return entry
}

/** Whether a call has the static arguments that the entry was traced for. */
export const sameStatics = ({ statics }: Entry, args: readonly unknown[], staticArgnums: readonly number[]): boolean =>
  statics.every((s, k) => staticEqual(s, args[staticArgnums[k]!]))

/**
 * Where each input of an entry's program comes from, in words: `argument 0 at linear1/w`; what the function captured
 * is the program's leading inputs.
 */
export const inputPaths = ({ traced, outer, values }: Entry): readonly string[] => [
  ...traced.captured.map((_, i) => `captured value ${i}`),
  ...perTensor(outer.paths, values.shapes).map(([argument, ...path]) =>
    path.length === 0 ? `argument ${argument}` : `argument ${argument} at ${formatPath(path)}`,
  ),
]
