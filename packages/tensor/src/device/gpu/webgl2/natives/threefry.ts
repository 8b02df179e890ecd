const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

const rounds = Array.from({ length: 5 }, (_, i) =>
  [
    ...rotations[i % 2]!.map((by) => `x0 += x1; x1 = ((x1 << ${by}) | (x1 >> ${32 - by})) ^ x0;`),
    `x0 += ${['k1', 'k2', 'k0'][i % 3]}; x1 += ${['k2', 'k0', 'k1'][i % 3]} + ${i + 1}u;`,
  ].join('\n  '),
).join('\n  ')

/** Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). */
export const threefry: readonly string[] = [
  `uvec2 l_threefry(uint k0, uint k1, uint c0, uint c1) {
  uint k2 = k0 ^ k1 ^ 0x1bd11bdau;
  uint x0 = c0 + k0;
  uint x1 = c1 + k1;
  ${rounds}
  return uvec2(x0, x1);
}`,
  `vec2 l_threefry_bits(vec2 k0, vec2 k1, vec2 c0, vec2 c1) {
  uvec2 words = l_threefry(uint(l_int(k0)), uint(l_int(k1)), uint(l_int(c0)), uint(l_int(c1)));
  return l_pair(int(words.x ^ words.y));
}`,
  `vec2 l_threefry_word(vec2 k0, vec2 k1, vec2 c0, vec2 c1, vec2 which) {
  uvec2 words = l_threefry(uint(l_int(k0)), uint(l_int(k1)), uint(l_int(c0)), uint(l_int(c1)));
  return l_pair(int(l_int(which) == 0 ? words.x : words.y));
}`,
]
