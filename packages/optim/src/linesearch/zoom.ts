import { valueAndGrad } from '@linum/autodiff'
import {
  abs,
  array,
  greater,
  greaterEqual,
  isnan,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  type Tensor,
  where,
  zeros,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { mapAligned } from '../leaves.js'
import { addScaled, vdotTree } from '../tree-sums.js'
import { cubicMinimum, quadraticMinimum } from './interpolate.js'

/** What a zoom line search goes by; every option is set. */
export interface ZoomRules {
  readonly maxLinesearchSteps: number
  readonly maxLearningRate: number | undefined
  readonly tol: number
  readonly increaseFactor: number
  readonly slopeRtol: number
  readonly curvRtol: number
  readonly approxDecRtol: number | null
  readonly stepsizePrecision: number
}

/** The line along which is searched. */
export interface Line {
  readonly fn: string
  readonly params: unknown
  readonly updates: unknown
  readonly valueFn: (params: unknown) => Tensor
  readonly value: Tensor
  readonly slope: Tensor
}

interface Point {
  readonly step: Tensor
  readonly value: Tensor
  readonly slope: Tensor
}

/** The state of the search between two evaluations of the loss. */
export interface Zoom {
  readonly count: Tensor
  readonly at: Point
  readonly grad: unknown
  readonly decreaseError: Tensor
  readonly curvatureError: Tensor
  readonly intervalFound: Tensor
  readonly done: Tensor
  readonly failed: Tensor
  readonly low: Point
  readonly high: Point
  /** A third point for the cubic. */
  readonly reference: Point
  /** The best step so far that decreases the loss enough. */
  readonly safe: { readonly step: Tensor; readonly value: Tensor; readonly grad: unknown }
}

const choose = <T>(condition: Tensor, a: T, b: T): T =>
  mapAligned('linesearch', (x, y) => where(condition, x!, y!), a, b) as T

export const startZoom = (line: Line, grad: unknown): Zoom => {
  const { dtype } = line.value
  const zero = zeros([], { dtype })
  const infinite = array(Infinity, { dtype })
  const origin = { step: zero, value: line.value, slope: line.slope }
  const no = array(false)
  return {
    count: zeros([], { dtype: 'int32' }),
    at: origin,
    grad,
    decreaseError: infinite,
    curvatureError: infinite,
    intervalFound: no,
    done: no,
    failed: no,
    low: origin,
    high: origin,
    reference: origin,
    safe: { step: zero, value: line.value, grad },
  }
}

const errors = (rules: ZoomRules, line: Line, at: Point): readonly [decrease: Tensor, curvature: Tensor] => {
  const change = at.value.sub(line.value)
  const exact = change.sub(at.step.mul(line.slope).mul(rules.slopeRtol))
  // Near the minimum the change drowns in rounding; the slopes tell then (Hager and Zhang 2006).
  const approximate =
    rules.approxDecRtol === null
      ? exact
      : minimum(
          maximum(
            at.slope.sub(line.slope.mul(2 * rules.slopeRtol - 1)),
            change.sub(abs(line.value).mul(rules.approxDecRtol)),
          ),
          exact,
        )
  const decrease = maximum(approximate, 0)
  const curvature = maximum(abs(at.slope).sub(abs(line.slope).mul(rules.curvRtol)), 0)
  return [where(isnan(decrease), Infinity, decrease), where(isnan(curvature), Infinity, curvature)]
}

const longerStep = (rules: ZoomRules, zoom: Zoom, guess: Tensor): readonly [step: Tensor, atMost: Tensor] => {
  const step = where(zoom.count.equal(0), guess, zoom.at.step.mul(rules.increaseFactor))
  return rules.maxLearningRate === undefined
    ? [step, array(false)]
    : [minimum(step, rules.maxLearningRate), greaterEqual(step, rules.maxLearningRate)]
}

const stepInside = ({ low, high, reference }: Zoom): Tensor => {
  const width = abs(high.step.sub(low.step))
  const [left, right] = [minimum(high.step, low.step), maximum(high.step, low.step)]
  const inside = (x: Tensor, margin: number): Tensor =>
    logicalAnd(greater(x, left.add(width.mul(margin))), less(x, right.sub(width.mul(margin))))
  const cubic = cubicMinimum(low.step, low.value, low.slope, high.step, high.value, reference.step, reference.value)
  const parabola = quadraticMinimum(low.step, low.value, low.slope, high.step, high.value)
  const middle = low.step.add(high.step).div(2)
  return where(inside(cubic, 0.2), cubic, where(inside(parabola, 0.1), parabola, middle))
}

/** One evaluation of the loss: of a longer step as long as no interval is known, then of one inside (Nocedal and Wright 2006, algorithms 3.5 and 3.6). */
export const stepZoom = (rules: ZoomRules, line: Line, guess: Tensor, zoom: Zoom): Zoom => {
  const { dtype } = line.value
  const [longer, atMost] = longerStep(rules, zoom, guess)
  const zooming = zoom.intervalFound
  const step = where(zooming, stepInside(zoom), longer).astype(dtype)
  const [reached, grad] = valueAndGrad(line.valueFn)(addScaled(line.fn, line.params, step, line.updates)) as readonly [
    Tensor,
    unknown,
  ]
  const slope = vdotTree(line.fn, grad, line.updates).astype(dtype)
  const at: Point = { step, value: toTensor(line.fn, reached).astype(dtype), slope }
  const [decreaseError, curvatureError] = errors(rules, line, at)
  const accepted = lessEqual(maximum(decreaseError, curvatureError), rules.tol)
  const safeHere = logicalAnd(
    lessEqual(decreaseError, rules.tol),
    logicalOr(logicalNot(zooming), less(at.value, zoom.safe.value)),
  )
  const safe = choose(safeHere, { step, value: at.value, grad }, zoom.safe)
  const count = zoom.count.add(1)
  const last = greaterEqual(count, rules.maxLinesearchSteps)

  // Without an interval: the new step is its upper end where the loss rises, its lower end where the slope does.
  const rises = logicalOr(
    greater(decreaseError, 0),
    logicalAnd(greaterEqual(at.value, zoom.at.value), greater(zoom.count, 0)),
  )
  const turns = logicalAnd(greaterEqual(slope, 0), logicalNot(rises))
  const found = logicalOr(logicalOr(rises, turns), accepted)
  const first = { low: choose(turns, at, zoom.at), high: choose(turns, zoom.at, at) }

  // With one: the new step replaces the end that keeps a minimum inside.
  const above = logicalOr(greater(decreaseError, 0), greaterEqual(at.value, zoom.low.value))
  const swap = logicalAnd(greaterEqual(slope.mul(zoom.high.step.sub(zoom.low.step)), 0), logicalNot(above))
  const narrower = {
    low: choose(above, zoom.low, at),
    high: choose(swap, zoom.low, choose(above, at, zoom.high)),
    reference: choose(logicalOr(above, swap), zoom.high, zoom.low),
  }
  const tiny = logicalAnd(
    lessEqual(abs(zoom.high.step.sub(zoom.low.step)), rules.stepsizePrecision),
    greater(safe.step, 0),
  )

  const done = logicalOr(accepted, logicalAnd(logicalNot(zooming), logicalAnd(atMost, logicalNot(found))))
  const given = logicalOr(last, logicalAnd(zooming, tiny))
  return {
    count,
    at,
    grad,
    decreaseError,
    curvatureError,
    intervalFound: logicalOr(zooming, found),
    done,
    failed: logicalAnd(given, logicalNot(done)),
    ...choose(zooming, narrower, { ...first, reference: first.low }),
    safe,
  }
}

/** What a search that is over has found: its last step, or the best safe one where it failed. */
export const endZoom = (zoom: Zoom): { readonly step: Tensor; readonly value: Tensor; readonly grad: unknown } => {
  const outside = zoom.decreaseError.equal(Infinity)
  const fallBack = logicalAnd(zoom.failed, logicalOr(greater(zoom.safe.step, 0), outside))
  return choose(fallBack, zoom.safe, { step: zoom.at.step, value: zoom.at.value, grad: zoom.grad })
}
