import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxis, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { checkPositions, checkTakeMode, type TakeMode } from './along-axis.js'
import { defaultFill } from './at.js'
import type { Index } from './index-list.js'
import { planIndices, positionsOf, readPlan } from './index-plan.js'
import { toTensor } from '../operand.js'
import { moveaxis, reshape } from '../shape/shape.js'

export { at } from './at.js'

/**
 * The part of `x` that the indices select, as NumPy's `x[i, j, ...]`: numbers, ranges (`'1:3'`, `[1, 3]`), `'...'`, null,
 * integer arrays, masks. Numbers and positions outside take the nearest element, ranges are cut. A mask cannot be a traced
 * value, because its elements decide the shape. Use `x.at(...).get({ mode, fillValue })` for other ways.
 */
export const slice = (x: TensorLike, ...indices: Index[]): Tensor => {
  const t = toTensor('slice', x)
  return readPlan(t, planIndices('slice', t.shape, indices, 'clip'), null)
}

export interface TakeOptions {
  readonly axis?: number | null
  readonly mode?: TakeMode
  readonly fillValue?: number
}

/** Elements along an axis (of all elements in a row where none is given) at integer positions of any shape. Default mode: fill. */
export const take = (x: TensorLike, indices: TensorLike, options: TakeOptions = {}): Tensor => {
  const t = toTensor('take', x)
  const flat = options.axis === undefined || options.axis === null
  const operand = flat ? reshape(t, [t.size]) : t
  const axis = flat ? 0 : checkAxis('take', options.axis as number, t.ndim)
  const mode = options.mode ?? 'fill'
  checkTakeMode('take', mode)
  const idx = checkPositions('take', indices)
  const n = operand.shape[axis]!
  if (n === 0 && idx.size > 0)
    throw new ShapeError(`take: cannot take from axis ${axis} of size 0 of shape ${formatShape(t.shape)}`)
  // As the reference has it, clip takes negative indices to the first element.
  const at = positionsOf(idx, n, mode === 'wrap' ? 'wrap' : 'none', mode !== 'clip')
  const picked = bind1('gather', [operand, at], {
    axes: [axis],
    mode: mode === 'fill' ? 'fill' : 'clip',
    fill: options.fillValue ?? defaultFill(t.dtype),
  })
  // The gather puts the indices' axes first; they belong where the indexed axis was.
  return moveaxis(
    picked,
    at.shape.map((_, i) => i),
    at.shape.map((_, i) => axis + i),
  )
}
