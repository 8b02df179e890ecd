import { type DType, mul, sum, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { debiasMeans, firstMoment } from '../moment.js'
import { GradientTransformation, stateless } from '../transformation.js'
import {
  dimensionNumbersOf,
  matrixShape,
  type MuonDimensionNumbers,
  throughMatrices,
  type WeightDimensionNumbers,
} from './dimension-numbers.js'
import { type Coefficients, orthogonalize, type Preconditioning } from './newton-schulz.js'

export interface MuonScaling {
  /** Coefficients of the Newton-Schulz iteration: three for all steps, three for each, or 'standard' or 'dion'. */
  readonly nsCoeffs?: Coefficients | readonly Coefficients[] | 'standard' | 'dion'
  /** How many iterations, or at most how many where coefficients are given for each; 5. */
  readonly nsSteps?: number
  /** Decay of the average of gradients; 0.95. */
  readonly beta?: TensorLike
  /** Added to the norm of a matrix; 1e-8. */
  readonly eps?: number
  /** In which dtype the average is kept; the parameters' own if absent. */
  readonly muDtype?: DType | undefined
  /** Whether the average looks one step ahead; true. */
  readonly nesterov?: boolean
  /** Whether updates are scaled by their product with the average, as far as the direction is steep. */
  readonly adaptive?: boolean
  /** What scales a matrix before the iteration; 'frobenius'. */
  readonly preconditioning?: Preconditioning
  /** Which axes are rows and columns; of matrices 0 and 1. */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

interface MuonState {
  readonly count: Tensor
  readonly mu: unknown
}

const standard: Coefficients = [3.4445, -4.775, 2.0315]

const dion: readonly Coefficients[] = [
  [4.0848, -6.8946, 2.927],
  [3.9505, -6.3029, 2.6377],
  [3.7418, -5.5913, 2.3037],
  [2.8769, -3.1427, 1.2046],
  [2.8366, -3.0525, 1.2012],
]

const isOne = (x: Coefficients | readonly Coefficients[]): x is Coefficients => typeof x[0] === 'number'

const iterations = (nsCoeffs: MuonScaling['nsCoeffs'], nsSteps: number): readonly Coefficients[] => {
  const fn = 'scaleByMuon'
  if (!Number.isInteger(nsSteps) || nsSteps < 1)
    throw new RangeError(`${fn}: nsSteps must be a positive integer, got ${nsSteps}; give the number of iterations`)
  const given = nsCoeffs === 'standard' || nsCoeffs === undefined ? standard : nsCoeffs === 'dion' ? dion : nsCoeffs
  if (!Array.isArray(given))
    throw new TypeError(`${fn}: unknown coefficients, got ${String(given)}; give 'standard', 'dion' or numbers`)
  const list = isOne(given) ? Array.from({ length: nsSteps }, () => given) : given
  if (list.length === 0 || list.length > nsSteps)
    throw new RangeError(
      `${fn}: expected coefficients for at most ${nsSteps} steps, got ${list.length}; give one triple for each step, and their number as nsSteps`,
    )
  const wrong = list.find((triple) => triple.length !== 3)
  if (wrong !== undefined)
    throw new RangeError(
      `${fn}: nsCoeffs must have shape (3,) or (n, 3), got a row of ${wrong.length}; give a, b and c`,
    )
  return list
}

const numbersFor = (
  fn: string,
  numbers: WeightDimensionNumbers | undefined,
  updates: unknown,
): readonly MuonDimensionNumbers[] =>
  dimensionNumbersOf(numbers, updates).map((own) => {
    if (own !== null) return own
    throw new TypeError(
      `${fn}: a leaf has no dimension numbers, got null; mask it, or give weightDimensionNumbers for it`,
    )
  })

/**
 * The average of gradients made orthogonal, matrix by matrix (Jordan et al. 2024). Throws TypeError for a leaf that is
 * no matrix and has no dimension numbers: `muon` leaves those to Adam.
 */
export const scaleByMuon = ({
  nsCoeffs = 'standard',
  nsSteps = 5,
  beta = 0.95,
  eps = 1e-8,
  muDtype,
  nesterov = true,
  adaptive = false,
  preconditioning = 'frobenius',
  weightDimensionNumbers,
}: MuonScaling = {}): GradientTransformation => {
  const coefficients = iterations(nsCoeffs, nsSteps)
  if (!['frobenius', 'spectral', 'aol', 'schatten'].includes(preconditioning))
    throw new TypeError(
      `scaleByMuon: Unknown preconditioning, got ${String(preconditioning)}; give 'frobenius', 'spectral', 'aol' or 'schatten'`,
    )
  return new GradientTransformation(
    'scaleByMuon',
    { nsCoeffs, nsSteps, beta, eps, muDtype, nesterov, adaptive, preconditioning, weightDimensionNumbers },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params, muDtype) }),
      update: (updates, state: MuonState) => {
        const {
          columns: [g, m],
          build,
        } = align('scaleByMuon', updates, state.mu)
        const numbers = numbersFor('scaleByMuon', weightDimensionNumbers, updates)
        const count = increment(state.count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, beta))
        const out = debiasMeans(mu, g!, beta, count, nesterov).map((mean, i) => {
          const orthogonal = throughMatrices('scaleByMuon', mean, numbers[i]!, (x) =>
            orthogonalize(x, { coefficients, preconditioning, eps }),
          )
          return adaptive ? mul(orthogonal, sum(mul(mean, orthogonal))) : orthogonal
        })
        return [build(out), { count, mu: build(castAll(mu, muDtype)) }]
      },
    },
  )
}

export interface ShapeScaling {
  /** Which axes are rows and columns; of matrices 0 and 1. */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
  /** The root mean square of updates, whatever the shape; steps transfer to wider layers if absent. */
  readonly consistentRms?: number | null | undefined
}

/** Updates times √max(1, columns / rows) of their matrices, or times √max(rows, columns) `consistentRms`. */
export const scaleByShape = ({ weightDimensionNumbers, consistentRms }: ShapeScaling = {}): GradientTransformation =>
  stateless('scaleByShape', { weightDimensionNumbers, consistentRms }, (updates) => {
    const {
      columns: [u],
      build,
    } = align('scaleByShape', updates)
    const numbers = numbersFor('scaleByShape', weightDimensionNumbers, updates)
    return build(
      u!.map((x, i) => {
        const [rows, columns] = matrixShape('scaleByShape', x, numbers[i]!)
        return mul(
          x,
          consistentRms === undefined || consistentRms === null
            ? Math.sqrt(Math.max(1, columns / rows))
            : Math.sqrt(Math.max(rows, columns)) * consistentRms,
        )
      }),
    )
  })
