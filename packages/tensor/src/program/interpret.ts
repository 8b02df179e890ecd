import type { Tensor } from '../core/tensor.js'
import { baseTrace, bind } from '../core/trace.js'
import { stack } from '../ops/shape/join.js'
import { inlineCalls } from './inline.js'
import type { Atom, Equation, Program } from './program.js'

/** Where an equation is: the flat program that it belongs to, its place there, and the loops around that. */
export interface Place {
  readonly program: Program
  readonly index: number
  readonly steps: readonly { readonly loop: string; readonly step: number }[]
}

/** Hears of every equation after it ran. */
export type Observe = (equation: Equation, inputs: readonly Tensor[], outputs: readonly Tensor[], place: Place) => void

type Steps = Place['steps']
const run = (program: Program, args: readonly Tensor[], observe: Observe, steps: Steps): readonly Tensor[] => {
  const flat = inlineCalls(program)
  const env = new Map<Atom, Tensor>(flat.inputs.map((v, i) => [v, args[i]!]))
  const read = (x: Atom): Tensor =>
    x.kind === 'literal' ? baseTrace().literal(x.value, x.aval.dtype, x.aval.weak) : env.get(x)!
  flat.equations.forEach((eqn, index) => {
    const inputs = eqn.inputs.map(read)
    const outputs = runEquation(eqn, inputs, observe, steps)
    eqn.outputs.forEach((o, i) => env.set(o, outputs[i]!))
    observe(eqn, inputs, outputs, { program: flat, index, steps })
  })
  return flat.outputs.map(read)
}

const runEquation = (eqn: Equation, inputs: readonly Tensor[], observe: Observe, steps: Steps): readonly Tensor[] => {
  const inside = (step: number): Steps => [...steps, { loop: eqn.primitive, step }]
  switch (eqn.primitive) {
    case 'scan': {
      const { body, constants, carry, length, reverse } = eqn.params
      const fixed = inputs.slice(0, constants)
      let state = inputs.slice(constants, constants + carry)
      const rows: Tensor[][] = []
      for (let n = 0; n < length; n++) {
        const i = reverse ? length - 1 - n : n
        const slices = inputs.slice(constants + carry).map((x) => x.slice(i))
        const results = run(body, [...fixed, ...state, ...slices], observe, inside(i))
        state = results.slice(0, carry)
        rows[i] = results.slice(carry)
      }
      if (length === 0) return bind('scan', inputs, eqn.params)
      return [...state, ...rows[0]!.map((_, k) => stack(rows.map((r) => r[k]!)))]
    }
    case 'cond': {
      const chosen = Math.min(Math.max(Number(inputs[0]!.item()), 0), eqn.params.branches.length - 1)
      return run(eqn.params.branches[chosen]!, inputs.slice(1), observe, steps)
    }
    case 'while': {
      const { test, body, testConstants, bodyConstants } = eqn.params
      const fixed = testConstants + bodyConstants
      let state: readonly Tensor[] = inputs.slice(fixed)
      for (
        let n = 0;
        run(test, [...inputs.slice(0, testConstants), ...state], observe, inside(n))[0]!.item() === true;
        n++
      )
        state = run(body, [...inputs.slice(testConstants, fixed), ...state], observe, inside(n))
      return state
    }
    case 'debug_callback':
      // Was called when the program ran; this is a second look.
      return []
    default:
      return bind(eqn.primitive, inputs, eqn.params)
  }
}

/** Runs a program one equation at a time, loops and branches included, on concrete values. */
export const interpretProgram = (program: Program, args: readonly Tensor[], observe: Observe): readonly Tensor[] =>
  run(program, args, observe, [])
