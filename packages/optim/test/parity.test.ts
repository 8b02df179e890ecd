import { vjp } from '@linum/autodiff'
import * as optim from '@linum/optim'
import type { GradientTransformation, Schedule } from '@linum/optim'
import * as np from '@linum/tensor'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  tensor,
  type Tolerance,
  treeMismatch,
} from './fixture.js'

/** A call of the library, also inside the arguments of another. */
interface Call {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
}

const isCall = (x: unknown): x is Call => typeof x === 'object' && x !== null && 'fn' in x && 'args' in x

const evaluate = (x: unknown): unknown => {
  if (Array.isArray(x)) return x.map(evaluate)
  if (!isCall(x)) return decode(x)
  const f = (optim as unknown as Record<string, unknown>)[x.fn]
  if (typeof f !== 'function') throw new TypeError(`${x.fn} is not in the library`)
  return f(...x.args.map(evaluate), ...(x.options === undefined ? [] : [decode(x.options)])) as unknown
}

interface Trajectory extends Tolerance {
  readonly fn: string
  readonly optimizer: Call
  readonly steps: readonly unknown[]
}

interface Start {
  readonly params: unknown
  readonly grads: readonly unknown[]
}

const [start, ...trajectories] = load<Trajectory & Start>(import.meta.url, 'trajectories')

type Step = (grads: unknown, state: unknown, params: unknown) => readonly [params: unknown, state: unknown]

const stepOf =
  (tx: GradientTransformation): Step =>
  (grads, state, params) => {
    const [updates, next] = tx.update(grads, state as never, params)
    return [optim.applyUpdates(params, updates), next]
  }

/** Follows the scripted gradients; every step must agree. */
const follow = (c: Trajectory, compile: (step: Step) => Step): Promise<string | null> =>
  guarded(async () => {
    const { params: initial, grads } = start as Start
    const tx = evaluate(c.optimizer) as GradientTransformation
    const step = compile(stepOf(tx))
    let params = decode(initial)
    let state: unknown = tx.init(params)
    for (const [k, want] of c.steps.entries()) {
      ;[params, state] = step(decode(grads[k]), state, params)
      const failure = await labelled(
        `after step ${k + 1}`,
        treeMismatch(params, want, { rtol: c.rtol ?? 1e-5, atol: 2e-6 }),
      )
      if (failure !== null) return failure
    }
    return null
  })

parity('optimizer trajectories', trajectories, (c) => follow(c, (step) => step))
parity('compiled optimizer trajectories', trajectories, (c) =>
  follow(c, (step) => np.jit(step as never) as unknown as Step),
)

interface ScheduleCase {
  readonly fn: string
  readonly schedule: Call
  readonly steps: readonly number[]
  readonly values: Encoded
}

const scheduleMismatch = (c: ScheduleCase): Promise<string | null> =>
  guarded(() => {
    const schedule = evaluate(c.schedule) as Schedule
    const close = { rtol: 2e-6, atol: 2e-7 }
    const steps = np.array(Int32Array.from(c.steps))
    return first(
      () => labelled('of numbers', mismatch(np.array(c.steps.map((step) => Number(schedule(step)))), c.values, close)),
      () =>
        labelled(
          'of tensors',
          mismatch(
            np.stack(c.steps.map((step) => np.asarray(schedule(np.array(step, { dtype: 'int32' }))))),
            c.values,
            close,
          ),
        ),
      () =>
        labelled(
          'of a jitted step',
          mismatch(
            np.stack(
              c.steps.map((step) =>
                np.jit((count: np.Tensor) => np.asarray(schedule(count)))(np.array(step, { dtype: 'int32' })),
              ),
            ),
            c.values,
            close,
          ),
        ),
      () => labelled('of many steps', mismatch(np.asarray(schedule(steps)).broadcastTo(steps.shape), c.values, close)),
    )
  })

parity('schedules', load<ScheduleCase>(import.meta.url, 'schedules'), scheduleMismatch)

interface LossCase extends Tolerance {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: unknown
  readonly wrt: readonly number[]
  readonly ct: Encoded
  readonly expect: Encoded
  readonly grads: readonly Encoded[]
}

const lossMismatch = (c: LossCase): Promise<string | null> =>
  guarded(() => {
    const f = (optim as unknown as Record<string, unknown>)[c.fn]
    if (typeof f !== 'function') throw new TypeError(`${c.fn} is not in the library`)
    const args = c.args.map(decode)
    const options = c.options === undefined ? [] : [decode(c.options)]
    const loss = (...xs: readonly np.Tensor[]): np.Tensor =>
      f(...args.map((x, k) => (c.wrt.includes(k) ? xs[c.wrt.indexOf(k)] : x)), ...options) as np.Tensor
    const inputs = c.wrt.map((k) => args[k] as np.Tensor)
    const [out, back] = vjp(loss as never, inputs as never) as unknown as [
      np.Tensor,
      (ct: np.Tensor) => readonly np.Tensor[],
    ]
    return first(
      () => labelled('value', mismatch(out, c.expect, c)),
      () => labelled('gradient', treeMismatch(back(tensor(c.ct)), c.grads, c)),
    )
  })

parity('losses', load<LossCase>(import.meta.url, 'losses'), lossMismatch)
