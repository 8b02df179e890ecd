import { Tensor } from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, type PrimitiveParams, type Trace } from '@linum/tensor/core'
import { carriesProgram, type Carrying } from './control/carrying.js'
import { forwardRules } from './rules/forward/forward.js'
import type { ForwardRule, Tangent } from './rules/forward/rule.js'

/** A value with the tangent that it moves along. */
class JvpTracer extends Tensor {
  readonly primal: Tensor
  readonly tangent: Tensor

  constructor(trace: JvpTrace, primal: Tensor, tangent: Tensor) {
    super(primal.aval, trace, null)
    this.primal = primal
    this.tangent = tangent
  }
}

/** Results of a primitive that carries programs, and their tangents: null for those that do not move. */
export type ForwardCall<P> = (
  params: P,
  inputs: readonly Tensor[],
  tangents: readonly Tangent[],
) => { readonly outputs: readonly Tensor[]; readonly moved: readonly Tangent[] }

/** Complete over the primitives that carry programs. */
export type ForwardCalls = { readonly [K in Carrying]: ForwardCall<PrimitiveParams[K]> }

/** Computes values and their tangents together. */
export class JvpTrace implements Trace {
  readonly dynamic = false
  readonly level: number
  readonly label: string
  readonly #calls: ForwardCalls

  constructor(level: number, label: string, calls: ForwardCalls) {
    this.level = level
    this.label = label
    this.#calls = calls
  }

  dual(primal: Tensor, tangent: Tangent): Tensor {
    return tangent === null ? primal : new JvpTracer(this, primal, tangent)
  }
  primalOf(x: Tensor): Tensor {
    return x instanceof JvpTracer && x.trace === this ? x.primal : x
  }
  tangentOf(x: Tensor): Tangent {
    return x instanceof JvpTracer && x.trace === this ? x.tangent : null
  }

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    const inputs = args.map((x) => this.primalOf(x))
    const tangents = args.map((x) => this.tangentOf(x))
    let outputs: readonly Tensor[]
    let moved: readonly Tangent[]
    if (carriesProgram(name)) {
      const call = this.#calls[name] as ForwardCall<PrimitiveParams[K]>
      ;({ outputs, moved } = call(params, inputs, tangents))
    } else {
      outputs = bind(name, inputs, params)
      const rule = forwardRules[name as Exclude<K, Carrying>] as ForwardRule<PrimitiveParams[K]>
      moved = outputs.some((o) => isFloat(o.dtype)) ? rule(tangents, { inputs, outputs, params }) : []
    }
    return outputs.map((o, i) => this.dual(o, isFloat(o.dtype) ? (moved[i] ?? null) : null))
  }
}
