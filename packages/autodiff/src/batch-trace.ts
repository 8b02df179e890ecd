import { Tensor } from '@linum/tensor'
import type { NamedAxis, PrimitiveName, PrimitiveParams, Trace } from '@linum/tensor/core'
import { type Across, carriesProgram, type Carrying, isAcross } from './control/carrying.js'
import { batchRules } from './rules/batch/batching.js'
import type { BatchApplication, BatchRule } from './rules/batch/rule.js'

/** One entry of a batch, standing for all of them: the value below has a leading axis more. */
class BatchTracer extends Tensor {
  readonly value: Tensor

  constructor(trace: BatchTrace, value: Tensor) {
    super({ ...value.aval, shape: value.shape.slice(1) }, trace, null)
    this.value = value
  }
}

/** What a batching rule of `BatchCalls` knows besides: the name of the batch axis, null where it has none. */
interface NamedApplication<P> extends BatchApplication<P> {
  readonly axis: string | null
}

/** Results of a primitive, and which of them have the batch axis. */
export type BatchCall<P> = (application: NamedApplication<P>) => {
  readonly outputs: readonly Tensor[]
  readonly batched: readonly boolean[]
}

/** Complete over the primitives that carry programs or look across entries. */
export type BatchCalls = { readonly [K in Carrying | Across]: BatchCall<PrimitiveParams[K]> }

/** Computes with whole batches where the function sees single entries. */
export class BatchTrace implements Trace {
  readonly dynamic = false
  readonly level: number
  readonly label: string
  readonly size: number
  readonly axis: NamedAxis | null
  readonly #calls: BatchCalls

  constructor(level: number, label: string, size: number, axis: string | null, calls: BatchCalls) {
    this.level = level
    this.label = label
    this.size = size
    this.axis = axis === null ? null : { name: axis, size }
    this.#calls = calls
  }

  /** One entry of a value whose leading axis is the batch. */
  entry(batch: Tensor): Tensor {
    return new BatchTracer(this, batch)
  }

  isBatched(x: Tensor): x is BatchTracer {
    return x instanceof BatchTracer && x.trace === this
  }

  lower(x: Tensor): Tensor {
    return this.isBatched(x) ? x.value : x
  }

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    const inputs = args.map((x) => this.lower(x))
    const batched = args.map((x) => this.isBatched(x))
    const { size } = this
    if (carriesProgram(name) || isAcross(name)) {
      const call = this.#calls[name] as BatchCall<PrimitiveParams[K]>
      const results = call({ inputs, batched, size, params, axis: this.axis?.name ?? null })
      return results.outputs.map((o, i) => (results.batched[i] === true ? this.entry(o) : o))
    }
    const rule = batchRules[name as Exclude<K, Carrying | Across>] as BatchRule<PrimitiveParams[K]>
    return rule({ inputs, batched, size, params }).map((o) => this.entry(o))
  }
}
