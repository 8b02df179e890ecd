import type { Functions } from './functions.js'

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

const rounds = Array.from({ length: 5 }, (_, i) => [
  ...rotations[i % 2]!.map((by) => `x0 += x1; x1 = ((x1 << ${by}u) | (x1 >> ${32 - by}u)) ^ x0;`),
  `x0 += k${(i + 1) % 3}; x1 += k${(i + 2) % 3} + ${i + 1}u;`,
]).flat()

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011):
 * (key0, key1, counter high, counter low) to both words of the result, their xor, or the one that is asked for.
 */
export const threefryFunctions: Functions<'threefry' | 'threefry_bits' | 'threefry_word'> = {
  threefry: `fn threefry(k0: u32, k1: u32, c0: u32, c1: u32) -> vec2<u32> {
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  var x0 = c0 + k0;
  var x1 = c1 + k1;
  ${rounds.join('\n  ')}
  return vec2<u32>(x0, x1);
}`,
  threefry_bits: `fn threefry_bits(k0: u32, k1: u32, c0: u32, c1: u32) -> u32 {
  let words = threefry(k0, k1, c0, c1);
  return words.x ^ words.y;
}`,
  threefry_word: `fn threefry_word(k0: u32, k1: u32, c0: u32, c1: u32, which: u32) -> u32 {
  let words = threefry(k0, k1, c0, c1);
  return select(words.y, words.x, which == 0u);
}`,
}
