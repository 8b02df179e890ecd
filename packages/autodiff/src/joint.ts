import { type Program, TraceError } from '@linum/tensor'
import { BuildTrace, eliminateDeadCode, evaluateProgram, inStage, isFloat, withTrace } from '@linum/tensor/core'
import { type ReverseCalls, Tape } from './tape.js'

type Var = Program['inputs'][number]
type Atom = Program['outputs'][number]

/** What the backward program reads besides cotangents: an input of the forward program, or one of its extra outputs. */
export type Residual =
  | { readonly from: 'input'; readonly at: number }
  | { readonly from: 'output'; readonly at: number }

/** A program and its derivative, cut in two. */
export interface Joint {
  /** As the original program, with residuals behind its outputs. */
  readonly forward: Program
  /** Residuals, then one cotangent per floating-point output; gives a cotangent per wanted input (null where none flows). */
  readonly backward: Program
  readonly residuals: readonly Residual[]
  /** Per wanted input whether the backward program has an output for it. */
  readonly flows: readonly boolean[]
  /** Which inputs are wanted. */
  readonly need: readonly boolean[]
}

/** Traces a program forward and backward as one, then cuts it: what the second half reads of the first are the residuals. */
const makeJoint = (program: Program, need: readonly boolean[], label: string, calls: ReverseCalls): Joint =>
  withTrace(
    (level) => new BuildTrace(level, label),
    (build) => {
      const ins = program.inputs.map((v) => build.variable(v.aval))
      let mark = 0
      let outputs: readonly Atom[] = []
      let cotangents: readonly Var[] = []
      const grads = withTrace(
        (level) => new Tape(level, label, calls),
        (tape) => {
          const tracked = ins.map(({ tracer }, i) => (need[i] === true ? tape.input(tracer) : tracer))
          const results = evaluateProgram(program, tracked)
          outputs = results.map((r) => build.atomOf(tape.lower(r)))
          mark = build.equations.length
          const cts = results.map((r) => (isFloat(r.dtype) ? build.variable({ ...r.aval, weak: false }) : null))
          cotangents = cts.flatMap((c) => (c === null ? [] : [c.atom]))
          const wanted = tracked.filter((_, i) => need[i] === true)
          return tape.backward(
            results,
            cts.map((c) => c?.tracer ?? null),
            wanted,
          )
        },
      )
      const found = grads.map((g) => (g === null ? null : build.atomOf(g)))
      const grad = found.flatMap((g) => (g === null ? [] : [g]))
      for (const x of build.captured.keys()) {
        throw new TraceError(
          `${label}: a derivative rule uses an array of shape [${x.shape.join(', ')}] that is none of its arguments; make it inside the rule with iota, eye, full and the like`,
        )
      }
      return cut(
        ins.map((i) => i.atom),
        build.equations.slice(0, mark),
        build.equations.slice(mark),
        outputs,
        cotangents,
        grad,
        found.map((g) => g !== null),
        need,
      )
    },
  )

const cut = (
  inputs: readonly Var[],
  first: Program['equations'],
  second: Program['equations'],
  outputs: readonly Atom[],
  cotangents: readonly Var[],
  grads: readonly Atom[],
  flows: readonly boolean[],
  need: readonly boolean[],
): Joint => {
  const half = eliminateDeadCode({ inputs: [], equations: second, outputs: grads })
  const own = new Set<Atom>([...cotangents, ...half.equations.flatMap((e) => e.outputs)])
  const crossing = [...new Set<Atom>([...half.equations.flatMap((e) => e.inputs), ...grads])].filter(
    (x): x is Var => x.kind === 'var' && !own.has(x),
  )
  const extra = crossing.filter((v) => !inputs.includes(v) && !outputs.includes(v))
  const all = [...outputs, ...extra]
  const residuals = crossing.map((v): Residual =>
    inputs.includes(v) ? { from: 'input', at: inputs.indexOf(v) } : { from: 'output', at: all.indexOf(v) },
  )
  return {
    forward: eliminateDeadCode({ inputs, equations: first, outputs: all }),
    backward: { inputs: [...crossing, ...cotangents], equations: half.equations, outputs: grads },
    residuals,
    flows,
    need,
  }
}

const joints = new WeakMap<Program, Map<string, Joint>>()
/** The joint program for the wanted inputs, made once; `calls` differentiates the programs inside it. */
export const jointOf = (program: Program, need: readonly boolean[], label: string, calls: ReverseCalls): Joint => {
  let byNeed = joints.get(program)
  if (byNeed === undefined) joints.set(program, (byNeed = new Map<string, Joint>()))
  const key = need.map(Number).join('')
  let joint = byNeed.get(key)
  if (joint === undefined) byNeed.set(key, (joint = inStage('backward', () => makeJoint(program, need, label, calls))))
  return joint
}

/** The values that a residual names. */
export const residualsOf = <T>(joint: Joint, inputs: readonly T[], outputs: readonly T[]): T[] =>
  joint.residuals.map((r) => (r.from === 'input' ? inputs[r.at]! : outputs[r.at]!))
