import { type Local, v128 } from '../asm/function.js'
import { expD } from './double.js'
import { lessThanOne } from './exponential.js'
import { type LaneEmitter, shared } from './lane-emitter.js'
import { log1p } from './logarithm.js'
import { madd, polynomial, polynomialD } from './polynomial.js'
import {
  abs,
  absD,
  addD,
  and,
  atMost,
  atMostD,
  call,
  divD,
  double,
  eq,
  keep,
  lt,
  ltD,
  mul,
  mulD,
  neg,
  negD,
  or,
  pick,
  put,
  single,
  sqrt,
  sub,
  subD,
  type Term,
  word,
} from './term.js'

const signBit = 0x80000000

/** From here on the error function is 1 in float32. */
const end = 3.95
// erf x = 1 - exp(x E(x) - x), with a relative error of 2^-27.
const exponent = [
  -0.12837917, -0.63661957, -0.102776304, 0.01914782, 0.00016951504, -0.001675698, 0.00063738285, -0.00011886933,
  9.389187e-6,
]

export const erf = (e: LaneEmitter, x: Local): Term => {
  const t = keep(e.f, atMost(abs(x), single(end)))
  const z = madd(e, t, polynomial(e, t, exponent), neg(t))
  return or(lessThanOne(e, z), and(x, word(signBit)))
}

// (1 + 2x) e^(x^2) erfc x as a polynomial of (x - 2.5) / (x + 2.5), between 0 and 10.2, with a relative error of 2^-40.
const tail = [
  1.2648381843661891, -0.12235676307223, -0.09902453942967904, 0.1576299183452319, -0.10296706133986952,
  0.032760904840594386, 0.0009319694706719677, -0.0043821451066355785, 0.0004913222719184984, 0.0006321448834626047,
  -8.648988844736802e-5, -0.00011241494431352574, 2.8151904934151934e-6, 1.890750608595654e-5, 4.234712482527696e-6,
  -1.1709909332006849e-7,
]

/** In float64, for results of float32: from 10.2 on they are 0. */
export const erfcD = (e: LaneEmitter, x: Local): Term => {
  const { f } = e
  const size = keep(f, atMostD(absD(x), double(10.2)))
  const u = divD(subD(size, double(2.5)), addD(size, double(2.5)))
  const scaled = divD(polynomialD(e, u, tail), addD(double(1), addD(size, size)))
  const positive = keep(f, mulD(expD(e, negD(mulD(size, size))), scaled))
  return pick(ltD(x, double(0)), subD(double(2), positive), positive)
}

// The highest powers first.
const central = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
]
const outer = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
]

/**
 * The inverse: the polynomials of Giles ("Approximating the erfinv function", 2011), which XLA's CPU compiler evaluates
 * so too (multiply-add rounded once), so that normal samples agree with JAX's.
 */
const emitErfInv = (e: LaneEmitter): void => {
  const x = 0
  const { f } = e
  const logarithm = keep(f, neg(log1p(e, keep(f, neg(mul(x, x))))))
  const isCentral = keep(f, lt(logarithm, single(5)))
  const w = keep(f, pick(isCentral, sub(logarithm, single(2.5)), sub(sqrt(logarithm), single(3))))
  const p = central.map((c, k) => pick(isCentral, single(c), single(outer[k]!))).reduce((sum, c) => madd(e, sum, w, c))
  put(f, pick(eq(abs(x), single(1)), mul(x, single(Infinity)), mul(p, x)))
}

export const erfInv = (e: LaneEmitter, x: Local): Term => call(shared(e, 'erf_inv', [v128], [v128], emitErfInv), x)
