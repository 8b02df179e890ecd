import type { Functions } from './functions.js'

/**
 * Sums and products with their rounding errors (Dekker, "A floating-point technique for extending the available
 * precision", 1971). Every step is held, so that no compiler simplifies the errors away.
 */
export const pairFunctions: Functions<'two_sum' | 'fast_two_sum' | 'two_product'> = {
  two_sum: `fn two_sum(a: f32, b: f32) -> vec2<f32> {
  let s = held(a + b);
  let t = held(s - a);
  return vec2<f32>(s, held(a - held(s - t)) + held(b - t));
}`,
  // For a that is 0 or not smaller than b.
  fast_two_sum: `fn fast_two_sum(a: f32, b: f32) -> vec2<f32> {
  let s = held(a + b);
  return vec2<f32>(s, b - held(s - a));
}`,
  // The factors in two halves of twelve bits each, whose products are exact.
  two_product: `fn two_product(a: f32, b: f32) -> vec2<f32> {
  let p = held(a * b);
  let a1 = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let b1 = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let a2 = held(a - a1);
  let b2 = held(b - b1);
  return vec2<f32>(p, held(held(held(held(a1 * b1) - p) + held(a1 * b2)) + held(a2 * b1)) + held(a2 * b2));
}`,
}
