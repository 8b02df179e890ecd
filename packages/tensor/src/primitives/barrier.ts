import type { NoParams, RuleTable } from './primitive.js'

/** Identities that say something to passes and transforms. */
export interface BarrierParams {
  /**
   * Its operands as they are, but only once all of them exist, and as values of their own: nothing computed from the
   * results is shared with, fused into or moved before what was computed from the operands.
   */
  optimization_barrier: NoParams
  /** Its operand, under a name that policies of checkpoint can ask for. */
  checkpoint_name: { readonly name: string }
}

export const barrierTypes: RuleTable<BarrierParams> = {
  optimization_barrier: (avals) => avals,
  checkpoint_name: ([x]) => [x!],
}
