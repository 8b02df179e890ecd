import { isFloat, isHalf, type StoredDType } from '../../../core/dtype.js'
import type { ScalarOp } from '../../../kernel/ir.js'
import * as arithmetic from './arithmetic.js'
import { compare, isFinite, select } from './compare.js'
import { bitcast, convert } from './convert.js'
import { float64Ops } from './float64.js'
import { fma } from './fma.js'
import { roundTo } from './half.js'
import { divide, integerPower, remainder, shiftBits } from './integer.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import { singleOps } from './single.js'
import { keep } from './term.js'
import { threefry } from './threefry.js'

/** Writes an operation whose result has `dtype` and whose first operand has `argType`. */
type Emit = (e: LaneEmitter, args: readonly Lanes[], dtype: StoredDType, argType: StoredDType) => Lanes

const unary =
  (codes: arithmetic.Codes): Emit =>
  (e, [x], dtype) =>
    arithmetic.applyUnary(e, codes, dtype, x!)
const binary =
  (codes: arithmetic.Codes): Emit =>
  (e, [x, y], dtype) =>
    arithmetic.applyBinary(e, codes, dtype, x!, y!)
/** The larger or smaller: unsigned words are compared as such. */
const extreme =
  (signed: arithmetic.Codes, unsigned: arithmetic.Codes): Emit =>
  (e, [x, y], dtype) =>
    arithmetic.applyBinary(e, dtype === 'uint32' ? unsigned : signed, dtype, x!, y!)
const comparison =
  (op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): Emit =>
  (e, [x, y], _dtype, argType) =>
    compare(e, op, argType, x!, y!)
const bitwise =
  (op: 'and' | 'or' | 'xor'): Emit =>
  (e, [x, y]) =>
    arithmetic.bitwise(e, op, x!, y!)
const shift =
  (op: 'shift_left' | 'shift_right_logical' | 'shift_right_arithmetic'): Emit =>
  (e, [x, by], dtype) =>
    shiftBits(e, op, dtype, x!, by!)

/** A function of floats: its code for float64, and for float32, which halves round. */
const float =
  (op: ScalarOp): Emit =>
  (e, args, dtype) => {
    if (dtype === 'float64') return float64Ops[op]!(e, ...args)
    const emit = singleOps[op]
    if (emit === undefined) throw new Error(`wasm: no code for ${op} on ${dtype}`)
    const result = emit(e, args[0]![0]!, args.at(-1)![0]!)
    return [keep(e.f, isHalf(dtype) ? roundTo(e, dtype, result) : result)]
  }
/** The same with another meaning on integers. */
const byCategory =
  (onFloat: Emit, onInteger: Emit): Emit =>
  (e, args, dtype, argType) =>
    (isFloat(dtype) ? onFloat : onInteger)(e, args, dtype, argType)

const emitters: Readonly<Record<ScalarOp, Emit>> = {
  exp: float('exp'),
  expm1: float('expm1'),
  log: float('log'),
  log1p: float('log1p'),
  logistic: float('logistic'),
  sin: float('sin'),
  cos: float('cos'),
  tanh: float('tanh'),
  erf: float('erf'),
  erf_inv: float('erf_inv'),
  exp2: float('exp2'),
  tan: float('tan'),
  sinh: float('sinh'),
  cosh: float('cosh'),
  asin: float('asin'),
  acos: float('acos'),
  atan: float('atan'),
  asinh: float('asinh'),
  acosh: float('acosh'),
  atanh: float('atanh'),
  cbrt: float('cbrt'),
  erfc: float('erfc'),
  atan2: float('atan2'),
  sqrt: unary(arithmetic.sqrtCodes),
  rsqrt: (e, [x], dtype) => arithmetic.inverseRoot(e, dtype, x!),
  floor: unary(arithmetic.floorCodes),
  ceil: unary(arithmetic.ceilCodes),
  round: unary(arithmetic.roundCodes),
  neg: unary(arithmetic.negCodes),
  abs: (e, [x], dtype) => arithmetic.absolute(e, dtype, x!),
  sign: (e, [x], dtype) => arithmetic.sign(e, dtype, x!),
  add: binary(arithmetic.addCodes),
  sub: binary(arithmetic.subCodes),
  mul: binary(arithmetic.mulCodes),
  div: byCategory(binary(arithmetic.divCodes), (e, [x, y], dtype) => divide(e, dtype, x!, y!)),
  rem: byCategory(float('rem'), (e, [x, y], dtype) => remainder(e, dtype, x!, y!)),
  pow: byCategory(float('pow'), (e, [x, y], dtype) => integerPower(e, dtype, x!, y!)),
  max: extreme(arithmetic.maxCodes, arithmetic.maxUnsigned),
  min: extreme(arithmetic.minCodes, arithmetic.minUnsigned),
  fma: (e, [x, y, z], dtype) => fma(e, dtype, x!, y!, z!),
  and: bitwise('and'),
  or: bitwise('or'),
  xor: bitwise('xor'),
  not: (e, [x], dtype) => arithmetic.invert(e, dtype, x!),
  shift_left: shift('shift_left'),
  shift_right_logical: shift('shift_right_logical'),
  shift_right_arithmetic: shift('shift_right_arithmetic'),
  eq: comparison('eq'),
  ne: comparison('ne'),
  lt: comparison('lt'),
  le: comparison('le'),
  gt: comparison('gt'),
  ge: comparison('ge'),
  is_finite: (e, [x], _dtype, argType) => isFinite(e, argType, x!),
  select: (e, [mask, x, y], dtype) => select(e, dtype, mask!, x!, y!),
  convert: (e, [x], dtype, argType) => convert(e, dtype, argType, x!),
  bitcast: (e, [x], dtype, argType) => bitcast(e, dtype, argType, x!),
  threefry_bits: (e, args) => threefry(e, args),
  threefry_word: (e, args) => threefry(e, args),
}

/**
 * Writes one operation on four elements. `dtype` is the result's type and `argType` the first operand's. Operands are
 * not changed; the result may be one of them.
 */
export const emitOp = (
  e: LaneEmitter,
  op: ScalarOp,
  dtype: StoredDType,
  argType: StoredDType,
  args: readonly Lanes[],
): Lanes => emitters[op](e, args, dtype, argType)
