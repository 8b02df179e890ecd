import type { Tensor } from '@linum/tensor'
import { bind1, type ContractParams } from '@linum/tensor/core'
import { type BatchRules } from './rule.js'

const later = (axes: readonly number[]): number[] => axes.map((a) => a + 1)

/** Brings one axis to the front. */
const toFront = (x: Tensor, axis: number): Tensor =>
  axis === 0 ? x : bind1('transpose', [x], { perm: [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)] })

export const contractBatching: BatchRules<ContractParams> = {
  dot_general: ({ inputs, batched, params: { contract, batch } }) => {
    const [x, y] = inputs as readonly [Tensor, Tensor]
    const left = batched[0] === true
    const right = batched[1] === true
    const axes = (
      pair: readonly [readonly number[], readonly number[]],
    ): readonly [readonly number[], readonly number[]] => [
      left ? later(pair[0]) : pair[0],
      right ? later(pair[1]) : pair[1],
    ]
    const [c, b] = [axes(contract), axes(batch)]
    if (left && right)
      return [
        bind1('dot_general', [x, y], {
          contract: c,
          batch: [
            [0, ...b[0]],
            [0, ...b[1]],
          ],
        }),
      ]
    // A batch axis of one operand is one more of its free axes, the first.
    const product = bind1('dot_general', [x, y], { contract: c, batch: b })
    const leftFree = x.ndim - c[0].length - b[0].length
    return [toFront(product, b[0].length + (left ? 0 : leftFree))]
  },
}
