import type { TypedArray } from '../../core/dtype.js'
import { sizeOf } from '../../core/shape.js'
import type { CoreType } from '../../primitives/routine.js'
import type { Routine } from '../../program/schedule.js'

const items = (arrays: readonly TypedArray[], types: readonly CoreType[], at: number): TypedArray[] =>
  types.map(({ shape }, k) => {
    const size = sizeOf(shape)
    return arrays[k]!.subarray(at * size, (at + 1) * size)
  })

/** Runs a routine's own code on each item of the batch. */
export const eachItem =
  ({ routine, params, batch, operands, results }: Extract<Routine, { name: 'routine' }>) =>
  (inputs: readonly TypedArray[], outputs: readonly TypedArray[]): void => {
    for (let i = 0; i < batch; i++)
      routine.compute(items(inputs, operands, i), items(outputs, results, i), operands, params as never)
  }
