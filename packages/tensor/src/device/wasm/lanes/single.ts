import type { ScalarOp } from '../../../kernel/ir.js'
import type { Local } from '../asm/function.js'
import { erf, erfcD, erfInv } from './error-function.js'
import { exp, exp2, expm1, logistic, tanh } from './exponential.js'
import { acoshD, asinhD, atanhD, coshD, sinhD } from './hyperbolic.js'
import { acosD, asinD, atan2D, atanOfAny } from './inverse-trigonometry.js'
import type { LaneEmitter } from './lane-emitter.js'
import { log, log1p } from './logarithm.js'
import { cbrtD, powD } from './power.js'
import { remainderD } from './remainder.js'
import type { Term } from './term.js'
import { cos, sin, tan } from './trigonometry.js'
import { wide } from './wide.js'

/** Functions of float32 vectors that have no instruction; a unary one gets its operand twice. */
export const singleOps: Readonly<Partial<Record<ScalarOp, (e: LaneEmitter, x: Local, y: Local) => Term>>> = {
  exp,
  exp2,
  expm1,
  log,
  log1p,
  tanh,
  logistic,
  erf,
  sin,
  cos,
  tan,
  erfc: wide('erfc', 1, erfcD),
  erf_inv: erfInv,
  sinh: wide('sinh', 1, sinhD),
  cosh: wide('cosh', 1, coshD),
  asinh: wide('asinh', 1, asinhD),
  acosh: wide('acosh', 1, acoshD),
  atanh: wide('atanh', 1, atanhD),
  asin: wide('asin', 1, asinD),
  acos: wide('acos', 1, acosD),
  atan: wide('atan', 1, atanOfAny),
  cbrt: wide('cbrt', 1, cbrtD),
  atan2: wide('atan2', 2, atan2D),
  pow: wide('pow', 2, powD),
  rem: wide('rem', 2, remainderD),
}
