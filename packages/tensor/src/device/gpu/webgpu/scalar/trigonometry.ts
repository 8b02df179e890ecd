import { type Functions, literal, polynomial } from './functions.js'

// sin r = r + r^3 S(r^2) and cos r = 1 + r^2 C(r^2) up to a quarter of pi, with relative errors of 2^-28 and 2^-33.
const sine = [-0.16666655, 0.008332187, -0.00019517895]
const cosine = [-0.5, 0.041666646, -0.001388731, 2.4432331e-5]

// pi / 2 in four parts, of which the first three have so few bits that their multiples up to 2^11 are exact.
const quarter = [1.570556640625, 0.0002396702766418457, 1.5890691429376602e-8, 2.5633440682570896e-12]

// 2 / pi in 256 bits, of which the first 32 are zero.
const twoOverPi = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab]

const part = (x: string, k: number): string => `fma(n, ${literal(-quarter[k]!)}, ${x})`

export const trigonometryFunctions: Functions<
  | 'Angle'
  | 'angle_of_large'
  | 'angle_of'
  | 'sine_of_rest'
  | 'cosine_of_rest'
  | 'wave'
  | 'sin_float32'
  | 'cos_float32'
  | 'tan_float32'
> = {
  // x = quarter * pi / 2 + rest, modulo 2 pi.
  Angle: `struct Angle { rest: f32, quarter: u32 }`,
  // A product with those bits of 2 / pi that matter (Payne and Hanek, "Radian reduction for trigonometric functions",
  // 1983): what lies before them gives whole turns. From 2^11 on.
  angle_of_large: `fn angle_of_large(size: u32) -> Angle {
  var digits = array<u32, ${twoOverPi.length}>(${twoOverPi.map((word) => `${word}u`).join(', ')});
  let start = (size >> 23u) - 120u;
  let n = start & 31u;
  var window: array<u32, 3>;
  for (var k = 0u; k < 3u; k++) {
    let at = (start >> 5u) + k;
    window[k] = (digits[at] << n) | select(digits[at + 1u] >> ((32u - n) & 31u), 0u, n == 0u);
  }
  let m = (size & 0x7fffffu) | 0x800000u;
  let middle = product_pair(m, window[1]);
  let low = middle.y + product_pair(m, window[2]).x;
  let high = m * window[0] + middle.x + select(0u, 1u, low < middle.y);
  // The upper two bits are the quarters, rounded to nearest; the others the rest, with a sign.
  let count = (high + 0x20000000u) >> 30u;
  let upper = high - (count << 30u);
  let isNegative = upper >= 0x80000000u;
  let above = select(upper, ~upper + select(0u, 1u, low == 0u), isNegative);
  let below = select(low, ~low + 1u, isNegative);
  let zeros = select(countLeadingZeros(above), 32u + countLeadingZeros(below), above == 0u);
  let shift = zeros & 31u;
  let carried = select(below >> ((32u - shift) & 31u), 0u, shift == 0u);
  let top = select((above << shift) | carried, below << shift, zeros >= 32u);
  let rest = f32(top >> 8u) * bitcast<f32>((105u - zeros) << 23u) * ${literal(Math.PI / 2)};
  return Angle(select(rest, -rest, isNegative), count);
}`,
  // The rest of infinities and NaN is anything.
  angle_of: `fn angle_of(x: f32) -> Angle {
  let size = magnitude(x);
  if (size >= 0x45000000u) {
    let angle = angle_of_large(min(size, 0x7f7fffffu));
    let isNegative = bitcast<i32>(x) < 0;
    return Angle(select(angle.rest, -angle.rest, isNegative), select(angle.quarter, 0u - angle.quarter, isNegative));
  }
  let n = round(x * ${literal(2 / Math.PI)});
  let high = held(${part(`held(${part('x', 0)})`, 1)});
  return Angle(${part(`held(${part('high', 2)})`, 3)}, bitcast<u32>(i32(n)));
}`,
  sine_of_rest: `fn sine_of_rest(r: f32) -> f32 {
  let square = r * r;
  return fma(square * r, ${polynomial('square', sine)}, r);
}`,
  cosine_of_rest: `fn cosine_of_rest(r: f32) -> f32 {
  let square = r * r;
  return fma(square, ${polynomial('square', cosine)}, 1f);
}`,
  // The sine of an angle, moved by some quarters.
  wave: `fn wave(x: f32, offset: u32) -> f32 {
  let angle = angle_of(x);
  let count = angle.quarter + offset;
  let y = select(cosine_of_rest(angle.rest), sine_of_rest(angle.rest), (count & 1u) == 0u);
  let bits = bitcast<u32>(y) ^ ((count & 2u) << 30u);
  return bitcast<f32>(select(bits, 0x7fc00000u, magnitude(x) >= 0x7f800000u));
}`,
  // Numbers so small are their own sines.
  sin_float32: `fn sin_float32(x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(wave(x, 0u)), bitcast<u32>(x), magnitude(x) < 0x39000000u));
}`,
  cos_float32: `fn cos_float32(x: f32) -> f32 { return wave(x, 1u); }`,
  tan_float32: `fn tan_float32(x: f32) -> f32 {
  let angle = angle_of(x);
  let isEven = (angle.quarter & 1u) == 0u;
  let s = sine_of_rest(angle.rest);
  let c = cosine_of_rest(angle.rest);
  let bits = bitcast<u32>(select(-c, s, isEven) / select(s, c, isEven));
  let result = select(bits, bitcast<u32>(x), magnitude(x) < 0x39000000u);
  return bitcast<f32>(select(result, 0x7fc00000u, magnitude(x) >= 0x7f800000u));
}`,
}
