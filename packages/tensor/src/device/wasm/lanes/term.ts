import { type Callee, type FunctionBuilder, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'

/** A value that code can put on the stack: a local, or an expression, which is evaluated wherever it is used. */
export type Term = Local | ((f: FunctionBuilder) => void)

/** Puts a value on the stack. */
export const put = (f: FunctionBuilder, term: Term): FunctionBuilder => {
  if (typeof term === 'number') return f.get(term)
  term(f)
  return f
}

/** Evaluates a vector once, into a local of its own. */
export const keep = (f: FunctionBuilder, term: Term): Local => {
  const local = f.local(v128)
  put(f, term).set(local)
  return local
}

/** Evaluates a vector into a local that exists. */
export const assign = (f: FunctionBuilder, local: Local, term: Term): void => {
  put(f, term).set(local)
}

export type Unary = (a: Term) => Term
export type Binary = (a: Term, b: Term) => Term

export const unary =
  (op: number): Unary =>
  (a) =>
  (f) =>
    put(f, a).op(op)
export const binary =
  (op: number): Binary =>
  (a, b) =>
  (f) => {
    put(f, a)
    put(f, b).op(op)
  }
/** Shifts by the same amount in every lane. */
const shift =
  (op: number) =>
  (a: Term, by: number): Term =>
  (f) =>
    put(f, a).i32(by).op(op)

export const call =
  (callee: Callee, ...args: readonly Term[]): Term =>
  (f) => {
    for (const a of args) put(f, a)
    f.call(callee)
  }

/** `a` where the bits of `mask` are set, `b` elsewhere. */
export const pick =
  (mask: Term, a: Term, b: Term): Term =>
  (f) => {
    put(f, a)
    put(f, b)
    put(f, mask).op(code.v128Bitselect)
  }
/** Four 32-bit lanes of two vectors: 0 to 3 are the first's. */
export const shuffle =
  (a: Term, b: Term, lanes: readonly [number, number, number, number]): Term =>
  (f) => {
    put(f, a)
    put(f, b).shuffle32(...lanes)
  }

/** Equal lanes. */
export const word =
  (value: number): Term =>
  (f) =>
    f.i32x4(value)
export const single =
  (value: number): Term =>
  (f) =>
    f.f32x4(value)
export const double =
  (value: number): Term =>
  (f) =>
    f.f64x2(value)
/** Two equal 64-bit lanes. */
export const longWord =
  (high: number, low = 0): Term =>
  (f) =>
    f.i32x4Of([low, high, low, high])

export const not: Unary = unary(code.v128Not)
export const and: Binary = binary(code.v128And)
/** Bits of the first that the second lacks. */
export const andNot: Binary = binary(code.v128AndNot)
export const or: Binary = binary(code.v128Or)
export const xor: Binary = binary(code.v128Xor)

// 32-bit integers
export const addI: Binary = binary(code.i32x4Add)
export const subI: Binary = binary(code.i32x4Sub)
export const mulI: Binary = binary(code.i32x4Mul)
export const eqI: Binary = binary(code.i32x4Eq)
export const gtI: Binary = binary(code.i32x4GtS)
export const shiftLeft: (a: Term, by: number) => Term = shift(code.i32x4Shl)
export const shiftRight: (a: Term, by: number) => Term = shift(code.i32x4ShrU)
export const shiftSigned: (a: Term, by: number) => Term = shift(code.i32x4ShrS)

// float32
export const add: Binary = binary(code.f32x4Add)
export const sub: Binary = binary(code.f32x4Sub)
export const mul: Binary = binary(code.f32x4Mul)
export const div: Binary = binary(code.f32x4Div)
export const abs: Unary = unary(code.f32x4Abs)
export const neg: Unary = unary(code.f32x4Neg)
export const sqrt: Unary = unary(code.f32x4Sqrt)
export const eq: Binary = binary(code.f32x4Eq)
export const ne: Binary = binary(code.f32x4Ne)
export const lt: Binary = binary(code.f32x4Lt)
export const gt: Binary = binary(code.f32x4Gt)
export const ge: Binary = binary(code.f32x4Ge)
/** The second where it is less, else the first (which a NaN stays); one instruction. */
export const atMost: Binary = binary(code.f32x4Pmin)
export const atLeast: Binary = binary(code.f32x4Pmax)

// float64
export const addD: Binary = binary(code.f64x2Add)
export const subD: Binary = binary(code.f64x2Sub)
export const mulD: Binary = binary(code.f64x2Mul)
export const divD: Binary = binary(code.f64x2Div)
export const absD: Unary = unary(code.f64x2Abs)
export const negD: Unary = unary(code.f64x2Neg)
export const sqrtD: Unary = unary(code.f64x2Sqrt)
export const floorD: Unary = unary(code.f64x2Floor)
export const truncD: Unary = unary(code.f64x2Trunc)
export const eqD: Binary = binary(code.f64x2Eq)
export const neD: Binary = binary(code.f64x2Ne)
export const ltD: Binary = binary(code.f64x2Lt)
export const gtD: Binary = binary(code.f64x2Gt)
export const geD: Binary = binary(code.f64x2Ge)
export const atMostD: Binary = binary(code.f64x2Pmin)
export const atLeastD: Binary = binary(code.f64x2Pmax)
export const addL: Binary = binary(code.i64x2Add)
export const subL: Binary = binary(code.i64x2Sub)
export const shiftLeftL: (a: Term, by: number) => Term = shift(code.i64x2Shl)
export const shiftRightL: (a: Term, by: number) => Term = shift(code.i64x2ShrU)

/** The upper two lanes, in place of the lower. */
const upper: Unary = (a) => (f) => put(f, a).f64x2(0).shuffle32(2, 3, 2, 3)
/** float32 as float64: elements 0 and 1, then 2 and 3. */
export const widenLow: Unary = unary(code.f64x2PromoteLowF32x4)
export const widenHigh: Unary = (a) => widenLow(upper(a))
/** Integers as float64. */
export const doubleLow: Unary = unary(code.f64x2ConvertLowI32x4S)
export const doubleHigh: Unary = (a) => doubleLow(upper(a))
export const doubleLowUnsigned: Unary = unary(code.f64x2ConvertLowI32x4U)
export const doubleHighUnsigned: Unary = (a) => doubleLowUnsigned(upper(a))
/** Two vectors of float64 as one of float32. */
export const narrowPair: Binary = (a, b) =>
  shuffle(unary(code.f32x4DemoteF64x2Zero)(a), unary(code.f32x4DemoteF64x2Zero)(b), [0, 1, 4, 5])
/** The low words of four 64-bit lanes: also masks of float64 as masks of elements. */
export const lowWords: Binary = (a, b) => shuffle(a, b, [0, 2, 4, 6])
/** The mask of elements 0 and 1 (2 and 3) as a mask of float64. */
export const maskLow: Unary = (a) => (f) => put(f, a).f64x2(0).shuffle32(0, 0, 1, 1)
export const maskHigh: Unary = (a) => (f) => put(f, a).f64x2(0).shuffle32(2, 2, 3, 3)
