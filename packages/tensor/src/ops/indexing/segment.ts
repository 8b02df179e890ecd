import type { TensorLike } from '../../core/array-ops.js'
import { checkDType, isInteger, rangeOf, type StoredDType } from '../../core/dtype.js'
import { DtypeError, ShapeError, TraceError } from '../../core/errors.js'
import { formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import type { ScatterOp } from '../../primitives/indexing.js'
import { toTensor } from '../operand.js'
import { max } from '../reduce/reduce.js'

export interface SegmentOptions {
  /** How many segments there are: needed inside traced functions. If absent, one more than the greatest id, which is read. */
  readonly numSegments?: number
}

const countOf = (fn: string, ids: Tensor, given: number | undefined): number => {
  if (given !== undefined) {
    if (Number.isInteger(given) && given >= 0) return given
    throw new RangeError(`${fn}: numSegments must be a non-negative integer, got ${given}`)
  }
  if (ids.size === 0) return 0
  if (!ids.concrete)
    throw new TraceError(
      `${fn}: the number of segments depends on the ids, which a traced function does not know; give { numSegments }`,
    )
  return Math.max(0, Number(max(ids).item()) + 1)
}

const segment =
  (fn: string, op: ScatterOp, neutral: (dtype: StoredDType) => number) =>
  (x: TensorLike, ids: TensorLike, options: SegmentOptions = {}): Tensor => {
    const [t, at] = [toTensor(fn, x), toTensor(fn, ids)]
    if (!isInteger(at.dtype))
      throw new DtypeError(`${fn}: segment ids must be integers, got ${at.dtype}; make them with { dtype: 'int32' }`)
    if (at.ndim > t.ndim || at.shape.some((n, i) => n !== t.shape[i]))
      throw new ShapeError(
        `${fn}: segment ids must have the leading axes of the data, got ${formatShape(at.shape)} for ${formatShape(t.shape)}`,
      )
    const shape = [countOf(fn, at, options.numSegments), ...t.shape.slice(at.ndim)]
    const dtype = checkDType(fn, t.dtype)
    if (dtype === 'key')
      throw new DtypeError(`${fn}: does not accept random keys; use random.keyData(key) for their words`)
    const start = bind1('full', [], { shape, value: neutral(dtype), dtype, weak: false })
    return bind1('scatter', [start, at, t], { axes: [0], op })
  }

type Segment = (x: TensorLike, ids: TensorLike, options?: SegmentOptions) => Tensor

/** Sums of the slices along the leading axis that have the same id. Ids outside are dropped; a segment without any is 0. */
export const segmentSum: Segment = segment('segmentSum', 'add', () => 0)
/** As `segmentSum` with products; a segment without any is 1. */
export const segmentProd: Segment = segment('segmentProd', 'mul', () => 1)
/** As `segmentSum` with the greatest; a segment without any is minus infinity or the least number of the dtype. */
export const segmentMax: Segment = segment('segmentMax', 'max', (d) => rangeOf(d)[0])
/** As `segmentSum` with the least; a segment without any is infinity or the greatest number of the dtype. */
export const segmentMin: Segment = segment('segmentMin', 'min', (d) => rangeOf(d)[1])
