import { grad } from '@linum/autodiff'
import * as optim from '@linum/optim'
import type { GradientTransformation } from '@linum/optim'
import * as np from '@linum/tensor'
import type { Tensor } from '@linum/tensor'
import { type Call, evaluate } from './evaluate.js'
import {
  decode,
  type Encoded,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  type Tolerance,
  treeMismatch,
} from './fixture.js'

interface Trajectory extends Tolerance {
  readonly fn: string
  readonly optimizer: Call
  readonly steps: readonly unknown[]
  /** The loss of each step. */
  readonly value?: readonly number[]
  readonly lookahead?: boolean
  /** What `scheduleFreeEvalParams` gives at the end. */
  readonly eval?: unknown
  /** A part of the last state. */
  readonly probe?: { readonly key: string; readonly expect: unknown }
}

interface Start {
  readonly params: unknown
  readonly grads: readonly unknown[]
}

type Step = (
  grads: unknown,
  state: unknown,
  params: unknown,
  extra: object,
) => readonly [params: unknown, state: unknown]

const stepOf =
  (tx: GradientTransformation): Step =>
  (grads, state, params, extra) => {
    const [updates, next] = tx.update(grads, state as never, params, extra as never)
    return [optim.applyUpdates(params, updates), next]
  }

const atEnd = (c: Trajectory, state: unknown, params: unknown, close: Tolerance): Promise<string | null> => {
  if (c.eval !== undefined)
    return labelled('to evaluate', treeMismatch(optim.scheduleFreeEvalParams(state, params), c.eval, close))
  if (c.probe === undefined) return Promise.resolve(null)
  const { key, expect } = c.probe
  return labelled(key, treeMismatch(optim.tree.get(state, key), expect, { rtol: 2e-5, atol: 2e-6 }))
}

/** Follows the scripted gradients; every step must agree. */
const follow = (start: Start, c: Trajectory, compile: (step: Step) => Step): Promise<string | null> =>
  guarded(async () => {
    const close = { rtol: c.rtol ?? 1e-5, atol: c.atol ?? 2e-6 }
    const tx = evaluate(c.optimizer) as GradientTransformation
    const step = compile(stepOf(tx))
    const initial = decode(start.params)
    let params: unknown = c.lookahead === true ? optim.lookaheadParams(initial) : initial
    let state: unknown = tx.init(params)
    for (const [k, want] of c.steps.entries()) {
      const extra = c.value === undefined ? {} : { value: np.array(c.value[k]!) }
      ;[params, state] = step(decode(start.grads[k]), state, params, extra)
      const failure = await labelled(`after step ${k + 1}`, treeMismatch(params, want, close))
      if (failure !== null) return failure
    }
    return atEnd(c, state, params, close)
  })

const compiled = (step: Step): Step => np.jit(step as never) as unknown as Step

for (const [group, file] of [
  ['optimizer trajectories', 'trajectories'],
  ['families of optimizers', 'families'],
  ['trajectories that are not finite', 'not-finite'],
  ['trajectories in bfloat16', 'half'],
] as const) {
  const [start, ...cases] = load<Trajectory & Start>(import.meta.url, file)
  if (file !== 'families') parity(group, cases, (c) => follow(start!, c, (step) => step))
  parity(`compiled ${group}`, cases, (c) => follow(start!, c, compiled))
}

interface Search extends Trajectory {
  readonly objective: 'rosenbrock' | 'bowl'
  readonly losses: Encoded
  readonly learningRate?: Encoded
}

interface Point {
  readonly a: Tensor
  readonly b: Tensor
}

const flat = ({ a, b }: Point): Tensor => np.concatenate([a, b.reshape([-1])])

const objectives = {
  rosenbrock: (p: Point): Tensor => {
    const x = flat(p)
    const [head, tail] = [x.slice(':-1'), x.slice('1:')]
    return np.sum(tail.sub(head.square()).square().mul(10).add(np.sub(1, head).square()))
  },
  bowl: (p: Point): Tensor => np.sum(np.log(np.arange(1, 5).mul(flat(p).sub(0.5).square()).add(1))),
}

const [searchStart, ...searches] = load<Search & Start>(import.meta.url, 'searches')

parity('searches for minima', searches, (c) =>
  guarded(async () => {
    const objective = objectives[c.objective]
    const tx = evaluate(c.optimizer) as GradientTransformation
    const step = np.jit((params: Point, state: never) => {
      const value = objective(params)
      const grads = grad(objective)(params)
      const [updates, next] = tx.update(grads, state, params, {
        value,
        grad: grads,
        valueFn: objective,
        objFn: objective,
        gradFn: (p: Point) => grad(objective)(p),
      })
      return [value, optim.applyUpdates(params, updates), next] as const
    })
    let params = decode(searchStart!.params) as Point
    let state: unknown = tx.init(params)
    const losses: Tensor[] = []
    for (const [k, want] of c.steps.entries()) {
      const [value, nextParams, next] = step(params, state as never)
      ;[params, state] = [nextParams, next]
      losses.push(value)
      const failure = await labelled(`after step ${k + 1}`, treeMismatch(params, want, c))
      if (failure !== null) return failure
    }
    if (c.learningRate !== undefined) {
      const failure = await labelled(
        'learning rate',
        mismatch(optim.tree.get(state, 'learningRate') as Tensor, c.learningRate, c),
      )
      if (failure !== null) return failure
    }
    return labelled('losses', mismatch(np.stack(losses), c.losses, c))
  }),
)
