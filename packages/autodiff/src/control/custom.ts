import { type Program, type Tensor, TraceError } from '@linum/tensor'
import { bind, eliminateDeadCode, isFloat, type PrimitiveParams } from '@linum/tensor/core'
import { type Joint, jointOf } from '../joint.js'
import type { ForwardCall } from '../jvp-trace.js'
import { filled } from '../rules/forward/rule.js'
import { zerosOf } from '../rules/rule.js'
import type { ReverseCall, ReverseCalls } from '../tape.js'
import { pick, place } from './carrying.js'
import { filledCotangents } from './cotangents.js'

type Jvp = PrimitiveParams['custom_jvp']
type Vjp = PrimitiveParams['custom_vjp']

/** A rule knows nothing of derivatives with respect to what its function captured. */
const refuseCaptured = (kind: string, name: string, constants: number, moving: readonly boolean[]): void => {
  if (moving.slice(0, constants).includes(true))
    throw new TraceError(
      `${kind}: detected differentiation of ${name} with respect to a value that it closes over; make that value an explicit argument of the function, or pass it through stopGradient`,
    )
}

const floats = (program: Program, constants: number): boolean[] =>
  program.inputs.map((v, i) => i >= constants && isFloat(v.aval.dtype))

export const forwardCustomJvp: ForwardCall<Jvp> = ({ program, name, constants, rule }, inputs, tangents) => {
  refuseCaptured(
    'customJvp',
    name,
    constants,
    tangents.map((t) => t !== null),
  )
  const moves = inputs.flatMap((x, i) => (floats(program, constants)[i] === true ? [filled(tangents[i], x)] : []))
  const outs = bind('jit', [...inputs, ...moves], { program: rule.value.forward, name: `jvp(${name})` })
  const count = program.outputs.length
  return {
    outputs: outs.slice(0, count),
    moved: place(
      outs.slice(count),
      program.outputs.map((o) => isFloat(o.aval.dtype)),
    ),
  }
}

export const forwardCustomVjp: ForwardCall<Vjp> = ({ name }) => {
  throw new TypeError(
    `customVjp: can't apply forward-mode autodiff (jvp) to a customVjp function, got ${name}; use customJvp for it, or reverse mode`,
  )
}

export const reverseCustomVjp: ReverseCall<Vjp> = ({ program, name, constants, rule }, inputs, need) => {
  refuseCaptured('customVjp', name, constants, need)
  const { forward, backward, flows } = rule.value
  const all = bind('jit', inputs, { program: forward, name: `${name} forward` })
  const outputs = all.slice(0, program.outputs.length)
  const residuals = all.slice(program.outputs.length)
  return {
    outputs,
    back: (cotangents) => {
      const grads = bind(
        'jit',
        [...inputs.slice(0, constants), ...residuals, ...filledCotangents(outputs, cotangents)],
        { program: backward, name: `${name} backward` },
      )
      return place(grads, flows).map((g, i) => (need[i] === true ? g : null))
    },
  }
}

/** The forward half of a rule's joint without its tangents, which the way back has no use for; and where its residuals are. */
interface Half {
  readonly program: Program
  /** Per residual its position among the inputs or the outputs. */
  readonly residuals: Joint['residuals']
}

const halves = new WeakMap<Joint, Half>()

const forwardHalf = (joint: Joint, results: number): Half => {
  let half = halves.get(joint)
  if (half === undefined) {
    const kept = joint.forward.outputs.slice(0, results)
    const residuals = joint.residuals.map((r) => {
      if (r.from === 'input' || r.at < results) return r
      return { from: r.from, at: kept.push(joint.forward.outputs[r.at]!) - 1 }
    })
    half = { program: eliminateDeadCode({ ...joint.forward, outputs: kept }), residuals }
    halves.set(joint, half)
  }
  return half
}

/** Reverse mode through a forward rule: the rule is linear in the tangents, and its pullback along them, at zero, is the way back. */
export const reverseCustomJvp = (
  { program, name, constants, rule }: Jvp,
  inputs: readonly Tensor[],
  need: readonly boolean[],
  calls: ReverseCalls,
): ReturnType<ReverseCall<Jvp>> => {
  refuseCaptured('customJvp', name, constants, need)
  const real = floats(program, constants)
  const wanted = [...inputs.map(() => false), ...pick(need, real)]
  const joint = jointOf(rule.value.forward, wanted, `grad(${name})`, calls)
  const results = program.outputs.length
  const half = forwardHalf(joint, results)
  const operands = [...inputs, ...pick(inputs, real).map(zerosOf)]
  const all = bind('jit', operands, { program: half.program, name })
  const outputs = all.slice(0, results)
  const residuals = half.residuals.map((r) => (r.from === 'input' ? operands[r.at]! : all[r.at]!))
  // Cotangents go to the rule's tangents alone.
  const ofOutputs = outputs.filter((o) => isFloat(o.dtype)).map(zerosOf)
  return {
    outputs,
    back: (cotangents) => {
      const grads = bind('jit', [...residuals, ...ofOutputs, ...filledCotangents(outputs, cotangents)], {
        program: joint.backward,
        name: `${name} backward`,
      })
      return place(place(grads, joint.flows), need)
    },
  }
}
