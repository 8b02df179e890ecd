import { add, Tensor } from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, type PrimitiveParams, type Trace } from '@linum/tensor/core'
import { carriesProgram, type Carrying } from './control/carrying.js'
import { reverseRules } from './rules/reverse.js'
import type { Cotangent, ReverseRule } from './rules/rule.js'

/** Results of a primitive that carries programs, and how cotangents go back through it. */
export type ReverseCall<P> = (
  params: P,
  inputs: readonly Tensor[],
  need: readonly boolean[],
) => { readonly outputs: readonly Tensor[]; readonly back: (cotangents: readonly Cotangent[]) => readonly Cotangent[] }

/** Complete over the primitives that carry programs. */
export type ReverseCalls = { readonly [K in Carrying]: ReverseCall<PrimitiveParams[K]> }

/** One recorded application: where its inputs came from and how cotangents go back to them. */
interface TapeNode {
  readonly parents: readonly (TapeTracer | null)[]
  readonly results: number
  readonly back: (cotangents: readonly Cotangent[]) => readonly Cotangent[]
}

/** A value on a tape: the lower value that it stands for and the node that made it (none for an input). */
class TapeTracer extends Tensor {
  readonly value: Tensor
  readonly node: TapeNode | null
  readonly result: number

  constructor(tape: Tape, value: Tensor, node: TapeNode | null, result: number) {
    super(value.aval, tape, null)
    this.value = value
    this.node = node
    this.result = result
  }
}

/**
 * Records operations that depend on its inputs, and computes on the values below meanwhile. The recorded values are
 * those of the level below, so an outer transform sees the backward pass as ordinary operations.
 */
export class Tape implements Trace {
  readonly dynamic = false
  readonly level: number
  readonly label: string
  readonly #nodes: TapeNode[] = []
  readonly #calls: ReverseCalls

  constructor(level: number, label: string, calls: ReverseCalls) {
    this.level = level
    this.label = label
    this.#calls = calls
  }

  /** A value whose cotangent can be asked for. */
  input(value: Tensor): Tensor {
    return new TapeTracer(this, value, null, 0)
  }

  /** The value below; `x` itself if this tape did not record it. */
  lower(x: Tensor): Tensor {
    return x instanceof TapeTracer && x.trace === this ? x.value : x
  }

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    const inputs = args.map((x) => this.lower(x))
    if (name === 'stop_gradient') return bind(name, inputs, params)
    const parents = args.map((x) => (x instanceof TapeTracer && x.trace === this ? x : null))
    const need = parents.map((p) => p !== null)
    let outputs: readonly Tensor[]
    let back: TapeNode['back']
    if (carriesProgram(name)) {
      const call = this.#calls[name] as ReverseCall<PrimitiveParams[K]>
      ;({ outputs, back } = call(params, inputs, need))
    } else {
      outputs = bind(name, inputs, params)
      const rule = reverseRules[name as Exclude<K, Carrying>] as ReverseRule<PrimitiveParams[K]>
      back = (cotangents) => rule(cotangents, { inputs, outputs, params, need })
    }
    if (!outputs.some((o) => isFloat(o.dtype))) return outputs
    const node: TapeNode = { parents, results: outputs.length, back }
    this.#nodes.push(node)
    return outputs.map((o, i) => (isFloat(o.dtype) ? new TapeTracer(this, o, node, i) : o))
  }

  /** Cotangents of `inputs` from those of `outputs`; null where nothing flows. May be called many times. */
  backward(
    outputs: readonly Tensor[],
    cotangents: readonly Cotangent[],
    inputs: readonly Tensor[],
  ): readonly Cotangent[] {
    const collected = new Map<TapeNode | Tensor, Cotangent[]>()
    const collect = (x: Tensor, ct: Cotangent): void => {
      if (ct === null || !(x instanceof TapeTracer) || x.trace !== this) return
      const key = x.node ?? x
      let slots = collected.get(key)
      if (slots === undefined) collected.set(key, (slots = new Array<Cotangent>(x.node?.results ?? 1).fill(null)))
      const before = slots[x.result]!
      slots[x.result] = before === null ? ct : add(before, ct)
    }
    outputs.forEach((o, i) => collect(o, cotangents[i] ?? null))
    for (let n = this.#nodes.length - 1; n >= 0; n--) {
      const node = this.#nodes[n]!
      const cts = collected.get(node)
      if (cts === undefined) continue
      // Passed on now; what they hold can be freed while the pass goes on.
      collected.delete(node)
      const back = node.back(cts)
      node.parents.forEach((p, i) => p !== null && collect(p, back[i] ?? null))
    }
    return inputs.map((x) => collected.get(x)?.[0] ?? null)
  }
}
