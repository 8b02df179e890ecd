import { dtypeBytes, isSigned } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { broadcastShapes, formatShape, type Shape, sizeOf } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { baseTrace, bind1 } from '../../core/trace.js'
import { add, clip, less, remainder } from '../elementwise/elementwise.js'
import { type Index, isSeparated, parseIndices, type Range, type Selector } from './index-list.js'
import { convert, literalLike } from '../operand.js'
import { broadcastTo, flip, moveaxis, reshape } from '../shape/shape.js'
import { where } from '../elementwise/where.js'

/** What an index outside its axis means: the nearest inside, none (a fill value is read, nothing is written), or the one counted around. */
export type Outside = 'clip' | 'none' | 'wrap'

/** A selection in steps: ranges and numbers cut the array, numbers drop their axes, index arrays pick from the rest. */
export interface IndexPlan {
  readonly start: readonly number[]
  readonly limit: readonly number[]
  readonly stride: readonly number[]
  /** Axes whose range runs backwards. */
  readonly reversed: readonly number[]
  /** The shape after the cut, without the axes that numbers drop. */
  readonly cutShape: Shape
  /** Axes of that shape, and the positions on each: int32 or uint32, negative ones counted from the end. */
  readonly arrays: readonly { readonly axis: number; readonly index: Tensor }[]
  /** The common shape of the positions, which replaces the axes picked from... */
  readonly lead: Shape
  /** ... before this one of the other axes. */
  readonly place: number
  readonly shape: Shape
}

/** Start, exclusive limit and positive stride of a range on an axis, and whether it runs backwards. */
const resolve = (
  { start, stop, step }: Range,
  n: number,
): { readonly from: number; readonly to: number; readonly stride: number; readonly reversed: boolean } => {
  const clampTo = (v: number, low: number, high: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high)
  if (step > 0) {
    const from = start === null ? 0 : clampTo(start, 0, n)
    const to = stop === null ? n : clampTo(stop, 0, n)
    return { from, to: Math.max(from, to), stride: step, reversed: false }
  }
  const first = start === null ? n - 1 : clampTo(start, -1, n - 1)
  const end = stop === null ? -1 : clampTo(stop, -1, n - 1)
  const count = Math.max(0, Math.ceil((first - end) / -step))
  const from = count === 0 ? 0 : first - (count - 1) * -step
  return { from, to: count === 0 ? 0 : first + 1, stride: -step, reversed: true }
}

/** The positions of a range, written as `'start:stop:step'`, on an axis. */
export const rangePositions = (fn: string, text: string, n: number): number[] => {
  const [selector] = parseIndices(fn, [n], [text])
  if (selector?.kind !== 'range')
    throw new TypeError(`${fn}: a range is 'start:stop:step', got ${JSON.stringify(text)}`)
  const { from, to, stride, reversed } = resolve(selector.range, n)
  const positions = Array.from({ length: Math.ceil((to - from) / stride) }, (_, i) => from + i * stride)
  return reversed ? positions.reverse() : positions
}

const needElements = (fn: string, index: string, axis: number, n: number): void => {
  if (n === 0) throw new ShapeError(`${fn}: ${index} into axis ${axis} of size 0`)
}

/** Positions on an axis of extent `n` with negatives counted from the end once, or any counted around. */
export const positionsOf = (index: Tensor, n: number, outside: Outside, wrapNegative: boolean): Tensor => {
  // A narrow type may not hold the extent.
  const wide = dtypeBytes(index.dtype) < 4 ? convert(index, 'int32') : index
  if (outside === 'wrap') return remainder(wide, n)
  if (!wrapNegative || !isSigned(wide.dtype)) return wide
  return where(less(wide, 0), add(wide, n), wide)
}

/** A number's position where it is inside the axis; null where it selects nothing. */
const numberPosition = (at: number, n: number, outside: Outside, wrapNegative: boolean): number | null => {
  if (outside === 'wrap') return ((at % n) + n) % n
  const position = wrapNegative && at < 0 ? at + n : at
  if (position >= 0 && position < n) return position
  return outside === 'clip' ? Math.min(Math.max(position, 0), n - 1) : null
}

/** How `x[i, j, ...]` is carried out on an array of `shape`. */
export const planIndices = (
  fn: string,
  shape: Shape,
  indices: readonly Index[],
  outside: Outside,
  wrapNegative = true,
): IndexPlan => {
  const start: number[] = []
  const limit: number[] = []
  const stride: number[] = []
  const reversed: number[] = []
  const cutShape: number[] = []
  const arrays: { axis: number; index: Tensor }[] = []
  const rest: number[] = []
  /** Numbers of kept axes and of all result axes in front of the first index array or number. */
  let place: readonly [number, number] | null = null
  const cut = (from: number, to: number, step: number): void => {
    start.push(from)
    limit.push(to)
    stride.push(step)
  }
  const pick = (index: Tensor, n: number): void => {
    arrays.push({ axis: cutShape.length, index })
    cutShape.push(n)
    cut(0, n, 1)
  }
  const keep = (extent: number): void => {
    cutShape.push(extent)
    rest.push(extent)
  }
  const select = (s: Exclude<Selector, { kind: 'new' }>): void => {
    const axis = start.length
    const n = shape[axis]!
    if (s.kind === 'number') {
      if (outside !== 'none') needElements(fn, `index ${s.at}`, axis, n)
      const at = numberPosition(s.at, n, outside, wrapNegative)
      if (at === null) pick(literalLike(wrapNegative && s.at < 0 ? s.at + n : s.at, 'int32'), n)
      else cut(at, at + 1, 1)
    } else if (s.kind === 'array') {
      if (outside !== 'none' && s.index.size > 0)
        needElements(fn, `an index array of shape ${formatShape(s.index.shape)}`, axis, n)
      pick(n === 0 ? s.index : positionsOf(s.index, n, outside, wrapNegative), n)
    } else if (s.kind === 'all') {
      cut(0, n, 1)
      keep(n)
    } else {
      const r = resolve(s.range, n)
      if (r.reversed) reversed.push(axis)
      cut(r.from, r.to, r.stride)
      keep(Math.ceil((r.to - r.from) / r.stride))
    }
  }
  let kept = 0
  for (const s of parseIndices(fn, shape, indices)) {
    if (s.kind === 'new') {
      rest.push(1)
      continue
    }
    if (s.kind === 'number' || s.kind === 'array') place ??= [kept, rest.length]
    else kept++
    select(s)
  }
  const [before, position] = place === null || isSeparated(indices) ? [0, 0] : place
  const lead = broadcastShapes(
    fn,
    arrays.map((a) => a.index.shape),
  )
  return {
    start,
    limit,
    stride,
    reversed,
    cutShape,
    arrays: arrays.map(({ axis, index }) => ({ axis, index: broadcastTo(index, lead) })),
    lead,
    place: before,
    shape: [...rest.slice(0, position), ...lead, ...rest.slice(position)],
  }
}

const isWhole = (plan: IndexPlan, shape: Shape): boolean =>
  shape.every((n, i) => plan.start[i] === 0 && plan.limit[i] === n && plan.stride[i] === 1)

/** What ranges and numbers leave of `x`. */
export const cutOut = (x: Tensor, plan: IndexPlan): Tensor => {
  const { start, limit, stride, reversed } = plan
  const part = isWhole(plan, x.shape) ? x : bind1('slice', [x], { start, limit, stride })
  return reshape(reversed.length === 0 ? part : flip(part, { axis: reversed }), plan.cutShape)
}

/** `x` with `part`, of the cut's shape, in place of what was cut out. */
export const putBack = (x: Tensor, part: Tensor, plan: IndexPlan): Tensor => {
  const { start, limit, stride, reversed } = plan
  const extents = x.shape.map((_, i) => Math.ceil((limit[i]! - start[i]!) / stride[i]!))
  if (sizeOf(extents) === 0) return x
  const own = reshape(part, extents)
  const forward = reversed.length === 0 ? own : flip(own, { axis: reversed })
  if (isWhole(plan, x.shape)) return forward
  const widths = {
    low: start,
    high: x.shape.map((n, i) => n - (start[i]! + (extents[i]! - 1) * stride[i]! + 1)),
    interior: stride.map((s) => s - 1),
  }
  const placed = bind1('pad', [forward, baseTrace().literal(0, x.dtype, false)], widths)
  const inside = bind1(
    'pad',
    [
      bind1('full', [], { shape: extents, value: true, dtype: 'bool', weak: false }),
      baseTrace().literal(false, 'bool', false),
    ],
    widths,
  )
  return bind1('select', [inside, placed, x], null)
}

const block = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i)

/** From the positions' axes in front to where they belong in the result. */
const toResult = (picked: Tensor, { lead, place, shape }: IndexPlan): Tensor =>
  reshape(place === 0 ? picked : moveaxis(picked, block(lead.length), block(lead.length, place)), shape)

/** Updates of the result's shape with the positions' axes in front. */
export const toUpdates = (updates: Tensor, { arrays, lead, place, cutShape }: IndexPlan): Tensor => {
  const others = cutShape.filter((_, i) => !arrays.some((a) => a.axis === i))
  const placed = reshape(updates, [...others.slice(0, place), ...lead, ...others.slice(place)])
  return place === 0 ? placed : moveaxis(placed, block(lead.length, place), block(lead.length))
}

/** The elements that a plan selects; `fill` where index arrays point outside, or null for the nearest. */
export const readPlan = (x: Tensor, plan: IndexPlan, fill: number | null): Tensor => {
  const part = cutOut(x, plan)
  const { arrays, lead, cutShape } = plan
  if (arrays.length === 0) return reshape(part, plan.shape)
  const axes = arrays.map((a) => a.axis)
  if (fill === null && lead.length === 0 && arrays.every((a) => a.index.dtype === 'int32')) {
    const starts = cutShape.map((_, i) => arrays[axes.indexOf(i)]?.index ?? literalLike(0, 'int32'))
    const sizes = cutShape.map((d, i) => (axes.includes(i) ? 1 : d))
    return reshape(bind1('dynamic_slice', [part, ...starts], { sizes }), plan.shape)
  }
  if (fill !== null && axes.some((a) => cutShape[a] === 0))
    return broadcastTo(literalLike(fill, x.dtype).astype(x.dtype), plan.shape)
  const picked = bind1('gather', [part, ...arrays.map((a) => a.index)], {
    axes,
    mode: fill === null ? 'clip' : 'fill',
    fill: fill ?? 0,
  })
  return toResult(picked, plan)
}

/** Positions moved to the nearest inside. */
export const clampPositions = (plan: IndexPlan): IndexPlan => ({
  ...plan,
  arrays: plan.arrays.map(({ axis, index }) => ({ axis, index: clip(index, 0, plan.cutShape[axis]! - 1) })),
})
