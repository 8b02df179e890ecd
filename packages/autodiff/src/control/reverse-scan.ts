import { add, type Program, type Tensor } from '@linum/tensor'
import {
  bind,
  eliminateDeadCode,
  evaluateProgram,
  isFloat,
  type PrimitiveParams,
  type Split,
  splitInvariants,
  traceProgram,
} from '@linum/tensor/core'
import { type Joint, jointOf, type Residual } from '../joint.js'
import { type Cotangent, zerosOf } from '../rules/rule.js'
import type { ReverseCall, ReverseCalls } from '../tape.js'
import { pick, place } from './carrying.js'

type Scan = PrimitiveParams['scan']

/** Where the backward steps find a residual: whole among the constants, those made of constants included, or a slice per step of an operand or a result. */
type Source =
  | { readonly kind: 'constant' | 'operand'; readonly input: number }
  | { readonly kind: 'made' | 'result'; readonly output: number }

const isFixed = (s: Source): boolean => s.kind === 'constant' || s.kind === 'made'

/** A scan's two passes, each without what its constants alone determine. */
interface Plan {
  /** The body with what the backward steps need and nothing holds yet as further results. */
  readonly forward: Split
  readonly backward: Split
  readonly sources: readonly Source[]
  readonly wanted: readonly boolean[]
}

const plans = new WeakMap<Joint, Plan>()

const planOf = (params: Scan, joint: Joint): Plan => {
  const known = plans.get(joint)
  if (known !== undefined) return known
  const { body, constants, carry } = params
  const forward = splitInvariants(joint.forward, constants)
  const stacked = joint.forward.outputs.slice(0, body.outputs.length)
  const sourceOf = (r: Residual): Source => {
    if (r.from === 'input' && r.at < constants) return { kind: 'constant', input: r.at }
    if (r.from === 'input' && r.at >= constants + carry) return { kind: 'operand', input: r.at }
    const atom = r.from === 'input' ? joint.forward.inputs[r.at]! : joint.forward.outputs[r.at]!
    const output = forward.outside.outputs.indexOf(atom)
    if (output >= 0) return { kind: 'made', output }
    // Only results behind the carry are kept for every step.
    const kept = stacked.indexOf(atom, carry)
    return { kind: 'result', output: kept >= 0 ? kept : stacked.push(atom) - 1 }
  }
  const sources = joint.residuals.map(sourceOf)
  const inside = eliminateDeadCode({ ...forward.inside, outputs: stacked })
  const backward = splitInvariants(backwardBody(params, joint, sources), sources.filter(isFixed).length)
  const made: Plan = { forward: { ...forward, inside }, backward, sources, wanted: joint.need }
  plans.set(joint, made)
  return made
}

/** Splits a mask over a body's inputs into those of constants, carry and scanned values. */
const sections = (
  params: Scan,
  mask: readonly boolean[],
): readonly [constants: readonly boolean[], carry: readonly boolean[], scanned: readonly boolean[]] => [
  mask.slice(0, params.constants),
  mask.slice(params.constants, params.constants + params.carry),
  mask.slice(params.constants + params.carry),
]

/**
 * One step back. Constants: residuals that do not change. Carry: cotangents of the carry and the sums of those of the
 * wanted constants. Scanned: the other residuals and the cotangents of the results; gives those of the scanned inputs.
 */
const backwardBody = (params: Scan, joint: Joint, sources: readonly Source[]): Program => {
  const { backward, forward, residuals, need } = joint
  const residualAvals = backward.inputs.slice(0, residuals.length).map((v) => v.aval)
  const isConstant = sources.map(isFixed)
  const ctAvals = backward.inputs.slice(residuals.length).map((v) => v.aval)
  const carried = forward.outputs.slice(0, params.carry).filter((o) => isFloat(o.aval.dtype)).length
  const [wantedConstants] = sections(params, need)
  const sums = pick(forward.inputs.slice(0, params.constants), wantedConstants).map((v) => ({ ...v.aval, weak: false }))
  const avals = [
    ...pick(residualAvals, isConstant),
    ...ctAvals.slice(0, carried),
    ...sums,
    ...pick(
      residualAvals,
      isConstant.map((c) => !c),
    ),
    ...ctAvals.slice(carried),
  ]
  return traceProgram('grad(scan)', avals, (args) => {
    let at = 0
    const take = (n: number): readonly Tensor[] => args.slice(at, (at += n))
    const fixed = take(isConstant.filter(Boolean).length)
    const ctCarry = take(carried)
    const totals = take(sums.length)
    const perStep = take(isConstant.length - fixed.length)
    const ctResults = take(ctAvals.length - carried)
    let [f, s] = [0, 0]
    const values = isConstant.map((c) => (c ? fixed[f++]! : perStep[s++]!))
    const grads = place(evaluateProgram(backward, [...values, ...ctCarry, ...ctResults]), joint.flows)
    const own = pick(forward.inputs, need)
    const filled = (i: number): Tensor => grads[i] ?? zerosOf(own[i]!.aval)
    const nextTotals = totals.map((t, i) => (grads[i] ? add(t, grads[i]) : t))
    const rest = own.map((_, i) => i).slice(totals.length)
    return [...rest.slice(0, carried).map(filled), ...nextTotals, ...rest.slice(carried).map(filled)]
  }).program
}

/**
 * Reverse mode through a loop: a forward scan that keeps what the steps back need, then a scan in the other direction
 * with the cotangents as carry. Time and memory are linear in the steps, and in what changes per step alone.
 */
export const reverseScan = (
  params: Scan,
  inputs: readonly Tensor[],
  need: readonly boolean[],
  calls: ReverseCalls,
): ReturnType<ReverseCall<Scan>> => {
  const { body, constants, carry, length, reverse } = params
  // Every real carry may come to depend on what is wanted.
  const wanted = body.inputs.map((v, i) =>
    i >= constants && i < constants + carry ? isFloat(v.aval.dtype) : need[i] === true,
  )
  const { forward, backward, sources } = planOf(params, jointOf(body, wanted, 'grad(scan)', calls))
  const made = evaluateProgram(forward.outside, inputs.slice(0, constants))
  const all = bind('scan', [...inputs.slice(0, constants), ...made, ...inputs.slice(constants)], {
    ...params,
    body: forward.inside,
    constants: constants + made.length,
  })
  const outputs = all.slice(0, body.outputs.length)
  const [wantedConstants, realCarry, wantedScanned] = sections(params, wanted)
  const back = (cotangents: readonly Cotangent[]): readonly Cotangent[] => {
    const ct = (i: number): Tensor => cotangents[i] ?? zerosOf(outputs[i]!)
    const real = outputs.map((_, i) => i).filter((i) => isFloat(outputs[i]!.dtype))
    const values = sources.map((s) => ('input' in s ? inputs[s.input]! : (s.kind === 'made' ? made : all)[s.output]!))
    const isConstant = sources.map(isFixed)
    const perStep = pick(
      values,
      isConstant.map((c) => !c),
    )
    const own = pick(values, isConstant)
    const fixed = [...own, ...evaluateProgram(backward.outside, own)]
    const ctCarry = real.filter((i) => i < carry).map(ct)
    const sums = pick(inputs.slice(0, constants), wantedConstants).map(zerosOf)
    const ctResults = real.filter((i) => i >= carry).map(ct)
    const grads = bind('scan', [...fixed, ...ctCarry, ...sums, ...perStep, ...ctResults], {
      body: backward.inside,
      constants: fixed.length,
      carry: ctCarry.length + sums.length,
      length,
      reverse: !reverse,
    })
    const ofCarry = place(grads.slice(0, ctCarry.length), realCarry)
    const ofConstants = place(grads.slice(ctCarry.length, ctCarry.length + sums.length), wantedConstants)
    const ofScanned = place(grads.slice(ctCarry.length + sums.length), wantedScanned)
    return [...ofConstants, ...ofCarry, ...ofScanned].map((g, i) => (need[i] === true ? g : null))
  }
  return { outputs, back }
}
