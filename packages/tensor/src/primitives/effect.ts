import type { Tensor } from '../core/tensor.js'
import type { RuleTable } from './primitive.js'

let made = 0

/** A function of the host that a program calls; two are the same only if they are one object. */
export class HostCallback {
  readonly id: number = made++
  readonly name: string
  readonly #f: (...values: readonly Tensor[]) => void

  constructor(f: (...values: readonly Tensor[]) => void, name: string) {
    this.#f = f
    this.name = name
  }

  call(values: readonly Tensor[]): void {
    this.#f(...values)
  }
}

export interface EffectParams {
  /**
   * Hands its operands to a function of the host, for what that does besides computing. No results. Per mapped axis,
   * outermost first, `batched` says which operands lead with it: the function is called once per entry.
   */
  debug_callback: { readonly callback: HostCallback; readonly batched: readonly (readonly boolean[])[] }
}

export const effectTypes: RuleTable<EffectParams> = { debug_callback: () => [] }
