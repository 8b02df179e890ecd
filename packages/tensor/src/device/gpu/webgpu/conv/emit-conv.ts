import { isFloat, isInteger, type StoredDType } from '../../../../core/dtype.js'
import { DeviceError } from '../../../../core/errors.js'
import type { ConvPlan } from '../../../../program/conv-plan.js'
import type { StepCode } from '../shader.js'
import { convArithmetic, partialArithmetic } from './arithmetic.js'
import { directConv } from './direct.js'
import { convGeometry } from './geometry.js'
import { methodOf } from './method.js'
import { sumSplits, zeros } from './sum-splits.js'
import { tiledConv } from './tiled.js'

/** The dtypes of a convolution's buffers. */
export interface ConvTypes {
  readonly inputs: readonly StoredDType[]
  readonly output: StoredDType
}

const [output, temporary] = [2, 3]

const checkTypes = ({ inputs, output: dtype }: ConvTypes): StoredDType => {
  if ((!isFloat(dtype) && !isInteger(dtype)) || dtype === 'float64' || inputs.some((d) => d !== dtype))
    throw new DeviceError(
      `gpu: a convolution has operands and result of one number dtype but float64, got ${inputs.join(', ')} and ${dtype}; convert with x.astype('float32') first`,
    )
  return dtype
}

/**
 * The code of a convolution. Halves are summed in float32 and rounded once, integers wrap. The zeros of padding are
 * multiplied with whatever the kernel holds; those between the elements of a spread operand are left out.
 */
export const emitConv = (plan: ConvPlan, types: ConvTypes): StepCode => {
  const dtype = checkTypes(types)
  const geometry = convGeometry(plan)
  const size = geometry.allRows * plan.groups * plan.n
  if (size === 0) return { dispatches: [], temporaries: [] }
  if (geometry.terms === 0) return { dispatches: [zeros(size, output)], temporaries: [] }
  const { tile, split } = methodOf(geometry)
  const whole = split.splits === 1
  const arithmetic = whole ? convArithmetic(dtype) : partialArithmetic(dtype)
  const destination = whole ? output : temporary
  const sums =
    tile === null
      ? directConv(geometry, arithmetic, split, destination)
      : tiledConv(geometry, arithmetic, tile, split, destination)
  if (whole) return { dispatches: [sums], temporaries: [] }
  return {
    dispatches: [sums, sumSplits(size, split.splits, temporary, output, convArithmetic(dtype))],
    temporaries: [size * split.splits],
  }
}
