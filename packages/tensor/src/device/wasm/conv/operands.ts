import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { i32, type Local } from '../asm/function.js'
import { i32Add, i32DivU, i32Load, i32LtS, i32Mul, i32RemU, i32Store, i32Sub } from '../asm/opcodes.js'
import { panelColumns } from '../dot/arithmetic.js'
import { packName } from '../dot/pack.js'
import type { Part, Target } from '../step-code.js'
import { type CopyAxis, emitCopy, emitZeros } from './copy.js'
import type { ConvGeometry } from './geometry.js'
import { forCount, forRange } from './loop.js'

/** A part that writes how far, in bytes, each run lies from the first. */
export const emitOffsets = (target: Target, { runAxes, arithmetic }: ConvGeometry, word: number): Part => {
  const f = target.module.function([i32, i32, i32])
  const into = f.local(i32)
  const offset = f.local(i32)
  f.get(0)
    .memory(i32Load, 4 * word)
    .set(into)
  const walk = (depth: number): void => {
    const axis = runAxes[depth]
    if (axis === undefined) {
      f.get(into).get(offset).memory(i32Store).increment(into, 4)
      return
    }
    const step = axis.step * arithmetic.bytes
    forCount(f, axis.extent, 1, () => {
      walk(depth + 1)
      f.increment(offset, step)
    })
    f.increment(offset, -axis.extent * step)
  }
  walk(0)
  return { run: f, units: 1, grain: 1, parallel: false }
}

/** Parts that copy the operand into its image, spread apart and with zeros around it. */
export const emitImage = (
  target: Target,
  { plan, image, covered, arithmetic }: ConvGeometry,
  dtype: StoredDType,
  word: number,
): Part[] => {
  const { x, input, padding, lhsDilation, features, batch, groups } = plan
  let [from, into] = [0, 0]
  let gaps = false
  const axes: CopyAxis[] = [
    { extent: groups, from: x.group, into: image.group },
    { extent: batch, from: x.batch, into: image.batch },
  ]
  for (const [a, length] of covered.entries()) {
    const [low, gap] = [padding[a]![0], lhsDilation[a]!]
    const first = Math.max(0, Math.ceil(-low / gap))
    const last = Math.min(input[a]! - 1, Math.floor((length - 1 - low) / gap))
    const extent = Math.max(0, last - first + 1)
    axes.push({ extent, from: x.spatial[a]!, into: gap * image.spatial[a]! })
    from += first * x.spatial[a]!
    into += (first * gap + low) * image.spatial[a]!
    if (extent < length) gaps = true
  }
  axes.push({ extent: features, from: x.feature, into: image.step })
  const parts: Part[] = []
  if (gaps) parts.push(emitZeros(target, word, image.copied * arithmetic.bytes))
  if (axes.every((a) => a.extent > 0))
    parts.push(emitCopy(target, dtype, axes, { word: 0, offset: from }, { word, offset: into }))
  return parts
}

/** Rows between panels that packing may write to. */
const slack = 4

/** Bytes of one panel of columns. */
export const panelBytes = ({ terms, arithmetic }: ConvGeometry): number =>
  (terms + slack) * panelColumns(arithmetic) * arithmetic.bytes

/** Elements from one term of the kernel to the next, axis by axis. */
const termAxes = ({ window, features, kernel }: ConvGeometry['plan']): { extent: number; from: number }[] => {
  const axes: { extent: number; from: number }[] = []
  const add = (extent: number, from: number): void => {
    if (extent === 1) return
    const last = axes.at(-1)
    if (last?.from === from * extent) axes[axes.length - 1] = { extent: extent * last.extent, from }
    else axes.push({ extent, from })
  }
  window.forEach((n, a) => add(n, kernel.spatial[a]!))
  add(features, kernel.feature)
  return axes
}

/** A part that packs the kernel into panels of columns, group by group. */
export const emitPanels = (target: Target, geometry: ConvGeometry, dtype: StoredDType, word: number): Part => {
  const { plan, arithmetic, terms } = geometry
  const { kernel, n, groups } = plan
  const wide = panelColumns(arithmetic)
  const bytes = dtypeBytes(dtype)
  const panels = Math.ceil(n / wide)
  const axes = termAxes(plan)
  const depth = axes.pop() ?? { extent: 1, from: 1 }
  const f = target.module.function([i32, i32, i32])
  const [from, into, column, count] = [0, 1, 2, 3].map(() => f.local(i32)) as [Local, Local, Local, Local]
  const walk = (at: number): void => {
    const axis = axes[at]
    if (axis === undefined) {
      f.get(count)
        .i32(depth.extent)
        .get(from)
        .i32(kernel.n * bytes)
        .i32(depth.from * bytes)
        .get(into)
      f.call(target.routine(packName(dtype, 'right')))
      f.increment(into, depth.extent * wide * arithmetic.bytes)
      return
    }
    forCount(f, axis.extent, 1, () => {
      walk(at + 1)
      f.increment(from, axis.from * bytes)
    })
    f.increment(from, -axis.extent * axis.from * bytes)
  }
  forRange(f, 1, 2, (u) => {
    f.get(u).i32(panels).op(i32RemU).i32(wide).op(i32Mul).set(column)
    f.get(0)
      .memory(i32Load, 4)
      .get(u)
      .i32(panels)
      .op(i32DivU)
      .i32(kernel.group * bytes)
      .op(i32Mul)
      .op(i32Add)
    f.get(column)
      .i32(kernel.n * bytes)
      .op(i32Mul)
      .op(i32Add)
      .set(from)
    f.get(0)
      .memory(i32Load, 4 * word)
      .get(u)
      .i32(panelBytes(geometry))
      .op(i32Mul)
      .op(i32Add)
      .set(into)
    f.i32(n).get(column).op(i32Sub).set(count)
    f.get(count).i32(wide).get(count).i32(wide).op(i32LtS).select().set(count)
    walk(0)
  })
  const units = groups * panels
  return { run: f, units, grain: Math.ceil((1 << 15) / (terms * wide)), parallel: true }
}

/** A part that orders the kernel of all groups by result of a group, term and group. */
export const emitWeights = (target: Target, { plan, terms }: ConvGeometry, dtype: StoredDType, word: number): Part => {
  const { kernel, window, features, groups, n } = plan
  const axes: CopyAxis[] = [{ extent: n, from: kernel.n, into: terms * groups }]
  let into = features * groups
  for (let a = window.length - 1; a >= 0; a--) {
    axes.push({ extent: window[a]!, from: kernel.spatial[a]!, into })
    into *= window[a]!
  }
  axes.push({ extent: features, from: kernel.feature, into: groups }, { extent: groups, from: kernel.group, into: 1 })
  return emitCopy(target, dtype, axes, { word: 1, offset: 0 }, { word, offset: 0 })
}
