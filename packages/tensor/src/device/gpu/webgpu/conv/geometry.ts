import type { ConvPlan } from '../../../../program/conv-plan.js'

/**
 * One spatial axis. Place o of the result and position q of the window meet at o * stride + q * dilation - low of the
 * operand with `gap - 1` zeros between its elements. Only some places and positions meet elements at all: places that
 * leave the same rest, divided by `placeStep`, meet them at the same positions, each `positionStep` from the next.
 */
export interface ConvAxis {
  readonly input: number
  readonly window: number
  readonly out: number
  readonly stride: number
  readonly low: number
  readonly dilation: number
  readonly gap: number
  readonly placeStep: number
  readonly positionStep: number
  /** How many rests there are. */
  readonly phases: number
  /** Distances between elements of the operand and of the kernel. */
  readonly x: number
  readonly kernel: number
}

/** A plan with at least one spatial axis and none that does nothing. */
export interface ConvGeometry {
  readonly plan: ConvPlan
  readonly axes: readonly ConvAxis[]
  /** Classes of places that meet the same positions of the window. */
  readonly phases: number
  /** Rows of the result in the largest phase, one for each place and batch entry, and in all. */
  readonly rows: number
  readonly allRows: number
  /** Terms of the longest sum. */
  readonly terms: number
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

const axisOf = (plan: ConvPlan, a: number): ConvAxis => {
  const [stride, dilation, gap] = [plan.strides[a]!, plan.rhsDilation[a]!, plan.lhsDilation[a]!]
  const placeStep = gap / gcd(gap, stride)
  const out = plan.out[a]!
  return {
    input: plan.input[a]!,
    window: plan.window[a]!,
    out,
    stride,
    low: plan.padding[a]![0],
    dilation,
    gap,
    placeStep,
    positionStep: gap / gcd(gap, dilation),
    phases: Math.max(1, Math.min(placeStep, out)),
    x: plan.x.spatial[a]!,
    kernel: plan.kernel.spatial[a]!,
  }
}

/** Whether every place of the result is the same place of the operand. */
const isPointwise = (a: ConvAxis): boolean => a.window === 1 && a.stride === 1 && a.low === 0 && a.gap === 1

const hasOne = (a: ConvAxis): boolean => a.out === 1 && a.window === 1 && a.low === 0 && a.input > 0

const merged = (axes: readonly ConvAxis[]): readonly ConvAxis[] =>
  axes.reduce<readonly ConvAxis[]>((done, axis) => {
    const last = done.at(-1)
    if (hasOne(axis)) return done
    if (last === undefined || !isPointwise(last) || !isPointwise(axis)) return [...done, axis]
    if (axis.out !== axis.input || last.x !== axis.x * axis.input) return [...done, axis]
    return [...done.slice(0, -1), { ...axis, input: last.input * axis.input, out: last.out * axis.out }]
  }, [])

const unit: ConvAxis = {
  input: 1,
  window: 1,
  out: 1,
  stride: 1,
  low: 0,
  dilation: 1,
  gap: 1,
  placeStep: 1,
  positionStep: 1,
  phases: 1,
  x: 0,
  kernel: 0,
}

export const convGeometry = (plan: ConvPlan): ConvGeometry => {
  const some = merged(plan.window.map((_, a) => axisOf(plan, a)))
  const axes = some.length > 0 ? some : [unit]
  return {
    plan,
    axes,
    phases: product(axes.map((a) => a.phases)),
    rows: plan.batch * product(axes.map((a) => Math.ceil(a.out / a.placeStep))),
    allRows: plan.batch * product(axes.map((a) => a.out)),
    terms: plan.features * product(axes.map((a) => Math.ceil(a.window / a.positionStep))),
  }
}
