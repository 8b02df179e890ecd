import { horner } from './exponential.js'

// sin r = r + r^3 S(r^2) and cos r = 1 + r^2 C(r^2) up to a quarter of pi, with relative errors of 2^-28 and 2^-33.
const sine = [-0.16666655, 0.008332187, -0.00019517895]
const cosine = [-0.5, 0.041666646, -0.001388731, 2.4432331e-5]
// The series of the arctangent up to tan(pi / 8), and of the arcsine up to a half (Moshier, Cephes, atanf and asinf).
const arctangent = [-0.333329491539, 0.199777106478, -0.138776856032, 0.0805374449538]
const arcsine = [0.16666752422, 0.074953002686, 0.045470025998, 0.024181311049, 0.042163199048]

export const angle: readonly string[] = [
  `uint l_high_word(uint a, uint b) {
  uint low = (a & 0xffffu) * (b & 0xffffu);
  uint middle = (a >> 16) * (b & 0xffffu) + (low >> 16);
  uint other = (a & 0xffffu) * (b >> 16) + (middle & 0xffffu);
  return (a >> 16) * (b >> 16) + (middle >> 16) + (other >> 16);
}`,
  // Word k of 32 zeros and then 2 / pi (Payne and Hanek, "Radian reduction for trigonometric functions", 1983).
  `uint l_two_over_pi(int k) {
  const uint words[9] = uint[9](0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
  return words[clamp(k, 0, 8)];
}`,
  'uint l_two_over_pi_from(int start) { int k = start >> 5; int by = start & 31; uint w = l_two_over_pi(k); return by == 0 ? w : (w << by) | (l_two_over_pi(k + 1) >> (32 - by)); }',
  // The rest of an angle after whole quarters, and the quarters modulo 4.
  `vec2 l_reduced(float x) {
  if ((floatBitsToUint(x) & 0x7fffffffu) >= 0x7f800000u) return vec2(l_nan(), 0.0);
  float size = l_abs(x);
  float r;
  float quarter;
  if (size < 4096.0) {
    float n = floor(size * 0.6366197723675814 + 0.5);
    r = ((size - n * 1.5703125) - n * 4.83751296997e-4) - n * 7.54978995489e-8;
    quarter = n - 4.0 * floor(n * 0.25);
  } else {
    uint bits = floatBitsToUint(size);
    int exponent = int(bits >> 23) - 150;
    uint m = (bits & 0x7fffffu) | 0x800000u;
    int start = exponent + 30;
    uint first = l_two_over_pi_from(start);
    uint second = l_two_over_pi_from(start + 32);
    uint third = l_two_over_pi_from(start + 64);
    uint low = m * second;
    uint next = low + l_high_word(m, third);
    uint top = m * first + l_high_word(m, second) + (next < low ? 1u : 0u);
    uint turns = (top + 0x20000000u) >> 30;
    int rest = int(top - (turns << 30));
    r = (float(rest) + float(next) * 2.3283064365386963e-10) * 1.4629180792671596e-9;
    quarter = float(turns & 3u);
  }
  return x < 0.0 ? vec2(-r, mod(4.0 - quarter, 4.0)) : vec2(r, quarter);
}`,
  `float l_sine_near(float r) { float s = r * r; return r + s * r * ${horner('s', sine)}; }`,
  `float l_cosine_near(float r) { float s = r * r; return 1.0 + s * ${horner('s', cosine)}; }`,
  `float l_wave(float r, float quarter) {
  float value = quarter == 1.0 || quarter == 3.0 ? l_cosine_near(r) : l_sine_near(r);
  return quarter >= 2.0 ? l_neg(value) : value;
}`,
  'float l_sin(float x) { if (x == 0.0) return x; vec2 a = l_reduced(x); return l_wave(a.x, a.y); }',
  'float l_cos(float x) { vec2 a = l_reduced(x); return l_wave(a.x, mod(a.y + 1.0, 4.0)); }',
  `float l_tan(float x) {
  if (x == 0.0) return x;
  vec2 a = l_reduced(x);
  float s = l_sine_near(a.x);
  float c = l_cosine_near(a.x);
  return a.y == 1.0 || a.y == 3.0 ? -c / s : s / c;
}`,
  // Up to 1.
  `float l_atan_inside(float x) {
  bool far = x > 0.41421357;
  float t = far ? (x - 1.0) / (x + 1.0) : x;
  float s = t * t;
  float near = t + t * s * ${horner('s', arctangent)};
  return far ? 0.7853982 + near : near;
}`,
  `float l_atan(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  float size = l_abs(x);
  return l_signed(size > 1.0 ? 1.5707964 - l_atan_inside(1.0 / size) : l_atan_inside(size), x);
}`,
  `float l_asin_near(float x) { float s = x * x; return x + x * s * ${horner('s', arcsine)}; }`,
  `float l_asin(float x) {
  float size = l_abs(x);
  if (l_is_nan(x) || size > 1.0) return l_nan();
  if (size <= 0.5) return x == 0.0 ? x : l_asin_near(x);
  return l_signed(1.5707964 - 2.0 * l_asin_near(sqrt(0.5 * (1.0 - size))), x);
}`,
  `float l_acos(float x) {
  if (l_is_nan(x) || l_abs(x) > 1.0) return l_nan();
  if (x > 0.5) return 2.0 * l_asin_near(sqrt(0.5 * (1.0 - x)));
  if (x < -0.5) return 3.1415927 - 2.0 * l_asin_near(sqrt(0.5 * (1.0 + x)));
  return 1.5707964 - l_asin_near(x);
}`,
  // Two zeros are as an angle of 0, two infinities as one of pi / 4; -0 counts as negative.
  `float l_atan2(float y, float x) {
  if (l_is_nan(x) || l_is_nan(y)) return l_nan();
  float height = l_abs(y);
  float width = l_abs(x);
  float larger = max(height, width);
  float smaller = min(height, width);
  float ratio = larger == 0.0 ? 0.0 : larger == smaller ? 1.0 : larger == l_infinity() ? 0.0 : smaller / larger;
  float angle = l_atan_inside(ratio);
  if (height > width) angle = 1.5707964 - angle;
  if ((floatBitsToUint(x) & 0x80000000u) != 0u) angle = 3.1415927 - angle;
  return l_signed(angle, y);
}`,
]
