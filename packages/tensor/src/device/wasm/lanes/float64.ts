import type { ScalarOp } from '../../../kernel/ir.js'
import { f64x2ExtractLane, f64x2ReplaceLane, f64x2Splat } from '../asm/opcodes.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import { absD, addD, and, divD, double, eqD, keep, negD, or, pick, type Term } from './term.js'

/** Calls a function of the host on each element. */
const each = (e: LaneEmitter, name: string, ...args: readonly Lanes[]): Lanes => {
  const callee = e.host(name)
  return args[0]!.map((_, k) =>
    keep(e.f, (f) => {
      for (const a of args) f.get(a[k]!).lane(f64x2ExtractLane, 0)
      f.call(callee).op(f64x2Splat)
      for (const a of args) f.get(a[k]!).lane(f64x2ExtractLane, 1)
      f.call(callee).lane(f64x2ReplaceLane, 1)
    }),
  )
}

const onEach =
  (name: string) =>
  (e: LaneEmitter, ...args: readonly Lanes[]): Lanes =>
    each(e, name, ...args)

const logistic = (e: LaneEmitter, x: Lanes): Lanes => {
  const inverse = each(
    e,
    'Math.exp',
    x.map((a) => keep(e.f, negD(a))),
  )
  return inverse.map((a) => keep(e.f, divD(double(1), addD(double(1), a))))
}

/** IEEE pow: 1 to any power is 1, also NaN, and -1 to an infinite power is 1; JavaScript says NaN. */
const pow = (e: LaneEmitter, x: Lanes, y: Lanes): Lanes =>
  each(e, 'Math.pow', x, y).map((power, k) => {
    const isOne = (a: Term): Term => eqD(a, double(1))
    const [a, b] = [x[k]!, y[k]!]
    const exact = or(isOne(a), and(isOne(absD(a)), eqD(absD(b), double(Infinity))))
    return keep(e.f, pick(exact, double(1), power))
  })

const exp2 = (e: LaneEmitter, x: Lanes): Lanes => {
  const two = keep(e.f, double(2))
  return each(e, 'Math.pow', [two, two], x)
}

/** Operations on float64 that have no instruction. */
export const float64Ops: Readonly<Partial<Record<ScalarOp, (e: LaneEmitter, ...args: readonly Lanes[]) => Lanes>>> = {
  exp: onEach('Math.exp'),
  expm1: onEach('Math.expm1'),
  log: onEach('Math.log'),
  log1p: onEach('Math.log1p'),
  sin: onEach('Math.sin'),
  cos: onEach('Math.cos'),
  tan: onEach('Math.tan'),
  tanh: onEach('Math.tanh'),
  sinh: onEach('Math.sinh'),
  cosh: onEach('Math.cosh'),
  asin: onEach('Math.asin'),
  acos: onEach('Math.acos'),
  atan: onEach('Math.atan'),
  asinh: onEach('Math.asinh'),
  acosh: onEach('Math.acosh'),
  atanh: onEach('Math.atanh'),
  cbrt: onEach('Math.cbrt'),
  atan2: onEach('Math.atan2'),
  erf: onEach('erf'),
  erfc: onEach('erfc'),
  erf_inv: onEach('erfInvDouble'),
  rem: onEach('rem'),
  logistic: (e, x) => logistic(e, x!),
  exp2: (e, x) => exp2(e, x!),
  pow: (e, x, y) => pow(e, x!, y!),
}
