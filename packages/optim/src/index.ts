export { chain } from './chain.js'
export { applyUpdates } from './leaves.js'
export {
  type CrossEntropyOptions,
  sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy,
  softmaxCrossEntropyWithIntegerLabels,
} from './losses/classification.js'
export { huberLoss, type HuberOptions, l2Loss, logCosh, squaredError } from './losses/regression.js'
export { type SmoothingOptions, smoothLabels } from './losses/smoothing.js'
export type { Mask } from './mask.js'
export { type Gradients, Optimizer, type OptimizerOptions } from './optimizer/optimizer.js'
export type { OptStateTree } from './optimizer/opt-state.js'
export { adagrad } from './optimizers/adagrad.js'
export { adam, adamw, type AdamWOptions } from './optimizers/adam.js'
export { lion, type LionOptions } from './optimizers/lion.js'
export { rmsprop, type RmspropOptions } from './optimizers/rmsprop.js'
export { sgd, type SgdOptions } from './optimizers/sgd.js'
export {
  constantSchedule,
  cosineDecaySchedule,
  type CosineOptions,
  exponentialDecay,
  type ExponentialOptions,
  linearSchedule,
  piecewiseConstantSchedule,
  polynomialSchedule,
  type TransitionOptions,
} from './schedules/decay.js'
export {
  joinSchedules,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  type WarmupCosineOptions,
} from './schedules/join.js'
export type { ScalarOrSchedule, Schedule, ScheduleFunction } from './schedules/schedule.js'
export type { Hyperparameters } from './structural.js'
export {
  type Extra,
  GradientTransformation,
  transformation,
  type TransformationFunctions,
  type TransformationState,
} from './transformation.js'
export { type AdamOptions, scaleByAdam } from './transformations/adam.js'
export { clip, clipByBlockRms, clipByGlobalNorm, globalNorm } from './transformations/clip.js'
export { addDecayedWeights, type DecayOptions } from './transformations/decayed-weights.js'
export { scaleByLion } from './transformations/lion.js'
export { masked } from './transformations/masked.js'
export { type RmsOptions, scaleByRms, scaleByStddev } from './transformations/rms.js'
export { type RssOptions, scaleByRss } from './transformations/rss.js'
export { identity, scale, scaleByLearningRate, scaleBySchedule } from './transformations/scale.js'
export { trace, type TraceOptions } from './transformations/trace.js'
