import type { DType, TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { scaleByParamBlockRms } from '../transformations/block.js'
import { clipByBlockRms } from '../transformations/clip.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { ema } from '../transformations/ema.js'
import { scaleByFactoredRms } from '../transformations/factored-rms.js'
import { scale, scaleByLearningRate } from '../transformations/scale.js'

export interface AdafactorOptions {
  /** How long the second longest axis must be for a leaf to be factored; 128. */
  readonly minDimSizeToFactor?: number
  /** The decay of squares at step t is 1 - t^-decayRate; 0.8. */
  readonly decayRate?: TensorLike
  /** The number of steps that do not count for the decay; 0. */
  readonly decayOffset?: TensorLike
  /** Whether the learning rate is in parts of the parameters' size; true. */
  readonly multiplyByParameterScale?: boolean
  /** What the root mean square of an update is at most, before the learning rate; 1, null for no limit. */
  readonly clippingThreshold?: TensorLike | null
  /** Decay of an average of updates; none if null. */
  readonly momentum?: TensorLike | null
  /** In which dtype that average is kept; float32. */
  readonly dtypeMomentum?: DType
  /** How much of the parameters is taken off at each step, whatever the learning rate; none if null. */
  readonly weightDecayRate?: ScalarOrSchedule | null
  /** Added to the squares; 1e-30. */
  readonly eps?: TensorLike
  /** False: the squares of every leaf are kept whole. */
  readonly factored?: boolean
  /** Which parameters decay; all if absent. */
  readonly weightDecayMask?: Mask | undefined
}

/** Adafactor (Shazeer and Stern 2018), whose state is small: of large matrices it keeps row and column means. Needs `params` at `update`. */
export const adafactor = (
  learningRate: ScalarOrSchedule | null = null,
  {
    minDimSizeToFactor = 128,
    decayRate = 0.8,
    decayOffset = 0,
    multiplyByParameterScale = true,
    clippingThreshold = 1,
    momentum = null,
    dtypeMomentum = 'float32',
    weightDecayRate = null,
    eps = 1e-30,
    factored = true,
    weightDecayMask,
  }: AdafactorOptions = {},
): GradientTransformation =>
  named(
    'adafactor',
    {
      learningRate,
      minDimSizeToFactor,
      decayRate,
      decayOffset,
      multiplyByParameterScale,
      clippingThreshold,
      momentum,
      dtypeMomentum,
      weightDecayRate,
      eps,
      factored,
      weightDecayMask,
    },
    chain(
      scaleByFactoredRms({ factored, decayRate, stepOffset: decayOffset, minDimSizeToFactor, epsilon: eps }),
      ...(clippingThreshold === null ? [] : [clipByBlockRms(clippingThreshold)]),
      ...(learningRate === null ? [] : [scaleByLearningRate(learningRate, { flipSign: false })]),
      ...(multiplyByParameterScale ? [scaleByParamBlockRms()] : []),
      ...(momentum === null ? [] : [ema(momentum, { debias: false, accumulatorDtype: dtypeMomentum })]),
      ...(weightDecayRate === null ? [] : [addDecayedWeights(weightDecayRate, { mask: weightDecayMask })]),
      scale(-1),
    ),
  )
