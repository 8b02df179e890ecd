import { type Functions, literal, polynomial } from './functions.js'

// log(1 + f) = f + f^2 Q(f), for 1 + f between the roots of 1/2 and of 2, with a relative error of 2^-27.
const series = [-0.5, 0.3333333, -0.2500082, 0.20001242, -0.16623409, 0.14201581, -0.13159613, 0.127622, -0.076363996]

export const logarithmFunctions: Functions<
  'Binary' | 'binary_of' | 'log_sum' | 'log_ends' | 'log_float32' | 'log1p_float32'
> = {
  Binary: `struct Binary { fraction: f32, exponent: i32 }`,
  // x = 2^exponent (1 + fraction), between the roots of 1/2 and of 2, for the bits of a finite number above 0.
  binary_of: `fn binary_of(size: u32) -> Binary {
  // The bits of a denormal number are a multiple of the smallest.
  let tiny = size < 0x800000u;
  let bits = select(size, bitcast<u32>(f32(size & 0x7fffffu)), tiny);
  let above = bitcast<i32>(bits - 0x3f3504f3u);
  let one = bitcast<f32>(bits - (bitcast<u32>(above) & 0xff800000u));
  return Binary(one - 1f, (above >> 23u) - select(0, 149, tiny));
}`,
  // log(2^k (1 + f)): ln 2 in two parts, of which the first has so few bits that its multiples are exact.
  log_sum: `fn log_sum(f: f32, k: f32) -> f32 {
  let small = fma(f * f, ${polynomial('f', series)}, k * ${literal(1.428606765330187e-6)});
  return fma(k, ${literal(0.693145751953125)}, held(small + f));
}`,
  // y, but the logarithm of what is no finite number above 0; of 0 it is negative infinity.
  log_ends: `fn log_ends(y: f32, x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let above = select(bitcast<u32>(y), bits, bits >= 0x7f800000u);
  let below = select(above, 0x7fc00000u, bits > 0x80000000u);
  return bitcast<f32>(select(below, 0xff800000u, (bits & 0x7fffffffu) == 0u));
}`,
  log_float32: `fn log_float32(x: f32) -> f32 {
  let b = binary_of(magnitude(x));
  return log_ends(log_sum(b.fraction, f32(b.exponent)), x);
}`,
  // What rounding took from 1 + x goes into the fraction, as long as it matters.
  log1p_float32: `fn log1p_float32(x: f32) -> f32 {
  let u = held(1f + x);
  let taken = held(u - 1f);
  let error = held(1f - held(u - taken)) + held(x - taken);
  let b = binary_of(magnitude(u));
  let down = bitcast<f32>((127 - clamp(b.exponent, -24, 25)) << 23u);
  let f = b.fraction + select(error * down, 0f, x >= 16777216f);
  let y = or_nan(log_ends(log_sum(f, f32(b.exponent)), u), x);
  // Numbers so small are their own results.
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), magnitude(x) < 0x33000000u));
}`,
}
