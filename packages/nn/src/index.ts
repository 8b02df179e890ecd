export {
  type AlphaOptions,
  celu,
  elu,
  gelu,
  type GeluOptions,
  glu,
  type GluOptions,
  hardSigmoid,
  hardSilu,
  hardSwish,
  hardTanh,
  identity,
  leakyRelu,
  type LeakyReluOptions,
  logSigmoid,
  logSoftmax,
  logsumexp,
  oneHot,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softSign,
  standardize,
  type StandardizeOptions,
  swish,
  tanh,
} from './activations.js'
export { Dropout, type DropoutCallOptions, type DropoutOptions } from './dropout.js'
export { Embed, type EmbedOptions } from './embed.js'
export * as initializers from './initializers/index.js'
export type { Initializer, InitializerOptions } from './initializers/initializer.js'
export { Linear, type LinearOptions } from './linear.js'
export type { AffineOptions, ScaleOptions } from './normalization/affine.js'
export { BatchNorm, type BatchNormCallOptions, type BatchNormOptions } from './normalization/batch-norm.js'
export { GroupNorm, type GroupNormOptions } from './normalization/group-norm.js'
export { LayerNorm, type LayerNormOptions, type MaskOptions } from './normalization/layer-norm.js'
export { RMSNorm, type RMSNormOptions } from './normalization/rms-norm.js'
export type { ParameterOptions } from './parameter.js'
export { type Applicable, Sequential, sequential } from './sequential.js'
