import type { Tensor } from '@linum/tensor'
import { Variable } from './variable.js'

/** Trained by gradients: what `grad` and `Optimizer` select by default. */
export class Param<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly Param: true }
}

/** Running statistics, such as BatchNorm's. */
export class BatchStat<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly BatchStat: true }
}

/** What a model keeps between calls, such as the keys and values of autoregressive decoding. */
export class Cache<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly Cache: true }
}

/** Values noted during a forward pass. */
export class Intermediate<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly Intermediate: true }
}

/** Zeros added to an activation, whose gradient is the activation's. */
export class Perturbation<A = Tensor> extends Intermediate<A> {
  declare readonly is: Intermediate['is'] & { readonly Perturbation: true }
}

/** The state of random number streams. */
export class RngState<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly RngState: true }
}

/** The key of a stream, which never changes. */
export class RngKey<A = Tensor> extends RngState<A> {
  declare readonly is: RngState['is'] & { readonly RngKey: true }
}

/** How many keys a stream has given. */
export class RngCount<A = Tensor> extends RngState<A> {
  declare readonly is: RngState['is'] & { readonly RngCount: true }
}

/** What an optimizer keeps. */
export class OptState<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly OptState: true }
}

/** Optimizer state that belongs to no single Variable, such as a step count. */
export class OptArray<A = Tensor> extends OptState<A> {
  declare readonly is: OptState['is'] & { readonly OptArray: true }
}

/** Optimizer state in the place of a Variable, such as its momentum. */
export class OptVariable<A = Tensor> extends OptState<A> {
  declare readonly is: OptState['is'] & { readonly OptVariable: true }
}

/** What a metric accumulates. */
export class MetricState<A = Tensor> extends Variable<A> {
  declare readonly is: Variable['is'] & { readonly MetricState: true }
}

/** The low-rank factors of LoRA; a Param too, so filter by it before Param. */
export class LoRAParam<A = Tensor> extends Param<A> {
  declare readonly is: Param['is'] & { readonly LoRAParam: true }
}
