import { horner } from './exponential.js'

// erf x = 1 - exp(x E(x) - x) up to 3.95, from where on it is 1, with a relative error of 2^-27.
const ofErf = [
  -0.12837917, -0.63661957, -0.102776304, 0.01914782, 0.00016951504, -0.001675698, 0.00063738285, -0.00011886933,
  9.389187e-6,
]
// (1 + 2x) e^(x^2) erfc x as a polynomial of (x - 2.5) / (x + 2.5), between 0 and 10.2.
const tail = [
  1.2648381843661891, -0.12235676307223, -0.09902453942967904, 0.1576299183452319, -0.10296706133986952,
  0.032760904840594386, 0.0009319694706719677, -0.0043821451066355785, 0.0004913222719184984, 0.0006321448834626047,
  -8.648988844736802e-5, -0.00011241494431352574, 2.8151904934151934e-6, 1.890750608595654e-5, 4.234712482527696e-6,
  -1.1709909332006849e-7,
]
// The inverse, by Giles ("Approximating the erfinv function", 2011).
const central = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7,
  2.81022636e-8,
]
const outer = [
  2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558,
  -0.000200214257,
]

export const special: readonly string[] = [
  `float l_erf(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  float t = min(l_abs(x), 3.95);
  return l_signed(l_expm1(t * ${horner('t', ofErf)} - t), x);
}`,
  // The square of x in two parts, of which the first is exact.
  `float l_erfc(float x) {
  if (l_is_nan(x)) return x;
  float size = min(l_abs(x), 10.2);
  float u = (size - 2.5) / (size + 2.5);
  float part = uintBitsToFloat(floatBitsToUint(size) & 0xfffff000u);
  float power = l_exp(-part * part) * l_exp((part - size) * (part + size));
  float value = power * (${horner('u', tail)} / (1.0 + 2.0 * size));
  return x < 0.0 ? 2.0 - value : value;
}`,
  `float l_erf_inv(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  float size = l_abs(x);
  if (size > 1.0) return l_nan();
  if (size == 1.0) return l_signed(l_infinity(), x);
  float w = -l_log1p(-x * x);
  if (w < 5.0) {
    w = w - 2.5;
    return x * ${horner('w', central)};
  }
  w = sqrt(w) - 3.0;
  return x * ${horner('w', outer)};
}`,
  // What whole multiples of y leave of x, with the sign of x: each step takes y times a power of two, exactly.
  `float l_rem(float x, float y) {
  float left = l_abs(x);
  float by = l_abs(y);
  if (l_is_nan(x) || l_is_nan(y) || left == l_infinity() || by == 0.0) return l_nan();
  if (by == l_infinity() || left < by) return x;
  int low = int(floatBitsToUint(by) >> 23);
  for (int i = 0; i < 300; i++) {
    if (left < by) break;
    int n = int(floatBitsToUint(left) >> 23) - low;
    if (low == 0 || n == 0) {
      left = left - by;
      continue;
    }
    float step = uintBitsToFloat(floatBitsToUint(by) + (uint(n) << 23));
    if (step > left) step = uintBitsToFloat(floatBitsToUint(step) - (1u << 23));
    left = left - step;
  }
  return l_signed(left, x);
}`,
  'vec2 l_halved(float x) { float high = uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u); return vec2(high, x - high); }',
  // The rounding errors of product and sum, added back (Dekker 1971, Knuth's two-sum).
  `float l_fma(float x, float y, float z) {
  float product = x * y;
  float sum = product + z;
  if (l_is_finite(sum) == 0.0 || l_is_finite(product) == 0.0) return sum;
  vec2 a = l_halved(x);
  vec2 b = l_halved(y);
  float lost = ((a.x * b.x - product) + a.x * b.y + a.y * b.x) + a.y * b.y;
  float part = sum - product;
  float error = (product - (sum - part)) + (z - part);
  return sum + (lost + error);
}`,
]
