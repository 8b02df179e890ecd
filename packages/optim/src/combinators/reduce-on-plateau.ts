import { add, array, equal, greater, less, maximum, mul, sub, type Tensor, type TensorLike, where } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { widestFloat } from '../dtypes.js'
import { requireValue } from '../extra.js'
import { mapLeaves } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

export interface PlateauOptions {
  /** By how much updates shrink on a plateau; 0.1. */
  readonly factor?: number
  /** How many values without improvement make a plateau; 10. */
  readonly patience?: TensorLike
  /** By which part of the best value a better one is below it; 1e-4. */
  readonly rtol?: number
  /** And by how much besides; 0. */
  readonly atol?: number
  /** How many values after a reduction do not count; 0. */
  readonly cooldown?: TensorLike
  /** How many values are averaged to one; 1. */
  readonly accumulationSize?: TensorLike
  /** What the factor of updates is at least; 0. */
  readonly minScale?: TensorLike
}

interface PlateauState {
  readonly scale: Tensor
  readonly bestValue: Tensor
  readonly plateauCount: Tensor
  readonly cooldownCount: Tensor
  readonly count: Tensor
  readonly avgValue: Tensor
}

const check = ({ factor, rtol, atol }: Required<Pick<PlateauOptions, 'factor' | 'rtol' | 'atol'>>): void => {
  const fn = 'reduceOnPlateau'
  if (!(factor > 0 && factor < 1))
    throw new RangeError(`${fn}: Factor must be in the range (0, 1), got ${factor}; give by how much updates shrink`)
  if (!(rtol >= 0 && atol >= 0) || rtol > 1 || (rtol === 0 && atol === 0))
    throw new RangeError(
      `${fn}: rtol must be in [0, 1], atol not negative, and one of them positive, got rtol ${rtol} and atol ${atol}; give what counts as an improvement`,
    )
}

/**
 * Updates times a factor that shrinks when the loss has stopped to improve. Needs `value`, the loss, among the extra
 * arguments. Throws RangeError for a factor outside (0, 1) and tolerances that are negative or both 0.
 */
export const reduceOnPlateau = ({
  factor = 0.1,
  patience = 10,
  rtol = 1e-4,
  atol = 0,
  cooldown = 0,
  accumulationSize = 1,
  minScale = 0,
}: PlateauOptions = {}): GradientTransformation => {
  check({ factor, rtol, atol })
  return new GradientTransformation(
    'reduceOnPlateau',
    { factor, patience, rtol, atol, cooldown, accumulationSize, minScale },
    {
      init: (params) => {
        const dtype = widestFloat(params)
        return {
          scale: array(1, { dtype }),
          bestValue: array(Infinity, { dtype }),
          plateauCount: zeroCount(),
          cooldownCount: zeroCount(),
          count: zeroCount(),
          avgValue: array(0, { dtype }),
        }
      },
      update: (updates, state: PlateauState, _, extra) => {
        const { dtype } = state.avgValue
        const value = toTensor('reduceOnPlateau', requireValue('reduceOnPlateau', extra)).astype(dtype)
        const count = increment(state.count)
        const average = add(mul(state.avgValue, state.count), value).div(count).astype(dtype)
        const full = equal(count, accumulationSize)
        const improved = less(average, sub(mul(state.bestValue, 1 - rtol), atol))
        const waited = where(improved, 0, increment(state.plateauCount))
        const cooling = greater(state.cooldownCount, 0)
        const plateau = equal(waited, patience)
        const reduced = maximum(where(plateau, mul(state.scale, factor), state.scale), minScale)
        const pick = (whenFull: Tensor, otherwise: TensorLike): Tensor => where(full, whenFull, otherwise)
        const scale = pick(where(cooling, state.scale, reduced).astype(dtype), state.scale)
        return [
          mapLeaves((u) => mul(u, scale), updates),
          {
            scale,
            bestValue: pick(where(improved, average, state.bestValue), state.bestValue),
            plateauCount: pick(where(cooling, 0, where(plateau, 0, waited)), state.plateauCount),
            cooldownCount: pick(
              where(cooling, sub(state.cooldownCount, 1), where(plateau, cooldown, 0)).astype('int32'),
              state.cooldownCount,
            ),
            count: where(full, 0, count),
            avgValue: where(full, 0, average),
          },
        ]
      },
    },
  )
}
