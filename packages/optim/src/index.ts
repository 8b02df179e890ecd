export { chain } from './chain.js'
export { applyIfFinite } from './combinators/apply-if-finite.js'
export {
  type Condition,
  conditionallyMask,
  conditionallyTransform,
  type ConditionalOptions,
} from './combinators/conditionally.js'
export { flatten } from './combinators/flatten.js'
export { freeze, type SelectiveOptions, selectiveTransform } from './combinators/freeze.js'
export { injectHyperparams, type InjectOptions } from './combinators/inject.js'
export { lookahead, type LookaheadOptions, lookaheadParams, type LookaheadParams } from './combinators/lookahead.js'
export { mechanize, type MechanizeOptions } from './combinators/mechanize.js'
export { type Measure, measureWithEma, monitor, snapshot } from './combinators/monitor.js'
export { MultiSteps, type MultiStepsOptions } from './combinators/multi-steps.js'
export { namedChain } from './combinators/named-chain.js'
export { multiTransform, partition } from './combinators/partition.js'
export { type PlateauOptions, reduceOnPlateau } from './combinators/reduce-on-plateau.js'
export { sam, type SamOptions } from './combinators/sam.js'
export { type ShouldSkip, skipLargeUpdates, skipNotFinite } from './combinators/skip.js'
export { stateless, statelessWithTreeMap } from './combinators/stateless.js'
export { applyUpdates } from './leaves.js'
export { type BacktrackingOptions, scaleByBacktrackingLinesearch } from './linesearch/backtracking.js'
export { scaleByZoomLinesearch, type ZoomOptions } from './linesearch/scale-by-zoom.js'
export { valueAndGradFromState } from './linesearch/value-and-grad.js'
export {
  type CrossEntropyOptions,
  sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy,
  softmaxCrossEntropyWithIntegerLabels,
} from './losses/classification.js'
export { ntxent } from './losses/contrastive.js'
export { ctcLoss, ctcLossWithForwardProbs, type CtcOptions } from './losses/ctc.js'
export {
  binaryDiceLoss,
  type BinaryDiceOptions,
  diceLoss,
  type DiceOptions,
  type GeneralizedDiceOptions,
  multiclassGeneralizedDiceLoss,
} from './losses/dice.js'
export {
  convexKlDivergence,
  type DivergenceOptions,
  generalizedKlDivergence,
  klDivergence,
  klDivergenceWithLogTargets,
} from './losses/divergence.js'
export { makeFenchelYoungLoss } from './losses/fenchel-young.js'
export { type FocalOptions, sigmoidFocalLoss } from './losses/focal.js'
export {
  hingeLoss,
  multiclassHingeLoss,
  multiclassPerceptronLoss,
  perceptronLoss,
  tripletMarginLoss,
  type TripletOptions,
} from './losses/margin.js'
export { type RankingOptions, rankingSoftmaxLoss } from './losses/ranking.js'
export { huberLoss, type HuberOptions, l2Loss, logCosh, squaredError } from './losses/regression.js'
export { polyLossCrossEntropy, type PolyLossOptions, safeSoftmaxCrossEntropy } from './losses/safe-cross-entropy.js'
export { cosineDistance, cosineSimilarity, type SimilarityOptions } from './losses/similarity.js'
export { type SmoothingOptions, smoothLabels } from './losses/smoothing.js'
export { multiclassSparsemaxLoss, sparsemaxLoss } from './losses/sparsemax.js'
export type { Labels, Mask } from './mask.js'
export type { OptStateTree } from './optimizer/opt-state.js'
export { type Gradients, Optimizer, type OptimizerOptions } from './optimizer/optimizer.js'
export { acprop, type AcpropOptions, type AcpropScaling, scaleByAcprop } from './optimizers/acprop.js'
export { adabelief } from './optimizers/adabelief.js'
export { adadelta, type AdadeltaOptions } from './optimizers/adadelta.js'
export { adafactor, type AdafactorOptions } from './optimizers/adafactor.js'
export { adagrad } from './optimizers/adagrad.js'
export { adam, adamw, type AdamWOptions, nadam, nadamw } from './optimizers/adam.js'
export { adamax, adamaxw, type AdamaxwOptions } from './optimizers/adamax.js'
export { adan, type AdanOptions } from './optimizers/adan.js'
export {
  ademamix,
  type AdemamixOptions,
  type AdemamixScaling,
  scaleByAdemamix,
  scaleBySimplifiedAdemamix,
  simplifiedAdemamix,
  type SimplifiedAdemamixOptions,
  type SimplifiedAdemamixScaling,
} from './optimizers/ademamix.js'
export { adopt, type AdoptOptions, scaleByAdopt } from './optimizers/adopt.js'
export { amsgrad } from './optimizers/amsgrad.js'
export { cocob, type CocobOptions, type CocobScaling, scaleByCocob } from './optimizers/cocob.js'
export { dadaptAdamw, type DadaptOptions } from './optimizers/dadapt-adamw.js'
export type { WeightDecayOptions } from './optimizers/descend.js'
export { dog, type DogOptions, dowg, type DowgOptions, type DowgScaling, type InitStep } from './optimizers/dog.js'
export { fromage, type FromageOptions } from './optimizers/fromage.js'
export { lamb, type LambOptions } from './optimizers/lamb.js'
export { lars, type LarsOptions } from './optimizers/lars.js'
export { lbfgs, type LbfgsOptions } from './optimizers/lbfgs.js'
export { lion, type LionOptions } from './optimizers/lion.js'
export { madgrad, type MadgradOptions, type MadgradScaling, scaleByMadgrad } from './optimizers/madgrad.js'
export { momo, momoAdam, type MomoAdamOptions, type MomoOptions } from './optimizers/momo.js'
export { muon, type MuonOptions } from './optimizers/muon.js'
export { type NoisyOptions, noisySgd } from './optimizers/noisy-sgd.js'
export { novograd } from './optimizers/novograd.js'
export {
  optimisticAdam,
  type OptimisticAdamOptions,
  optimisticAdamV2,
  type OptimisticAdamV2Options,
  optimisticGradientDescent,
} from './optimizers/optimistic.js'
export { polyakSgd, type PolyakSgdOptions } from './optimizers/polyak-sgd.js'
export { prodigy, type ProdigyOptions } from './optimizers/prodigy.js'
export { radam } from './optimizers/radam.js'
export { rmsprop, type RmspropOptions } from './optimizers/rmsprop.js'
export { rprop } from './optimizers/rprop.js'
export {
  scheduleFree,
  scheduleFreeAdamw,
  type ScheduleFreeAdamwOptions,
  scheduleFreeEvalParams,
  type ScheduleFreeOptions,
  scheduleFreeSgd,
  type ScheduleFreeSgdOptions,
} from './optimizers/schedule-free.js'
export { sgd, type SgdOptions } from './optimizers/sgd.js'
export { signSgd, signum, type SignumOptions } from './optimizers/sign.js'
export { sm3, type Sm3OptimizerOptions } from './optimizers/sm3.js'
export {
  hutchinsonEstimatorDiagHessian,
  scaleBySophia,
  sophia,
  type SophiaOptions,
  type SophiaScaling,
} from './optimizers/sophia.js'
export { yogi } from './optimizers/yogi.js'
export * as projections from './projections/index.js'
export {
  type CosineCycle,
  cosineOnecycleSchedule,
  type LinearOnecycleOptions,
  linearOnecycleSchedule,
  type OnecycleOptions,
  piecewiseInterpolateSchedule,
  sgdrSchedule,
} from './schedules/cycle.js'
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
  warmupExponentialDecaySchedule,
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
export { type AdadeltaScaling, scaleByAdadelta } from './transformations/adadelta.js'
export { type AdamOptions, type MomentOptions, scaleByAdam } from './transformations/adam.js'
export { scaleByAdamax } from './transformations/adamax.js'
export { scaleByAdan, type AdanOptions as AdanScaling } from './transformations/adan.js'
export { type AdaptiveClipOptions, adaptiveGradClip } from './transformations/adaptive-clip.js'
export { type AmsgradOptions, scaleByAmsgrad } from './transformations/amsgrad.js'
export { applyEvery } from './transformations/apply-every.js'
export { type BeliefOptions, scaleByBelief } from './transformations/belief.js'
export { scaleByParamBlockNorm, scaleByParamBlockRms } from './transformations/block.js'
export { centralize } from './transformations/centralize.js'
export { clip, clipByBlockRms, clipByGlobalNorm, globalNorm } from './transformations/clip.js'
export { addDecayedWeights, type DecayOptions } from './transformations/decayed-weights.js'
export type { MuonDimensionNumbers, WeightDimensionNumbers } from './transformations/dimension-numbers.js'
export { type DistanceOptions, scaleByDistanceOverGradients } from './transformations/distance-over-gradients.js'
export { ema, type EmaOptions } from './transformations/ema.js'
export { type FactoredRmsOptions, scaleByFactoredRms } from './transformations/factored-rms.js'
export { type LbfgsMemoryOptions, scaleByLbfgs } from './transformations/lbfgs.js'
export { scaleByLion, type LionOptions as LionScaling } from './transformations/lion.js'
export { masked } from './transformations/masked.js'
export { type MuonScaling, scaleByMuon, scaleByShape, type ShapeScaling } from './transformations/muon.js'
export type { Coefficients, Preconditioning } from './transformations/newton-schulz.js'
export { addNoise } from './transformations/noise.js'
export { normalize, normalizeByUpdateNorm, type NormalizeOptions } from './transformations/normalize.js'
export { type NovogradOptions, scaleByNovograd } from './transformations/novograd.js'
export { type OptimisticOptions, scaleByOptimisticGradient } from './transformations/optimistic.js'
export {
  type LayerClipOptions,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
} from './transformations/per-example.js'
export { type PolyakOptions, scaleByPolyak } from './transformations/polyak.js'
export { type RadamOptions, scaleByRadam } from './transformations/radam.js'
export { type RmsOptions, scaleByRms, scaleByStddev } from './transformations/rms.js'
export { type RpropOptions, scaleByRprop } from './transformations/rprop.js'
export { type RssOptions, scaleByRss } from './transformations/rss.js'
export {
  identity,
  type LearningRateOptions,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
} from './transformations/scale.js'
export { scaleBySign } from './transformations/sign.js'
export { scaleBySm3, type Sm3Options } from './transformations/sm3.js'
export { trace, type TraceOptions } from './transformations/trace.js'
export { scaleByTrustRatio, type TrustRatioOptions } from './transformations/trust-ratio.js'
export { scaleByYogi, type YogiOptions } from './transformations/yogi.js'
export { keepParamsNonnegative, setToZero, zeroNans } from './transformations/zero.js'
export * as tree from './tree/index.js'
export { incrementalUpdate, periodicUpdate } from './update.js'
