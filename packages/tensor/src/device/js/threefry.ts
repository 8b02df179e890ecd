const parity = 0x1bd11bda

/** The second word of the last call, so that both words cost one evaluation. */
let second = 0

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011):
 * encrypts the counter (c0, c1) under the key (k0, k1). Returns the first word; the second stays in `second`.
 */
const threefry = (k0: number, k1: number, c0: number, c1: number): number => {
  const k2 = k0 ^ k1 ^ parity
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  for (let i = 0; i < 5; i++) {
    if ((i & 1) === 0) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
    } else {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
    }
    const turn = i % 3
    x0 = (x0 + (turn === 0 ? k1 : turn === 1 ? k2 : k0)) | 0
    x1 = (x1 + (turn === 0 ? k2 : turn === 1 ? k0 : k1) + i + 1) | 0
  }
  second = x1
  return x0
}

/** The first word of the result for 0, else the second. */
export const threefryWord = (k0: number, k1: number, c0: number, c1: number, word: number): number => {
  const first = threefry(k0, k1, c0, c1)
  return (word === 0 ? first : second) >>> 0
}
/** Both words folded into one by xor, as JAX draws 32 bits. */
export const threefryBits = (k0: number, k1: number, c0: number, c1: number): number =>
  (threefry(k0, k1, c0, c1) ^ second) >>> 0
