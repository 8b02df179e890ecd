import { add, cond, equal, mod, mul, type TensorLike } from '@linum/tensor'
import { mapAligned } from './leaves.js'
import { oneMinus } from './moment.js'

/** stepSize new + (1 - stepSize) old, leaf by leaf: a moving average of parameters. */
export const incrementalUpdate = <P>(newTensors: P, oldTensors: P, stepSize: TensorLike): P =>
  mapAligned(
    'incrementalUpdate',
    (x, y) => add(mul(x!, stepSize), mul(y!, oneMinus(stepSize))),
    newTensors,
    oldTensors,
  ) as P

/** The new tensors at every `updatePeriod`-th step, the old ones at the others. */
export const periodicUpdate = <P>(newTensors: P, oldTensors: P, steps: TensorLike, updatePeriod: TensorLike): P =>
  cond(
    equal(mod(steps, updatePeriod), 0),
    () => newTensors,
    () => oldTensors,
  )
