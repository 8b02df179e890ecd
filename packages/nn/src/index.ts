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
  log1mexp,
  logmeanexp,
  type LogmeanexpOptions,
  logSigmoid,
  logSoftmax,
  logsumexp,
  mish,
  oneHot,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softSign,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  type SquareplusOptions,
  standardize,
  type StandardizeOptions,
  swish,
  tanh,
} from './activations.js'
export {
  Conv,
  type ConvGeneralDilated,
  type ConvOptions,
  type ConvPadding,
  type KernelOptions,
} from './convolution/conv.js'
export { ConvTranspose, type ConvTransposeOptions, type ConvTransposePadding } from './convolution/conv-transpose.js'
export type { Padding, Pair, PerAxis } from './convolution/geometry.js'
export { Dropout, type DropoutCallOptions, type DropoutOptions } from './dropout.js'
export { Einsum, type EinsumCallOptions, type EinsumOp, type EinsumOptions } from './einsum.js'
export { Embed, type EmbedOptions } from './embed.js'
export * as initializers from './initializers/index.js'
export type { Initializer, InitializerOptions } from './initializers/initializer.js'
export { type DotGeneral, Linear, type LinearOptions, type ProductOptions } from './linear.js'
export { LinearGeneral, type LinearGeneralOptions } from './linear-general.js'
export {
  type Adapted,
  type AdapterOptions,
  LoRA,
  LoRALinear,
  type LoRALinearOptions,
  type LoRAOptions,
  type LoRAParamType,
} from './lora.js'
export type { AffineOptions, ScaleOptions } from './normalization/affine.js'
export { BatchNorm, type BatchNormCallOptions, type BatchNormOptions } from './normalization/batch-norm.js'
export { GroupNorm, type GroupNormOptions } from './normalization/group-norm.js'
export { InstanceNorm, type InstanceNormOptions } from './normalization/instance-norm.js'
export { LayerNorm, type LayerNormOptions } from './normalization/layer-norm.js'
export type { Axes, CenteredNormOptions, MaskOptions, NormOptions } from './normalization/per-example.js'
export { RMSNorm, type RMSNormOptions } from './normalization/rms-norm.js'
export { SpectralNorm, type SpectralNormCallOptions, type SpectralNormOptions } from './normalization/spectral-norm.js'
export {
  type VariableFilter,
  WeightNorm,
  type WeightNormOptions,
  type WrappedLayer,
} from './normalization/weight-norm.js'
export type { ComputationOptions, ParameterOptions } from './parameter.js'
export {
  avgPool,
  type AvgPoolOptions,
  maxPool,
  minPool,
  pool,
  type PoolOptions,
  type PoolPadding,
  type PoolReduction,
} from './pooling.js'
export { PReLU, type PReLUOptions } from './prelu.js'
export { type FloatDType, promoteDtype, type PromoteDtype, type PromoteDtypeOptions } from './promote-dtype.js'
export { type Applicable, Sequential, sequential } from './sequential.js'
export {
  dotProductAttention,
  dotProductAttentionWeights,
  type AttentionFunction,
  type AttentionOptions,
} from './attention/dot-product-attention.js'
export {
  type AttentionMaskOptions,
  type CausalMaskOptions,
  combineMasks,
  makeAttentionMask,
  makeCausalMask,
  type MaskDtypeOptions,
} from './attention/masks.js'
export {
  MultiHeadAttention,
  type MultiHeadAttentionCallOptions,
  type MultiHeadAttentionOptions,
} from './attention/multi-head-attention.js'
export { rotaryEmbedding, type RotaryEmbeddingOptions } from './attention/rotary-embedding.js'
export * as metrics from './metrics/index.js'
export {
  Accuracy,
  type AccuracyArguments,
  type AccuracyOptions,
  Average,
  type AverageOptions,
  Metric,
  type MetricArguments,
  type MetricValues,
  MultiMetric,
  type Statistics,
  Welford,
} from './metrics/index.js'
export {
  Bidirectional,
  type BidirectionalCallOptions,
  type BidirectionalOptions,
  type SequenceLayer,
} from './recurrent/bidirectional.js'
export { type CarryOptions, RNNCellBase } from './recurrent/cell.js'
export type { Activation, CellOptions, GatedCellOptions } from './recurrent/dense-cell.js'
export { GRUCell } from './recurrent/gru-cell.js'
export { type LSTMCarry, LSTMCell } from './recurrent/lstm-cell.js'
export { OptimizedLSTMCell } from './recurrent/optimized-lstm-cell.js'
export { type CarryRngs, RNN, type RNNCallOptions, type RNNOptions, type RNNOutput } from './recurrent/rnn.js'
export { SimpleCell, type SimpleCellOptions } from './recurrent/simple-cell.js'
export { type Averages, EMA, type EMAOptions } from './training/ema.js'
export { type TrainFields, TrainState, type TrainTransformation } from './training/train-state.js'
export type { CallInfo } from './tabulate/record.js'
export { tabulate, type TabulateOptions } from './tabulate/tabulate.js'
