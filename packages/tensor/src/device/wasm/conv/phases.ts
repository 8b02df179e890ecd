/**
 * A convolution of a spread operand, as a gradient through strides is, mostly multiplies the zeros between elements.
 * Places that leave the same rest, divided by the dilation, meet elements at the same positions of the window: each
 * such phase is a convolution of the operand itself with a part of the window.
 */
import { sizeOf } from '../../../core/shape.js'
import type { ConvPlan } from '../../../program/conv-plan.js'
import { i32, type Local, v128 } from '../asm/function.js'
import { i32Add, i32And, i32Eq, i32Load, i32Mul, i32RemU, v128Load, v128Store } from '../asm/opcodes.js'
import { panelColumns } from '../dot/arithmetic.js'
import type { Part, Target } from '../step-code.js'
import type { ConvGeometry, ResultRows } from './geometry.js'
import { forCount, forRange } from './loop.js'
import { panelBytes } from './operands.js'

export interface Phase {
  readonly plan: ConvPlan
  readonly result: ResultRows
  /** Per axis, the first position of the window that meets elements, and the way to the next. */
  readonly first: readonly number[]
  readonly step: readonly number[]
}

const divides = (plan: ConvPlan, a: number): boolean => {
  const gap = plan.lhsDilation[a]!
  return gap > 1 && plan.strides[a] === 1 && plan.rhsDilation[a] === 1 && plan.window[a]! >= gap && plan.out[a]! >= gap
}

const replaced = <T>(xs: readonly T[], at: number, x: T): T[] => xs.map((old, i) => (i === at ? x : old))

/** The phases of a convolution along one axis more. */
const along = (p: Phase, a: number): Phase[] => {
  const { plan, result } = p
  const gap = plan.lhsDilation[a]!
  const low = plan.padding[a]![0]
  return Array.from({ length: gap }, (_, rest) => {
    const first = (((low - rest) % gap) + gap) % gap
    return {
      plan: {
        ...plan,
        out: replaced(plan.out, a, Math.ceil((plan.out[a]! - rest) / gap)),
        window: replaced(plan.window, a, Math.ceil((plan.window[a]! - first) / gap)),
        padding: replaced(plan.padding, a, [(low - rest - first) / gap, 0] as const),
        lhsDilation: replaced(plan.lhsDilation, a, 1),
      },
      result: {
        ...result,
        origin: result.origin + rest * result.spatial[a]!,
        spatial: replaced(result.spatial, a, result.spatial[a]! * gap),
      },
      first: replaced(p.first, a, first),
      step: replaced(p.step, a, gap),
    }
  })
}

/** The phases of a convolution; one, itself, if it has no others. */
export const phasesOf = (plan: ConvPlan, result: ResultRows): Phase[] => {
  const whole: Phase = { plan, result, first: plan.window.map(() => 0), step: plan.window.map(() => 1) }
  return plan.window.reduce((phases, _, a) => (divides(plan, a) ? phases.flatMap((p) => along(p, a)) : phases), [whole])
}

/**
 * A part that picks a phase's terms out of the packed kernel of the whole convolution, panel by panel. The terms left
 * out meet zeros, but zero times infinity or NaN is NaN: then so is the first of the terms that stay.
 */
export const emitPhasePanels = (
  target: Target,
  whole: ConvGeometry,
  own: ConvGeometry,
  phase: Phase,
  wholeWord: number,
  word: number,
): Part => {
  const { arithmetic, plan } = whole
  const panels = plan.groups * Math.ceil(plan.n / panelColumns(arithmetic))
  const f = target.module.function([i32, i32, i32])
  const [from, into, start] = [0, 1, 2].map(() => f.local(i32)) as [Local, Local, Local]
  const sums = [f.local(v128), f.local(v128)]
  const addZeroTimes = (): void =>
    sums.forEach((sum, j) => {
      f.get(sum)
        .get(from)
        .memory(v128Load, 16 * j)
        .i32x4(0)
        .op(arithmetic.multiply)
        .op(arithmetic.add)
        .set(sum)
    })
  const copy = (): void => {
    for (const offset of [0, 16]) f.get(into).get(from).memory(v128Load, offset).memory(v128Store, offset)
    f.increment(into, 32)
  }
  const positions: Local[] = []
  const walk = (): void => {
    const a = positions.length
    if (a < plan.window.length) {
      forCount(f, plan.window[a]!, 1, (q) => {
        positions.push(q)
        walk()
        positions.pop()
      })
      return
    }
    const term = (body: () => void): void => {
      forCount(f, plan.features, 1, () => {
        body()
        f.increment(from, 32)
      })
    }
    f.i32(1)
    positions.forEach((q, i) => f.get(q).i32(phase.step[i]!).op(i32RemU).i32(phase.first[i]!).op(i32Eq).op(i32And))
    f.if(
      () => term(copy),
      () => term(addZeroTimes),
    )
  }
  forRange(f, 1, 2, (panel) => {
    for (const sum of sums) f.i32x4(0).set(sum)
    f.get(0)
      .memory(i32Load, 4 * wholeWord)
      .get(panel)
      .i32(panelBytes(whole))
      .op(i32Mul)
      .op(i32Add)
      .set(from)
    f.get(0)
      .memory(i32Load, 4 * word)
      .get(panel)
      .i32(panelBytes(own))
      .op(i32Mul)
      .op(i32Add)
      .tee(start)
      .set(into)
    walk()
    sums.forEach((sum, j) => {
      f.get(start)
        .get(start)
        .memory(v128Load, 16 * j)
        .get(sum)
        .op(arithmetic.add)
        .memory(v128Store, 16 * j)
    })
  })
  return { run: f, units: panels, grain: Math.ceil((1 << 14) / (plan.features * sizeOf(plan.window))), parallel: true }
}
