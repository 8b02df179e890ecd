import { moveaxis, type Program, type Tensor, where } from '@linum/tensor'
import { bind, evaluateProgram, traceProgram, withTrace } from '@linum/tensor/core'
import { type BatchCalls, BatchTrace } from '../batch-trace.js'
import { repeated } from '../rules/batch/rule.js'

/** A program for batches, and which of its results have the batch axis. */
interface Batched {
  readonly program: Program
  readonly batched: readonly boolean[]
}

const batchedPrograms = new WeakMap<Program, Map<string, Batched>>()

/** A program whose inputs have a batch axis where `batched` says so, traced once; results that `force` names get one in any case. */
const batchedProgram = (
  program: Program,
  batched: readonly boolean[],
  size: number,
  label: string,
  force: readonly boolean[] = [],
): Batched => {
  let known = batchedPrograms.get(program)
  if (known === undefined) batchedPrograms.set(program, (known = new Map<string, Batched>()))
  const key = `${size}:${batched.map(Number).join('')}:${force.map(Number).join('')}`
  let made = known.get(key)
  if (made === undefined) {
    let results: readonly boolean[] = []
    const avals = program.inputs.map((v, i) =>
      batched[i] === true ? { ...v.aval, shape: [size, ...v.aval.shape] } : v.aval,
    )
    const traced = traceProgram(label, avals, (args) =>
      withTrace(
        (level) => new BatchTrace(level, label, size, batchCalls),
        (trace) => {
          const outs = evaluateProgram(
            program,
            args.map((x, i) => (batched[i] === true ? trace.entry(x) : x)),
          )
          results = outs.map((o, i) => trace.isBatched(o) || force[i] === true)
          return outs.map((o, i) => (trace.isBatched(o) ? o.value : force[i] === true ? repeated(o, size) : o))
        },
      ),
    )
    made = { program: traced.program, batched: results }
    known.set(key, made)
  }
  return made
}

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

/** How batching goes through every primitive that carries programs. */
export const batchCalls: BatchCalls = {
  jit: ({ inputs, batched, size, params: { program, name } }) => {
    const made = batchedProgram(program, batched, size, `vmap(${name})`)
    return { outputs: bind('jit', inputs, { program: made.program, name }), batched: made.batched }
  },
  scan: ({ inputs, batched, size, params }) => {
    const { body, constants, carry } = params
    const [ofConstants, ofScanned] = [batched.slice(0, constants), batched.slice(constants + carry)]
    const inMask = (ofCarry: readonly boolean[]): readonly boolean[] => [...ofConstants, ...ofCarry, ...ofScanned]
    const ofCarry = settle(
      batched.slice(constants, constants + carry),
      (c) => batchedProgram(body, inMask(c), size, 'vmap(scan)').batched,
    )
    const made = batchedProgram(body, inMask(ofCarry), size, 'vmap(scan)', ofCarry)
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
  cond: ({ inputs, batched, size, params: { branches } }) => {
    const [index, ...operands] = inputs as readonly [Tensor, ...Tensor[]]
    const mask = batched.slice(1)
    const every = branches[0]!.outputs.map(() => true)
    if (batched[0] !== true) {
      const natural = branches.map((b) => batchedProgram(b, mask, size, 'vmap(cond)').batched)
      const force = every.map((_, i) => natural.some((n) => n[i] === true))
      return {
        outputs: bind('cond', inputs, {
          branches: branches.map((b) => batchedProgram(b, mask, size, 'vmap(cond)', force).program),
        }),
        batched: force,
      }
    }
    // Each entry has a branch of its own: all run, and every entry takes its results.
    const results = branches.map((b) =>
      bind('jit', operands, { program: batchedProgram(b, mask, size, 'vmap(cond)', every).program, name: 'branch' }),
    )
    const outputs = results[0]!.map((first, i) =>
      results.slice(1).reduce((chosen, r, k) => where(column(index.equal(k + 1), first.ndim), r[i]!, chosen), first),
    )
    return { outputs, batched: every }
  },
  while: ({ inputs, batched, size, params }) => {
    const { test, body, testConstants, bodyConstants } = params
    const fixed = testConstants + bodyConstants
    const [ofTest, ofBody] = [batched.slice(0, testConstants), batched.slice(testConstants, fixed)]
    const tested = (c: readonly boolean[]): boolean =>
      batchedProgram(test, [...ofTest, ...c], size, 'vmap(while)').batched[0] === true
    const stepped = (c: readonly boolean[]): readonly boolean[] =>
      batchedProgram(body, [...ofBody, ...c], size, 'vmap(while)').batched
    const ofCarry = settle(batched.slice(fixed), (c) => (tested(c) ? c.map(() => true) : stepped(c)))
    const carried = withAxis(inputs.slice(fixed), batched.slice(fixed), ofCarry, size)
    const testing = batchedProgram(test, [...ofTest, ...ofCarry], size, 'vmap(while)').program
    const running = batchedProgram(body, [...ofBody, ...ofCarry], size, 'vmap(while)', ofCarry).program
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
