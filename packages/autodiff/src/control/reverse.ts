import { type Program, TraceError } from '@linum/tensor'
import { bind, evaluateProgram, traceProgram } from '@linum/tensor/core'
import { type Joint, jointOf, residualsOf } from '../joint.js'
import { zerosOf } from '../rules/rule.js'
import type { ReverseCalls } from '../tape.js'
import { pick, place } from './carrying.js'
import { reverseCheckpoint } from './checkpoint.js'
import { filledCotangents } from './cotangents.js'
import { reverseCustomJvp, reverseCustomVjp } from './custom.js'
import { reverseScan } from './reverse-scan.js'

const branchGradients = new WeakMap<Joint, Program>()

/** The backward pass of one branch from its operands: what it needs of the forward pass is computed again. */
const gradientOfBranch = (joint: Joint): Program => {
  let made = branchGradients.get(joint)
  if (made === undefined) {
    const { forward, backward } = joint
    const operands = forward.inputs.length
    const avals = [
      ...forward.inputs.map((v) => v.aval),
      ...backward.inputs.slice(joint.residuals.length).map((v) => v.aval),
    ]
    made = traceProgram('grad(cond)', avals, (args) => {
      const own = args.slice(0, operands)
      const grads = evaluateProgram(backward, [
        ...residualsOf(joint, own, evaluateProgram(forward, own)),
        ...args.slice(operands),
      ])
      const wanted = pick(own, joint.need)
      return place(grads, joint.flows).map((g, i) => g ?? zerosOf(wanted[i]!))
    }).program
    branchGradients.set(joint, made)
  }
  return made
}

/** How reverse mode goes through every primitive that carries programs: both passes are programs, compiled and fused like any other. */
export const reverseCalls: ReverseCalls = {
  jit: ({ program, name }, inputs, need) => {
    const joint = jointOf(program, need, `grad(${name})`, reverseCalls)
    const all = bind('jit', inputs, { program: joint.forward, name })
    const outputs = all.slice(0, program.outputs.length)
    const residuals = residualsOf(joint, inputs, all)
    return {
      outputs,
      back: (cotangents) => {
        const grads = bind('jit', [...residuals, ...filledCotangents(outputs, cotangents)], {
          program: joint.backward,
          name: `${name} backward`,
        })
        return place(place(grads, joint.flows), need)
      },
    }
  },
  checkpoint: (params, inputs, need) => reverseCheckpoint(params, inputs, need, reverseCalls),
  custom_jvp: (params, inputs, need) => reverseCustomJvp(params, inputs, need, reverseCalls),
  custom_vjp: reverseCustomVjp,
  scan: (params, inputs, need) => reverseScan(params, inputs, need, reverseCalls),
  cond: ({ branches }, inputs, need) => {
    const wanted = need.slice(1)
    const outputs = bind('cond', inputs, { branches })
    return {
      outputs,
      back: (cotangents) => {
        const programs = branches.map((b) => gradientOfBranch(jointOf(b, wanted, 'grad(cond)', reverseCalls)))
        const grads = bind('cond', [...inputs, ...filledCotangents(outputs, cotangents)], { branches: programs })
        return [null, ...place(grads, wanted)]
      },
    }
  },
  while: (params, inputs) => ({
    outputs: bind('while', inputs, params),
    back: () => {
      throw new TraceError(
        'grad: Reverse-mode differentiation does not work for whileLoop, or foriLoop with tensors as bounds, whose length is not known beforehand; use scan, foriLoop with numbers, or jvp',
      )
    },
  }),
}
