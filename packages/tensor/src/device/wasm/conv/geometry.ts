import type { StoredDType } from '../../../core/dtype.js'
import { sizeOf } from '../../../core/shape.js'
import { dilated } from '../../../primitives/conv.js'
import type { ConvPlan } from '../../../program/conv-plan.js'
import { type Arithmetic, arithmeticOf, isNative } from '../dot/arithmetic.js'

/**
 * Where the operand is read: element 0 of the window at place 0 of group 0 and batch entry 0 is `origin` elements from
 * its start, the others by distances along each axis. Everything that a window covers lies there, padding included.
 */
export interface Image {
  /** Elements of a copy in the arithmetic's numbers; 0 where the operand is read in place. */
  readonly copied: number
  readonly origin: number
  readonly group: number
  readonly batch: number
  readonly spatial: readonly number[]
  /** From one term of a run to the next. */
  readonly step: number
}

/** Rows of the result along one axis: how many, and how far apart in the image (elements) and in the result (rows). */
export interface RowAxis {
  readonly extent: number
  readonly image: number
  readonly result: number
}

/**
 * A convolution as a matrix product whose left operand is read through the image. Terms of a sum count positions of
 * the window first, then features. They are cut into runs that lie evenly in the image, and runs into blocks: each
 * block is summed from zero, in order, and the blocks' sums are added in order. All that depends on what one result is
 * made of alone, never on how many there are nor on how operands lie in memory.
 */
export interface ConvGeometry {
  readonly plan: ConvPlan
  readonly arithmetic: Arithmetic
  /** Whether neighbouring groups share vectors: where each gives few results. */
  readonly grouped: boolean
  readonly terms: number
  readonly run: number
  /** The window's axes that number the runs: extents and distances in the image. */
  readonly runAxes: readonly { readonly extent: number; readonly step: number }[]
  readonly runs: number
  /** A block is either `runsTogether` runs, or `partOfRun` terms of one. */
  readonly runsTogether: number
  readonly partOfRun: number
  readonly image: Image
  /** Extents of the image's copy along the spatial axes. */
  readonly covered: readonly number[]
  readonly result: ResultRows
  readonly rows: readonly RowAxis[]
}

const blockTerms = 256
/** Runs that are shorter are brought together in scratch memory. */
const longRun = 64
/** Sizes of a batch entry that are a multiple of this many bytes would collide in caches. */
const aliasing = 2048

/** How far the windows reach along each spatial axis. */
const reach = ({ out, strides, window, rhsDilation }: ConvPlan): number[] =>
  out.map((n, a) => (n - 1) * strides[a]! + dilated(window[a]!, rhsDilation[a]!))

/** The first of the window's axes that is part of a run. */
const firstInRun = ({ window, rhsDilation }: ConvPlan, covered: readonly number[]): number => {
  let first = window.length
  while (first > 0) {
    const a = first - 1
    if (window[a] !== 1 && rhsDilation[a] !== 1) break
    first = a
    if (covered[a] !== window[a]) break
  }
  return first
}

/** The operand in place, if everything that windows cover is there and runs lie evenly. */
const inPlace = (plan: ConvPlan, covered: readonly number[], first: number, grouped: boolean): Image | null => {
  const { x, window, padding, input, features } = plan
  let origin = 0
  for (const [a, length] of covered.entries()) {
    const low = -padding[a]![0]
    if (plan.lhsDilation[a] !== 1 || low < 0 || low + length > input[a]!) return null
    origin += low * x.spatial[a]!
  }
  let step = features > 1 ? x.feature : 0
  let next = step * features
  for (let a = window.length - 1; a >= first; a--) {
    if (window[a] === 1) continue
    if (step === 0) step = x.spatial[a]!
    else if (x.spatial[a] !== next) return null
    next = x.spatial[a]! * window[a]!
  }
  if (step === 0) step = 1
  if (grouped ? x.group !== 1 : step !== 1) return null
  return { copied: 0, origin, group: x.group, batch: x.batch, spatial: x.spatial, step }
}

const copyOf = (plan: ConvPlan, bytes: number, covered: readonly number[], grouped: boolean): Image => {
  const { groups, features, batch } = plan
  const step = grouped ? groups : 1
  const spatial: number[] = []
  let size = features * step
  for (let a = covered.length - 1; a >= 0; a--) {
    spatial.unshift(size)
    size *= covered[a]!
  }
  // Rows that a whole power of two keeps apart fall on the same lines of a cache.
  if ((size * bytes) % aliasing === 0) size += 64 / bytes
  const whole = size * batch
  const elements = grouped ? whole : whole * groups
  return { copied: Math.max(1, elements), origin: 0, group: grouped ? 1 : whole, batch: size, spatial, step }
}

/** How far apart in the result, in rows, neighbours along each axis are, and which row is the first. */
export interface ResultRows {
  readonly origin: number
  readonly batch: number
  readonly spatial: readonly number[]
}

/** The rows of a result of its own. */
export const rowMajor = (out: readonly number[]): ResultRows => ({
  origin: 0,
  batch: sizeOf(out),
  spatial: out.map((_, a) => sizeOf(out.slice(a + 1))),
})

/** Rows in the order of the result: batch entries, then places; neighbouring axes that are walked as one are joined. */
const rowAxes = (plan: ConvPlan, image: Image, result: ResultRows): RowAxis[] => {
  const { batch, out, strides } = plan
  const axes: RowAxis[] = []
  const add = (extent: number, step: number, result: number): void => {
    if (extent === 1) return
    const last = axes.at(-1)
    if (last !== undefined && last.image === step * extent && last.result === result * extent)
      axes[axes.length - 1] = { extent: last.extent * extent, image: step, result }
    else axes.push({ extent, image: step, result })
  }
  add(batch, image.batch, result.batch)
  out.forEach((n, a) => add(n, strides[a]! * image.spatial[a]!, result.spatial[a]!))
  return axes
}

/** Whether each group gives so few results that neighbouring groups share vectors. */
export const sharesVectors = ({ groups, n }: ConvPlan, dtype: StoredDType): boolean =>
  groups >= arithmeticOf(dtype).lanes && n <= 2

/** The geometry of a convolution that has results and terms. */
export const convGeometry = (
  plan: ConvPlan,
  dtype: StoredDType,
  result: ResultRows = rowMajor(plan.out),
): ConvGeometry => {
  const { window, rhsDilation, features } = plan
  const arithmetic = arithmeticOf(dtype)
  const grouped = sharesVectors(plan, dtype)
  const covered = reach(plan)
  const first = firstInRun(plan, covered)
  const run = features * sizeOf(window.slice(first))
  const direct = isNative(dtype) ? inPlace(plan, covered, first, grouped) : null
  const image = direct ?? copyOf(plan, arithmetic.bytes, covered, grouped)
  const runAxes = window.slice(0, first).map((extent, a) => ({ extent, step: rhsDilation[a]! * image.spatial[a]! }))
  const runs = sizeOf(window.slice(0, first))
  const blocks = Math.ceil(runs / Math.max(1, Math.floor(blockTerms / run)))
  return {
    plan,
    arithmetic,
    grouped,
    terms: run * runs,
    run,
    runAxes,
    runs,
    runsTogether: run >= longRun ? 1 : Math.ceil(runs / blocks),
    partOfRun: run >= longRun ? Math.ceil(run / Math.ceil(run / blockTerms)) : run,
    image,
    covered,
    result,
    rows: rowAxes(plan, image, result),
  }
}
