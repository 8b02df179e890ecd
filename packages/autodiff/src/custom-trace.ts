import {
  ArrayOps,
  DtypeError,
  type Program,
  ShapeError,
  StateError,
  type Tensor,
  TraceError,
  tree,
} from '@linum/tensor'
import {
  avalKey,
  flattenArguments,
  formatShape,
  type FlatArguments,
  makeEquation,
  makeVar,
  mergeLeaves,
  sameShape,
  Tied,
  type Traced,
  traceProgram,
} from '@linum/tensor/core'
import { leafTensor } from './vjp.js'

type Atom = Program['outputs'][number]

/** A function with a derivative of its own, as its calls see it. */
export interface CustomFunction {
  /** `customVjp` or `customJvp`, for errors. */
  readonly kind: string
  readonly f: (...args: never[]) => unknown
  readonly nondiffArgnums: readonly number[]
}

/** A result as a list of tensors; numbers become weak float32. Throws TypeError for other leaves, naming their path. */
export const tensorsOf = (
  what: string,
  value: unknown,
): { readonly tensors: readonly Tensor[]; readonly def: tree.TreeDef } => {
  const [leaves, def] = tree.flatten(value)
  const tensors = leaves.map((leaf, i) => {
    const t = leafTensor(leaf)
    if (t !== null) return t
    const path = tree.keystr(tree.leavesWithPath(value)[i]![0])
    throw new TypeError(`${what} must be of tensors, got ${typeof leaf}${path === '' ? '' : ` at ${path}`}`)
  })
  return { tensors, def }
}

/** Throws where `got` has not the structure, shapes and dtypes of `want`. `what` names what was returned. */
export const checkLike = (
  what: string,
  got: { readonly tensors: readonly Tensor[]; readonly def: tree.TreeDef },
  want: { readonly tensors: readonly Pick<Tensor, 'shape' | 'dtype'>[]; readonly def: tree.TreeDef },
  of: string,
): void => {
  if (!got.def.equals(want.def))
    throw new StateError(`${what} must have the structure of ${of}, got ${String(got.def)} for ${String(want.def)}`)
  const paths = tree.leavesWithPath(tree.unflatten(want.def, got.tensors))
  got.tensors.forEach((t, i) => checkType(`${what}${at(paths[i]![0])}`, t, want.tensors[i]!))
}

const at = (path: tree.Path): string => (path.length === 0 ? '' : ` at ${tree.keystr(path)}`)

/** A value of the wanted type: a weak one is converted. Throws ShapeError or DtypeError, beginning with `what`. */
export const checkType = (what: string, t: Tensor, want: Pick<Tensor, 'shape' | 'dtype'>): Tensor => {
  const types = `got ${t.dtype}${formatShape(t.shape)} for ${want.dtype}${formatShape(want.shape)}`
  if (!sameShape(t.shape, want.shape))
    throw new ShapeError(`${what} must have the shape of what it belongs to, ${types}`)
  if (t.dtype === want.dtype) return t
  if (!t.weak)
    throw new DtypeError(`${what} must have the dtype of what it belongs to, ${types}; convert it with astype`)
  return t.astype(want.dtype)
}

/** A call taken apart: the arguments to differentiate as tensors, the others as they are. */
export interface CustomCall extends FlatArguments {
  readonly fn: CustomFunction
  readonly label: string
  /** The arguments that are not differentiated, in the order of nondiffArgnums. */
  readonly nondiff: readonly unknown[]
  /** Those that are, with `leaves` for their tensors. */
  readonly own: (leaves: readonly Tensor[]) => readonly unknown[]
  /** All arguments in their places. */
  readonly full: (leaves: readonly Tensor[]) => readonly unknown[]
}

const checkLeaves = (label: string, args: readonly unknown[]): void => {
  for (const [[argnum, ...path], leaf] of tree.leavesWithPath(args)) {
    const known = leaf instanceof ArrayOps || ['number', 'boolean', 'string', 'function'].includes(typeof leaf)
    if (!known)
      throw new TypeError(
        `${label}: argument ${argnum}${at(path)} is a ${typeof leaf === 'object' ? (leaf as object).constructor.name : typeof leaf}, which is neither a tensor nor a tree of tensors; list it in nondiffArgnums`,
      )
  }
}

export const takeApart = (fn: CustomFunction, args: readonly unknown[]): CustomCall => {
  const { kind, f, nondiffArgnums } = fn
  const label = `${kind}(${f.name || 'anonymous'})`
  for (const n of nondiffArgnums) {
    if (!Number.isInteger(n) || n < 0 || n >= args.length)
      throw new RangeError(`${label}: nondiffArgnums must name arguments, got ${n} for a call with ${args.length}`)
  }
  checkLeaves(
    label,
    args.map((a, i) => (nondiffArgnums.includes(i) ? null : a)),
  )
  const flat = flattenArguments(label, args, nondiffArgnums)
  const full = (leaves: readonly Tensor[]): readonly unknown[] => {
    const rebuilt = tree.unflatten(flat.def, mergeLeaves(flat.statics, leaves)) as readonly unknown[]
    return rebuilt.map((x, i) => (nondiffArgnums.includes(i) ? args[i] : x))
  }
  return {
    ...flat,
    fn,
    label,
    nondiff: nondiffArgnums.map((i) => args[i]),
    own: (leaves) => full(leaves).filter((_, i) => !nondiffArgnums.includes(i)),
    full,
  }
}

/** The function itself, traced. */
export interface Primal extends Traced {
  readonly def: tree.TreeDef
}

const tracePrimal = (call: CustomCall): Primal => {
  let def: tree.TreeDef | undefined
  const traced = traceProgram(
    call.label,
    call.tensors.map((t) => t.aval),
    (tracers) => {
      const out = call.fn.f(...(call.full(tracers) as never[]))
      if (out instanceof Promise) return out as never
      const result = tensorsOf(`${call.label}: the result`, out)
      def = result.def
      return result.tensors
    },
  )
  return { ...traced, def: def! }
}

/**
 * Gives a program leading inputs for all of `captured`, of which it has its own. `same` says which of its own captured
 * values are others by another name.
 */
const closeOver = (
  { program, captured: own }: Traced,
  captured: readonly Tensor[],
  same: ReadonlyMap<Tensor, Tensor> = new Map(),
): Program => {
  const lead = new Map(captured.map((t) => [t, own.includes(t) ? program.inputs[own.indexOf(t)]! : makeVar(t.aval)]))
  const renamed = new Map<Atom, Atom>()
  own.forEach((t, i) => {
    const other = same.get(t)
    if (other !== undefined) renamed.set(program.inputs[i]!, lead.get(other)!)
  })
  const read = (x: Atom): Atom => renamed.get(x) ?? x
  const inputs = [...lead.values(), ...program.inputs.slice(own.length)]
  if (renamed.size === 0) return { ...program, inputs }
  const equations = program.equations.map((e) =>
    makeEquation(e.primitive, e.params as never, e.inputs.map(read), e.outputs),
  )
  return { inputs, equations, outputs: program.outputs.map(read) }
}

const union = (traces: readonly Traced[]): readonly Tensor[] => [...new Set(traces.flatMap((t) => t.captured))]

/** A function and its rule as programs, all of which begin with what any of them captured. */
export interface CustomPrograms<Rule extends object> {
  readonly program: Program
  readonly captured: readonly Tensor[]
  readonly rule: Tied<Rule>
  readonly def: tree.TreeDef
}

/** A rule that is being traced: calls of its function in it refer to it. */
interface InProgress {
  readonly call: CustomCall
  readonly primal: Primal
  called: boolean
  /** There when the programs' captured values are known. */
  tied: CustomPrograms<object> | null
}

const inProgress: InProgress[] = []

const during = <R>(entry: InProgress, body: () => R): R => {
  inProgress.push(entry)
  try {
    return body()
  } finally {
    inProgress.pop()
  }
}

/** What a call amounts to: programs to bind, or, inside the first reading of its own rule, the function alone. */
export type Meaning<Rule extends object> =
  | { readonly kind: 'custom'; readonly programs: CustomPrograms<Rule> }
  | { readonly kind: 'plain'; readonly primal: Primal }

/**
 * Values that a rule makes anew each time that it is traced (an `array` in its body), paired with those of the first
 * time, which the programs know: those that differ between two equal traces, in order.
 */
const matchMade = (
  label: string,
  trace: Traced,
  first: Traced,
  again: Traced,
  captured: readonly Tensor[],
): ReadonlyMap<Tensor, Tensor> => {
  const made = trace.captured.filter((t) => !captured.includes(t))
  const before = first.captured.filter((t, i) => again.captured[i] !== t)
  const sameTypes = made.length === before.length && made.every((t, i) => avalKey(t.aval) === avalKey(before[i]!.aval))
  if (!sameTypes)
    throw new TraceError(`${label}: its rule captured other values the second time it was traced; make it pure`)
  return new Map(made.map((t, i) => [t, before[i]!]))
}

/**
 * Traces a function and its rule. `traceRules` gives the rule's programs in a fixed order, `assemble` makes the rule of
 * them when all begin with the captured values. A rule may call its own function (with the types that it was called
 * with itself): it is read to learn what it captures, then once more with such calls referring to the rule.
 */
export const traceCustom = <Rule extends object>(
  call: CustomCall,
  traceRules: (primal: Primal) => readonly Traced[],
  assemble: (programs: readonly Program[]) => Rule,
): Meaning<Rule> => {
  const outer = inProgress.find((e) => e.call.fn === call.fn && e.call.key === call.key && e.call.def.equals(call.def))
  if (outer !== undefined) {
    outer.called = true
    return outer.tied === null
      ? { kind: 'plain', primal: outer.primal }
      : { kind: 'custom', programs: outer.tied as CustomPrograms<Rule> }
  }
  const primal = tracePrimal(call)
  const entry: InProgress = { call, primal, called: false, tied: null }
  const first = during(entry, () => traceRules(primal))
  const captured = union([primal, ...first])
  const program = closeOver(primal, captured)
  const rule = Tied.tie<Rule>((self) => {
    if (!entry.called) return assemble(first.map((t) => closeOver(t, captured)))
    const again = during(entry, () => traceRules(primal))
    entry.tied = { program, captured, rule: self, def: primal.def }
    const tied = during(entry, () => traceRules(primal))
    return assemble(
      tied.map((t, i) => closeOver(t, captured, matchMade(call.label, t, first[i]!, again[i]!, captured))),
    )
  })
  return { kind: 'custom', programs: { program, captured, rule, def: primal.def } }
}
