import type { Program } from '@linum/tensor'
import {
  bind,
  evaluateProgram,
  isFloat,
  makeVar,
  type PrimitiveParams,
  traceProgram,
  withTrace,
} from '@linum/tensor/core'
import { type ForwardCall, type ForwardCalls, JvpTrace } from '../jvp-trace.js'
import { filled } from '../rules/forward/rule.js'
import { pick, place } from './carrying.js'
import { forwardCustomJvp, forwardCustomVjp } from './custom.js'

type Atom = Program['outputs'][number]

const forwardPrograms = new WeakMap<Program, Map<string, Program>>()

/** A program that takes tangents for some inputs behind its own, and gives one per floating-point output behind those. */
const forwardProgram = (program: Program, moving: readonly boolean[], label: string): Program => {
  let known = forwardPrograms.get(program)
  if (known === undefined) forwardPrograms.set(program, (known = new Map<string, Program>()))
  const key = moving.map(Number).join('')
  let made = known.get(key)
  if (made === undefined) {
    const count = program.inputs.length
    const tangentAvals = pick(program.inputs, moving).map((v) => ({ ...v.aval, weak: false }))
    made = traceProgram(label, [...program.inputs.map((v) => v.aval), ...tangentAvals], (args) =>
      withTrace(
        (level) => new JvpTrace(level, label, forwardCalls),
        (trace) => {
          const tangents = place(args.slice(count), moving)
          const outs = evaluateProgram(
            program,
            args.slice(0, count).map((x, i) => trace.dual(x, tangents[i]!)),
          )
          return [
            ...outs.map((o) => trace.primalOf(o)),
            ...outs.flatMap((o) => (isFloat(o.dtype) ? [filled(trace.tangentOf(o), o)] : [])),
          ]
        },
      ),
    ).program
    known.set(key, made)
  }
  return made
}

/** Cuts a list into consecutive parts of the given lengths, the last one open. */
const cutInto = <T>(xs: readonly T[], ...lengths: readonly number[]): T[][] => {
  let at = 0
  return [...lengths.map((n) => xs.slice(at, (at += n))), xs.slice(at)]
}

const count = (mask: readonly boolean[]): number => mask.filter(Boolean).length
const isReal = (x: Atom): boolean => isFloat(x.aval.dtype)

/** Of a primitive that runs a program once. */
const call =
  <K extends 'jit' | 'checkpoint'>(primitive: K): ForwardCall<PrimitiveParams[K]> =>
  (params, inputs, tangents) => {
    const moving = tangents.map((t) => t !== null)
    const program = forwardProgram(params.program, moving, `jvp(${params.name})`)
    const outs = bind(primitive, [...inputs, ...tangents.filter((t) => t !== null)], { ...params, program })
    const [outputs, moved] = cutInto(outs, params.program.outputs.length)
    return { outputs: outputs!, moved: place(moved!, params.program.outputs.map(isReal)) }
  }

/** How forward mode goes through every primitive that carries programs: values and tangents run in one program. */
export const forwardCalls: ForwardCalls = {
  jit: call('jit'),
  checkpoint: call('checkpoint'),
  custom_jvp: forwardCustomJvp,
  custom_vjp: forwardCustomVjp,
  scan: (params, inputs, tangents) => {
    const { body, constants, carry } = params
    const moving = body.inputs.map((v, i) =>
      i >= constants && i < constants + carry ? isReal(v) : tangents[i] !== null,
    )
    const masks = cutInto(moving, constants, carry)
    const program = forwardProgram(body, moving, 'jvp(scan)')
    // Tangents go beside what they belong to: constants, carry, scanned values.
    const [own, added] = cutInto(program.inputs, body.inputs.length)
    const [c, s, x] = cutInto(own!, constants, carry)
    const [tc, ts, tx] = cutInto(added!, count(masks[0]!), count(masks[1]!))
    const realOut = body.outputs.map(isReal)
    const [results, changes] = cutInto(program.outputs, body.outputs.length)
    const movedCarry = count(realOut.slice(0, carry))
    const joined: Program = {
      inputs: [...c!, ...tc!, ...s!, ...ts!, ...x!, ...tx!],
      equations: program.equations,
      outputs: [
        ...results!.slice(0, carry),
        ...changes!.slice(0, movedCarry),
        ...results!.slice(carry),
        ...changes!.slice(movedCarry),
      ],
    }
    const given = inputs.map((v, i) => (moving[i] === true ? filled(tangents[i], v) : null))
    const [gc, gs, gx] = cutInto(given, constants, carry).map((part) => part.filter((t) => t !== null))
    const [ic, is, ix] = cutInto(inputs, constants, carry)
    const outs = bind('scan', [...ic!, ...gc!, ...is!, ...gs!, ...ix!, ...gx!], {
      ...params,
      body: joined,
      constants: constants + gc!.length,
      carry: carry + gs!.length,
    })
    const [lastCarry, lastMoved, ys, ysMoved] = cutInto(outs, carry, movedCarry, body.outputs.length - carry)
    return { outputs: [...lastCarry!, ...ys!], moved: place([...lastMoved!, ...ysMoved!], realOut) }
  },
  cond: ({ branches }, inputs, tangents) => {
    const moving = tangents.slice(1).map((t) => t !== null)
    const outs = bind('cond', [...inputs, ...tangents.slice(1).filter((t) => t !== null)], {
      branches: branches.map((b) => forwardProgram(b, moving, 'jvp(cond)')),
    })
    const real = branches[0]!.outputs.map(isReal)
    const [outputs, moved] = cutInto(outs, real.length)
    return { outputs: outputs!, moved: place(moved!, real) }
  },
  while: (params, inputs, tangents) => {
    const { test, body, testConstants, bodyConstants } = params
    const [forTest, forBody, carried] = cutInto(inputs, testConstants, bodyConstants)
    const bodyTangents = tangents.slice(testConstants)
    const moving = body.inputs.map((v, i) => (i >= bodyConstants ? isReal(v) : bodyTangents[i] !== null))
    const program = forwardProgram(body, moving, 'jvp(while)')
    const [own, added] = cutInto(program.inputs, body.inputs.length)
    const movedConstants = count(moving.slice(0, bodyConstants))
    const [tc, ts] = cutInto(added!, movedConstants)
    const running: Program = {
      ...program,
      inputs: [...own!.slice(0, bodyConstants), ...tc!, ...own!.slice(bodyConstants), ...ts!],
    }
    // The test sees the tangents in the carry and does not look at them.
    const testing: Program = { ...test, inputs: [...test.inputs, ...ts!.map((v) => makeVar(v.aval))] }
    const given = [...forBody!, ...carried!].map((v, i) => (moving[i] === true ? filled(bodyTangents[i], v) : null))
    const [gc, gs] = cutInto(given, bodyConstants).map((part) => part.filter((t) => t !== null))
    const outs = bind('while', [...forTest!, ...forBody!, ...gc!, ...carried!, ...gs!], {
      test: testing,
      body: running,
      testConstants,
      bodyConstants: bodyConstants + movedConstants,
    })
    const [outputs, moved] = cutInto(outs, carried!.length)
    return {
      outputs: outputs!,
      moved: place(
        moved!,
        outputs!.map((o) => isFloat(o.dtype)),
      ),
    }
  },
}
