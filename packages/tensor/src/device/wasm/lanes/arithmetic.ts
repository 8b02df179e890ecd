import { isFloat, isSigned, type StoredDType } from '../../../core/dtype.js'
import * as code from '../asm/opcodes.js'
import { roundTo } from './half.js'
import { integerSign, wrap } from './integer.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import { binary, double, gt, gtD, keep, lt, ltD, not, pick, single, type Term, unary } from './term.js'

/** An instruction per kind of lanes: of float32, of float64, of integers, of masks. */
export interface Codes {
  readonly single: number
  readonly double: number
  readonly integer?: number
  readonly bool?: number
  /** Whether a half's result must be rounded. */
  readonly rounds?: boolean
}

const codeFor = (codes: Codes, dtype: StoredDType): number => {
  const found =
    dtype === 'float64' ? codes.double : isFloat(dtype) ? codes.single : dtype === 'bool' ? codes.bool : codes.integer
  if (found === undefined) throw new Error(`wasm: no instruction for ${dtype}`)
  return found
}

const finish = (e: LaneEmitter, codes: Codes, dtype: StoredDType, x: Term): Term =>
  dtype === 'float64' || dtype === 'bool'
    ? x
    : isFloat(dtype)
      ? codes.rounds === true
        ? roundTo(e, dtype, x)
        : x
      : wrap(dtype, x)

export const applyUnary = (e: LaneEmitter, codes: Codes, dtype: StoredDType, x: Lanes): Lanes =>
  x.map((a) => keep(e.f, finish(e, codes, dtype, unary(codeFor(codes, dtype))(a))))

export const applyBinary = (e: LaneEmitter, codes: Codes, dtype: StoredDType, x: Lanes, y: Lanes): Lanes =>
  x.map((a, k) => keep(e.f, finish(e, codes, dtype, binary(codeFor(codes, dtype))(a, y[k]!))))

export const addCodes: Codes = {
  single: code.f32x4Add,
  double: code.f64x2Add,
  integer: code.i32x4Add,
  bool: code.v128Or,
  rounds: true,
}
export const subCodes: Codes = { single: code.f32x4Sub, double: code.f64x2Sub, integer: code.i32x4Sub, rounds: true }
export const mulCodes: Codes = {
  single: code.f32x4Mul,
  double: code.f64x2Mul,
  integer: code.i32x4Mul,
  bool: code.v128And,
  rounds: true,
}
export const divCodes: Codes = { single: code.f32x4Div, double: code.f64x2Div, rounds: true }
export const sqrtCodes: Codes = { single: code.f32x4Sqrt, double: code.f64x2Sqrt, rounds: true }
export const floorCodes: Codes = { single: code.f32x4Floor, double: code.f64x2Floor }
export const ceilCodes: Codes = { single: code.f32x4Ceil, double: code.f64x2Ceil }
export const roundCodes: Codes = { single: code.f32x4Nearest, double: code.f64x2Nearest }
export const negCodes: Codes = { single: code.f32x4Neg, double: code.f64x2Neg, integer: code.i32x4Neg }
export const absCodes: Codes = { single: code.f32x4Abs, double: code.f64x2Abs, integer: code.i32x4Abs }
/** A NaN in either operand wins; -0 is less than 0. */
export const maxCodes: Codes = {
  single: code.f32x4Max,
  double: code.f64x2Max,
  integer: code.i32x4MaxS,
  bool: code.v128Or,
}
export const minCodes: Codes = {
  single: code.f32x4Min,
  double: code.f64x2Min,
  integer: code.i32x4MinS,
  bool: code.v128And,
}
export const maxUnsigned: Codes = { ...maxCodes, integer: code.i32x4MaxU }
export const minUnsigned: Codes = { ...minCodes, integer: code.i32x4MinU }

/** NaN and zeros stay as they are. */
export const sign = (e: LaneEmitter, dtype: StoredDType, x: Lanes): Lanes => {
  if (!isFloat(dtype)) return [keep(e.f, integerSign(dtype, x[0]!))]
  const [less, greater, one] = dtype === 'float64' ? ([ltD, gtD, double] as const) : ([lt, gt, single] as const)
  return x.map((a) => keep(e.f, pick(less(a, one(0)), one(-1), pick(greater(a, one(0)), one(1), a))))
}

export const absolute = (e: LaneEmitter, dtype: StoredDType, x: Lanes): Lanes =>
  isSigned(dtype) ? applyUnary(e, absCodes, dtype, x) : x

/** 1 / sqrt(x). */
export const inverseRoot = (e: LaneEmitter, dtype: StoredDType, x: Lanes): Lanes => {
  const one = dtype === 'float64' ? double(1) : single(1)
  const root = dtype === 'float64' ? code.f64x2Sqrt : code.f32x4Sqrt
  return x.map((a) => keep(e.f, finish(e, divCodes, dtype, binary(codeFor(divCodes, dtype))(one, unary(root)(a)))))
}

export type Bitwise = 'and' | 'or' | 'xor'
const bitCodes: Readonly<Record<Bitwise, number>> = { and: code.v128And, or: code.v128Or, xor: code.v128Xor }
export const bitwise = (e: LaneEmitter, op: Bitwise, [a]: Lanes, [b]: Lanes): Lanes => [
  keep(e.f, binary(bitCodes[op])(a!, b!)),
]
export const invert = (e: LaneEmitter, dtype: StoredDType, [a]: Lanes): Lanes => [
  keep(e.f, dtype === 'bool' ? not(a!) : wrap(dtype, not(a!))),
]
