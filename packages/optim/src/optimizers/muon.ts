import { tree, type TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import { partition } from '../combinators/partition.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { dimensionNumbersOf, type WeightDimensionNumbers } from '../transformations/dimension-numbers.js'
import { type MuonScaling, scaleByMuon, scaleByShape } from '../transformations/muon.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { adamw } from './adam.js'

export interface MuonOptions extends Omit<MuonScaling, 'weightDimensionNumbers'> {
  /** How much of the matrices is added before the learning rate; 0. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which matrices decay; all if absent. */
  readonly weightDecayMask?: Mask | undefined
  /** 0.9. */
  readonly adamB1?: TensorLike
  /** 0.999. */
  readonly adamB2?: TensorLike
  /** 0. */
  readonly adamEpsRoot?: TensorLike
  /** 0. */
  readonly adamWeightDecay?: ScalarOrSchedule
  /** That of the matrices if absent. */
  readonly adamLearningRate?: ScalarOrSchedule | null
  /** Which parameters are matrices, and by which axes; those of two axes if absent. */
  readonly muonWeightDimensionNumbers?: WeightDimensionNumbers | undefined
  /** The root mean square of the matrices' updates; steps transfer to wider layers if absent. */
  readonly consistentRms?: number | null | undefined
}

const labels =
  (numbers: WeightDimensionNumbers | undefined): ((params: unknown) => unknown) =>
  (params) => {
    const kinds = dimensionNumbersOf(numbers, params).map((own) => (own === null ? 'adam' : 'muon'))
    return tree.unflatten(tree.structure(params), kinds)
  }

/** Muon (Jordan et al. 2024): orthogonal momentum for matrices, AdamW with Nesterov momentum for all else. Needs `params` at `update`. */
export const muon = (
  learningRate: ScalarOrSchedule,
  {
    weightDecay = 0,
    weightDecayMask,
    adamB1 = 0.9,
    adamB2 = 0.999,
    adamEpsRoot = 0,
    adamWeightDecay = 0,
    adamLearningRate = null,
    muonWeightDimensionNumbers,
    consistentRms,
    ...options
  }: MuonOptions = {},
): GradientTransformation => {
  const scaled = scaleByMuon({ ...options, weightDimensionNumbers: muonWeightDimensionNumbers })
  const { weightDimensionNumbers: _, ...own } = scaled.hyperparameters
  const { eps = 1e-8, muDtype, nesterov = true } = options
  return named(
    'muon',
    {
      learningRate,
      ...own,
      weightDecay,
      weightDecayMask,
      adamB1,
      adamB2,
      adamEpsRoot,
      adamWeightDecay,
      adamLearningRate,
      muonWeightDimensionNumbers,
      consistentRms,
    },
    partition(
      {
        muon: chain(
          scaled,
          scaleByShape({ weightDimensionNumbers: muonWeightDimensionNumbers, consistentRms }),
          addDecayedWeights(weightDecay, { mask: weightDecayMask }),
          scaleByLearningRate(learningRate),
        ),
        adam: adamw(adamLearningRate ?? learningRate, {
          b1: adamB1,
          b2: adamB2,
          eps,
          epsRoot: adamEpsRoot,
          weightDecay: adamWeightDecay,
          muDtype,
          nesterov,
        }),
      },
      labels(muonWeightDimensionNumbers),
    ),
  )
}
