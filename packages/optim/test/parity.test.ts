import { vjp } from '@linum/autodiff'
import * as optim from '@linum/optim'
import type { Schedule } from '@linum/optim'
import * as np from '@linum/tensor'
import { type Call, evaluate } from './evaluate.js'
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
parity('schedules of cycles', load<ScheduleCase>(import.meta.url, 'cycles'), scheduleMismatch)

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
parity('more losses', load<LossCase>(import.meta.url, 'more-losses'), lossMismatch)

interface FunctionCase extends Call, Tolerance {
  readonly expect: unknown
}

parity('functions of trees', load<FunctionCase>(import.meta.url, 'functions'), (c) =>
  guarded(() => treeMismatch(evaluate(c), c.expect, c)),
)
