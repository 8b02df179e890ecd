/** Horner's scheme in GLSL, the constant coefficient first. */
export const horner = (x: string, coefficients: readonly number[]): string =>
  coefficients
    .slice(0, -1)
    .reduceRight((text, c) => `(${text} * ${x} + ${literal(c)})`, literal(coefficients[coefficients.length - 1]!))

export const literal = (x: number): string => {
  const text = String(Math.fround(x))
  return /[.e]/.test(text) ? text : `${text}.0`
}

// e^r = 1 + r + r^2 P(r), for r of at most half of ln 2, with a relative error of 2^-28 (of e^r) and 2^-31 (of e^r - 1).
const ofExp = [0.49999994, 0.16666521, 0.041668296, 0.008368716, 0.0013818359]
const ofExpm1 = [0.5, 0.16666666, 0.041666493, 0.008333543, 0.0013932381, 0.00019764414]
// 2^r = 1 + r Q(r), for r of at most a half.
const ofExp2 = [0.6931472, 0.24022648, 0.055503596, 0.009618499, 0.0013390969, 0.00015329264]
// log(1 + f) = f + f^2 S(f), for 1 + f between the roots of 1/2 and of 2, with a relative error of 2^-27.
const ofLog = [-0.5, 0.3333333, -0.2500082, 0.20001242, -0.16623409, 0.14201581, -0.13159613, 0.127622, -0.076363996]

// ln 2 in two parts, of which the first has so few bits that its multiples are exact.
const ln2High = '0.693145751953125'
const ln2Low = '1.428606765330187e-6'

export const exponential: readonly string[] = [
  'float l_power(int n) { return intBitsToFloat((n + 127) << 23); }',
  // y 2^n, by two powers where 2^n is no number.
  'float l_scaled(float y, int n) { int part = n >> 1; return y * l_power(part) * l_power(n - part); }',
  `float l_exp(float x) {
  if (l_is_nan(x)) return x;
  float c = clamp(x, -104.0, 89.0);
  float n = floor(c * 1.4426950408889634 + 0.5);
  float r = (c - n * ${ln2High}) - n * ${ln2Low};
  return l_scaled(1.0 + (r + r * r * ${horner('r', ofExp)}), int(n));
}`,
  `float l_exp2(float x) {
  if (l_is_nan(x)) return x;
  float c = clamp(x, -151.0, 129.0);
  float n = floor(c + 0.5);
  float r = c - n;
  return l_scaled(1.0 + r * ${horner('r', ofExp2)}, int(n));
}`,
  `float l_expm1(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  float c = clamp(x, -18.0, 89.0);
  float n = floor(c * 1.4426950408889634 + 0.5);
  float r = (c - n * ${ln2High}) - n * ${ln2Low};
  float t = r + r * r * ${horner('r', ofExpm1)};
  int k = int(n);
  if (k > 60) return l_scaled(1.0 + t, k);
  float power = l_power(k);
  return power * t + (power - 1.0);
}`,
  `float l_log_near(float f) { return f * f * ${horner('f', ofLog)}; }`,
  `float l_log(float x) {
  if (l_is_nan(x) || x == l_infinity()) return x;
  if (x < 0.0) return l_nan();
  if (x == 0.0) return l_neg(l_infinity());
  float k = 0.0;
  if (x < 1.17549435e-38) {
    x = x * 8388608.0;
    k = -23.0;
  }
  int bits = floatBitsToInt(x);
  int n = (bits - 0x3f3504f3) >> 23;
  float f = intBitsToFloat(bits - (n << 23)) - 1.0;
  k = k + float(n);
  return k * ${ln2High} + (f + (l_log_near(f) + k * ${ln2Low}));
}`,
  // Near 0 the fraction is x itself.
  `float l_log1p(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  return x > -0.29 && x < 0.41 ? x + l_log_near(x) : l_log(1.0 + x);
}`,
  'float l_logistic(float x) { float z = l_exp(l_neg(l_abs(x))); return (x < 0.0 ? z : 1.0) / (1.0 + z); }',
  'float l_sqrt(float x) { if (l_is_nan(x) || x == 0.0 || x == l_infinity()) return x; if (x < 0.0) return l_nan(); return sqrt(x); }',
  'float l_rsqrt(float x) { return 1.0 / l_sqrt(x); }',
  `float l_tanh(float x) {
  if (l_is_nan(x)) return x;
  float t = l_expm1(min(2.0 * l_abs(x), 20.0));
  return l_signed(t / (t + 2.0), x);
}`,
  `float l_sinh(float x) {
  if (l_is_nan(x)) return x;
  float size = l_abs(x);
  float square = size * size;
  if (size < 1.0) return x + x * square * ${horner('square', [1 / 6, 1 / 120, 1 / 5040, 1 / 362880])};
  if (size > 88.0) {
    float root = l_exp(0.5 * size);
    return l_signed(0.5 * root * root, x);
  }
  float power = l_exp(size);
  return l_signed(0.5 * (power - 1.0 / power), x);
}`,
  `float l_cosh(float x) {
  float size = l_abs(x);
  if (size > 88.0) {
    float root = l_exp(0.5 * size);
    return 0.5 * root * root;
  }
  float power = l_exp(size);
  return 0.5 * (power + 1.0 / power);
}`,
  `float l_asinh(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  float size = l_abs(x);
  if (size > 1e9) return l_signed(l_log(size) + 0.6931472, x);
  return l_signed(l_log1p(size + size * size / (1.0 + sqrt(size * size + 1.0))), x);
}`,
  `float l_acosh(float x) {
  if (l_is_nan(x) || x < 1.0) return l_nan();
  if (x > 1e9) return l_log(x) + 0.6931472;
  float above = x - 1.0;
  return l_log1p(above + sqrt(2.0 * above + above * above));
}`,
  `float l_atanh(float x) {
  if (l_is_nan(x) || x == 0.0) return x;
  float size = l_abs(x);
  if (size > 1.0) return l_nan();
  if (size == 1.0) return l_signed(l_infinity(), x);
  return l_signed(0.5 * l_log1p(2.0 * size / (1.0 - size)), x);
}`,
  // One step of Newton's after the logarithm.
  `float l_cbrt(float x) {
  float size = l_abs(x);
  if (l_is_nan(x) || size == 0.0 || size == l_infinity()) return x;
  float root = l_exp(l_log(size) * 0.33333334);
  return l_signed((2.0 * root + size / (root * root)) * 0.33333334, x);
}`,
  // |x|^y for finite numbers: the exponent times y in two parts, whose first is exact.
  `float l_power_of_size(float size, float y) {
  float k = 0.0;
  if (size < 1.17549435e-38) {
    size = size * 8388608.0;
    k = -23.0;
  }
  int bits = floatBitsToInt(size);
  int n = (bits - 0x3f3504f3) >> 23;
  float f = intBitsToFloat(bits - (n << 23)) - 1.0;
  k = k + float(n);
  float part = f + l_log_near(f);
  if (y * (k + part) > 200.0) return l_infinity();
  if (y * (k + part) < -200.0) return 0.0;
  float high = uintBitsToFloat(floatBitsToUint(y) & 0xffffe000u);
  float whole = floor(high * k + 0.5);
  float rest = (high * k - whole) * 0.6931472 + (y - high) * k * 0.6931472 + y * part;
  float turns = floor(rest * 1.4426950408889634 + 0.5);
  float r = (rest - turns * ${ln2High}) - turns * ${ln2Low};
  float exponent = clamp(whole + turns, -160.0, 160.0);
  return l_scaled(1.0 + (r + r * r * ${horner('r', ofExp)}), int(exponent));
}`,
  // IEEE pow: 1 to any power is 1, also NaN, and -1 to an infinite power is 1.
  `float l_pow(float x, float y) {
  if (y == 0.0 && !l_is_nan(y)) return 1.0;
  if (x == 1.0 && !l_is_nan(x)) return 1.0;
  if (l_is_nan(x) || l_is_nan(y)) return l_nan();
  float size = l_abs(x);
  float reach = l_abs(y);
  bool whole = reach >= 8388608.0 || floor(y) == y;
  bool odd = whole && reach < 16777216.0 && floor(y * 0.5) * 2.0 != y;
  float result;
  if (reach == l_infinity()) return size == 1.0 ? 1.0 : (size > 1.0) == (y > 0.0) ? l_infinity() : 0.0;
  if (size == 0.0) result = y > 0.0 ? 0.0 : l_infinity();
  else if (size == l_infinity()) result = y > 0.0 ? l_infinity() : 0.0;
  else if (x < 0.0 && !whole) return l_nan();
  else if (y == 1.0) result = size;
  else if (y == 2.0) result = size * size;
  else if (y == 0.5) result = sqrt(size);
  else if (y == -1.0) result = 1.0 / size;
  else result = l_power_of_size(size, y);
  return odd ? l_signed(result, x) : result;
}`,
]
