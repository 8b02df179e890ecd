import type { Tensor } from '@linum/tensor'
import { bind1, type ContractParams } from '@linum/tensor/core'
import type { ReverseRules } from './rule.js'

const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i)

/** Axes of an operand that are neither contracted nor batched. */
const freeAxes = (x: Tensor, contract: readonly number[], batch: readonly number[]): number[] =>
  range(x.ndim).filter((i) => !contract.includes(i) && !batch.includes(i))

export const contractRules: ReverseRules<ContractParams> = {
  dot_general: ([ct], { inputs, params: { contract, batch }, need }) => {
    if (!ct) return []
    const [x, y] = inputs as readonly [Tensor, Tensor]
    const b = batch[0].length
    const free = [freeAxes(x, contract[0], batch[0]), freeAxes(y, contract[1], batch[1])] as const
    /**
     * The cotangent of one operand: the result's cotangent contracted with the other operand over its free axes. The
     * operands stand in the order that leaves the usual matrix product without a transpose.
     */
    const side = (own: 0 | 1): Tensor => {
      const o = (1 - own) as 0 | 1
      const other = inputs[o]!
      const ctFree = own === 0 ? range(free[1].length, b + free[0].length) : range(free[0].length, b)
      const contracted = range(other.ndim)
        .filter((i) => contract[o].includes(i))
        .map((i) => contract[own][contract[o].indexOf(i)]!)
      const product =
        own === 0
          ? bind1('dot_general', [ct, other], { contract: [ctFree, free[o]], batch: [range(b), batch[o]] })
          : bind1('dot_general', [other, ct], { contract: [free[o], ctFree], batch: [batch[o], range(b)] })
      const target =
        own === 0 ? [...batch[own], ...free[own], ...contracted] : [...batch[own], ...contracted, ...free[own]]
      const perm = range(target.length).map((axis) => target.indexOf(axis))
      return perm.every((p, i) => p === i) ? product : bind1('transpose', [product], { perm })
    }
    return [need[0] === true ? side(0) : null, need[1] === true ? side(1) : null]
  },
}
