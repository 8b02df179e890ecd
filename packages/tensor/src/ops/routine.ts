import type { TensorLike } from '../core/array-ops.js'
import { broadcastShapes, formatShape } from '../core/shape.js'
import { ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../core/trace.js'
import type { Routine } from '../primitives/routine.js'
import { toTensor } from './operand.js'
import { broadcastTo } from './shape/shape.js'

/**
 * Applies a routine: the axes in front of each operand's core axes are batch axes and broadcast. Throws what the
 * routine's `types` throws, ShapeError for operands of too few axes or batch axes that do not broadcast.
 */
export const callRoutine = <P>(
  routine: Routine<P>,
  operands: readonly TensorLike[],
  ...[params]: P extends null ? [params?: P] : [params: P]
): readonly Tensor[] => {
  const tensors = operands.map((x) => toTensor(routine.name, x))
  const given = (params ?? null) as P
  const ranks = routine.ranks(given)
  const cuts = tensors.map((t, i) => {
    const cut = t.ndim - (ranks[i] ?? 0)
    if (cut < 0)
      throw new ShapeError(
        `${routine.name}: operand ${i} needs at least ${ranks[i]} axes, got shape ${formatShape(t.shape)}`,
      )
    return cut
  })
  const batch = broadcastShapes(
    routine.name,
    tensors.map((t, i) => t.shape.slice(0, cuts[i])),
  )
  const wide = tensors.map((t, i) => broadcastTo(t, [...batch, ...t.shape.slice(cuts[i])]))
  return bind('routine', wide, { routine: routine as never, params: given })
}
