import { type Functions, literal, polynomial } from './functions.js'

// erf x = 1 - exp(x E(x) - x), with a relative error of 2^-27.
const exponent = [
  -0.12837917, -0.63661957, -0.102776304, 0.01914782, 0.00016951504, -0.001675698, 0.00063738285, -0.00011886933,
  9.389187e-6,
]

// (1 + 2x) e^(x^2) erfc x as a polynomial of (x - 2.5) / (x + 2.5), between 0 and 10.2, with a relative error of 2^-30.
const tail = [
  1.2648382, -0.122356765, -0.09902445, 0.15762989, -0.10296882, 0.032760467, 0.00094431196, -0.004374556, 0.0004544999,
  0.00059791707, -4.542686e-5, -5.8659945e-5,
]

// The series of erf t / t in t^2, for t up to 1/4.
const small = [1, -1 / 3, 1 / 10, -1 / 42, 1 / 216].map((c) => (c * 2) / Math.sqrt(Math.PI))

const central = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7,
  2.81022636e-8,
]
const outer = [
  2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558,
  -0.000200214257,
]

export const errorFunctions: Functions<'erf_float32' | 'erfc_float32' | 'erf_inv_float32'> = {
  // From 3.95 on it is 1. What would leave tiny numbers no digits is left out.
  erf_float32: `fn erf_float32(x: f32) -> f32 {
  let t = min(abs(x), 3.95f);
  let z = fma(t, ${polynomial('t', exponent)}, -t);
  let n = whole_ln2(z);
  let power = bitcast<f32>((i32(n) + 127) << 23u);
  let y = fma(less_one(rest_ln2(z, n)), -power, held(1f - power));
  return or_nan(with_sign(select(y, t * ${literal(2 / Math.sqrt(Math.PI))}, magnitude(x) < 0x39000000u), x), x);
}`,
  // From 10.2 on it is 0. What rounding takes from the square is put back, as the exponential function enlarges it.
  erfc_float32: `fn erfc_float32(x: f32) -> f32 {
  let size = min(abs(x), 10.2f);
  let u = (size - 2.5f) / (size + 2.5f);
  let ratio = ${polynomial('u', tail)} / fma(2f, size, 1f);
  let square = two_product(size, size);
  let power = exp_scaled(max(-square.x, -104f), 0);
  let z = square.x;
  let inside = 1f - size * ${polynomial('z', small)};
  let positive = select(power * fma(-square.y, ratio, ratio), inside, size < 0.25f);
  return or_nan(select(positive, 2f - positive, bitcast<i32>(x) < 0), x);
}`,
  // The inverse: the polynomials of Giles ("Approximating the erfinv function", 2011), as XLA evaluates it, so that
  // normal samples agree with JAX's.
  erf_inv_float32: `fn erf_inv_float32(x: f32) -> f32 {
  let size = magnitude(x);
  let logarithm = -log1p_float32(-held(x * x));
  let isCentral = logarithm < 5f;
  let w = select(sqrt(logarithm) - 3f, logarithm - 2.5f, isCentral);
  let p = select(${polynomial('w', outer)}, ${polynomial('w', central)}, isCentral);
  let ends = select((bitcast<u32>(x) & 0x80000000u) | 0x7f800000u, 0x7fc00000u, size > 0x3f800000u);
  return bitcast<f32>(select(bitcast<u32>(p * x), ends, size >= 0x3f800000u));
}`,
}
