import { moveaxis, type Tensor, where } from '@linum/tensor'
import { bind, evaluateProgram, traceProgram } from '@linum/tensor/core'
import type { BatchCalls } from '../batch-trace.js'
import { repeated } from '../rules/batch/rule.js'
import { acrossBatching } from './batch-across.js'
import { type BatchContext, batchedProgram } from './batched-program.js'
import { batchCustomJvp, batchCustomVjp } from './batch-custom.js'

/** Which parts of a carry get the batch axis: those that start with it, and those that a step gives it. */
const settle = (
  start: readonly boolean[],
  step: (carry: readonly boolean[]) => readonly boolean[],
): readonly boolean[] => {
  const next = step(start).slice(0, start.length)
  const joined = start.map((b, i) => b || next[i] === true)
  return joined.every((b, i) => b === start[i]) ? start : settle(joined, step)
}

const withAxis = (xs: readonly Tensor[], has: readonly boolean[], wants: readonly boolean[], size: number): Tensor[] =>
  xs.map((x, i) => (wants[i] === true && has[i] !== true ? repeated(x, size) : x))

/** A predicate or index of every entry, shaped to choose among results of a rank. */
const column = (x: Tensor, ndim: number): Tensor =>
  x.reshape([x.shape[0]!, ...Array.from({ length: ndim - 1 }, () => 1)])

const contextOf = (application: { readonly size: number; readonly axis: string | null }): BatchContext => ({
  size: application.size,
  axis: application.axis,
  calls: batchCalls,
})

/** How batching goes through every primitive that carries programs or looks across entries. */
export const batchCalls: BatchCalls = {
  ...acrossBatching,
  jit: (application) => {
    const { inputs, batched, params } = application
    const made = batchedProgram(contextOf(application), params.program, batched, `vmap(${params.name})`)
    return { outputs: bind('jit', inputs, { ...params, program: made.program }), batched: made.batched }
  },
  checkpoint: (application) => {
    const { inputs, batched, params } = application
    const made = batchedProgram(contextOf(application), params.program, batched, `vmap(${params.name})`)
    return { outputs: bind('checkpoint', inputs, { ...params, program: made.program }), batched: made.batched }
  },
  custom_jvp: (application) => batchCustomJvp(contextOf(application), application),
  custom_vjp: (application) => batchCustomVjp(contextOf(application), application),
  scan: (application) => {
    const { inputs, batched, size, params } = application
    const context = contextOf(application)
    const { body, constants, carry } = params
    const [ofConstants, ofScanned] = [batched.slice(0, constants), batched.slice(constants + carry)]
    const inMask = (ofCarry: readonly boolean[]): readonly boolean[] => [...ofConstants, ...ofCarry, ...ofScanned]
    const ofCarry = settle(
      batched.slice(constants, constants + carry),
      (c) => batchedProgram(context, body, inMask(c), 'vmap(scan)').batched,
    )
    const made = batchedProgram(context, body, inMask(ofCarry), 'vmap(scan)', ofCarry)
    const carried = withAxis(inputs.slice(constants, constants + carry), batched.slice(constants), ofCarry, size)
    // The loop cuts the leading axis, so the batch goes second.
    const scanned = inputs.slice(constants + carry).map((x, i) => (ofScanned[i] === true ? moveaxis(x, 0, 1) : x))
    const outs = bind('scan', [...inputs.slice(0, constants), ...carried, ...scanned], {
      ...params,
      body: made.program,
    })
    return {
      outputs: outs.map((o, i) => (i >= carry && made.batched[i] === true ? moveaxis(o, 1, 0) : o)),
      batched: made.batched,
    }
  },
  cond: (application) => {
    const { inputs, batched, params } = application
    const { branches } = params
    const context = contextOf(application)
    const [index, ...operands] = inputs as readonly [Tensor, ...Tensor[]]
    const mask = batched.slice(1)
    const every = branches[0]!.outputs.map(() => true)
    if (batched[0] !== true) {
      const natural = branches.map((b) => batchedProgram(context, b, mask, 'vmap(cond)').batched)
      const force = every.map((_, i) => natural.some((n) => n[i] === true))
      return {
        outputs: bind('cond', inputs, {
          branches: branches.map((b) => batchedProgram(context, b, mask, 'vmap(cond)', force).program),
        }),
        batched: force,
      }
    }
    // Each entry has a branch of its own: all run, and every entry takes its results.
    const results = branches.map((b) =>
      bind('jit', operands, { program: batchedProgram(context, b, mask, 'vmap(cond)', every).program, name: 'branch' }),
    )
    const outputs = results[0]!.map((first, i) =>
      results.slice(1).reduce((chosen, r, k) => where(column(index.equal(k + 1), first.ndim), r[i]!, chosen), first),
    )
    return { outputs, batched: every }
  },
  while: (application) => {
    const { inputs, batched, size, params } = application
    const context = contextOf(application)
    const { test, body, testConstants, bodyConstants } = params
    const fixed = testConstants + bodyConstants
    const [ofTest, ofBody] = [batched.slice(0, testConstants), batched.slice(testConstants, fixed)]
    const tested = (c: readonly boolean[]): boolean =>
      batchedProgram(context, test, [...ofTest, ...c], 'vmap(while)').batched[0] === true
    const stepped = (c: readonly boolean[]): readonly boolean[] =>
      batchedProgram(context, body, [...ofBody, ...c], 'vmap(while)').batched
    const ofCarry = settle(batched.slice(fixed), (c) => (tested(c) ? c.map(() => true) : stepped(c)))
    const carried = withAxis(inputs.slice(fixed), batched.slice(fixed), ofCarry, size)
    const testing = batchedProgram(context, test, [...ofTest, ...ofCarry], 'vmap(while)').program
    const running = batchedProgram(context, body, [...ofBody, ...ofCarry], 'vmap(while)', ofCarry).program
    const operands = [...inputs.slice(0, fixed), ...carried]
    if (!tested(ofCarry))
      return { outputs: bind('while', operands, { ...params, test: testing, body: running }), batched: ofCarry }
    // Entries end at different times: the loop goes on while one does, and those that have ended keep their values.
    const avals = (xs: readonly Tensor[]): readonly Tensor['aval'][] => xs.map((x) => x.aval)
    const anyLeft = traceProgram('vmap(while)', avals([...inputs.slice(0, testConstants), ...carried]), (args) => [
      evaluateProgram(testing, args)[0]!.any(),
    ]).program
    const masked = traceProgram('vmap(while)', avals(operands), (args) => {
      const now = args.slice(fixed)
      const goesOn = evaluateProgram(testing, [...args.slice(0, testConstants), ...now])[0]!
      const next = evaluateProgram(running, [...args.slice(testConstants, fixed), ...now])
      return next.map((n, i) => where(column(goesOn, n.ndim), n, now[i]!))
    }).program
    const outputs = bind('while', [...inputs.slice(0, testConstants), ...operands], {
      test: anyLeft,
      body: masked,
      testConstants,
      bodyConstants: fixed,
    })
    return { outputs, batched: ofCarry }
  },
}
