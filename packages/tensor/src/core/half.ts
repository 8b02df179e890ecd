const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The bits of a number as IEEE binary16: through float32, then to nearest, halves to even. */
export const encodeFloat16 = (x: number): number => {
  float[0] = x
  const sign = (bits[0]! >>> 16) & 0x8000
  const magnitude = bits[0]! & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x47800000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Below the normal numbers the spacing is 2^-24, which is float32's at one half.
    float[0] = Math.abs(float[0]!) + 0.5
    return sign | (bits[0]! - 0x3f000000)
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
}

const powers = Float64Array.from({ length: 31 }, (_, e) => 2 ** (e - 25))

/** The number whose IEEE binary16 bits are given. */
export const decodeFloat16 = (half: number): number => {
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  const magnitude =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * powers[exponent]!
  return half & 0x8000 ? -magnitude : magnitude
}

/** The upper half of a number's float32 bits, to nearest, halves to even. */
export const encodeBFloat16 = (x: number): number => {
  float[0] = x
  const u = bits[0]!
  if ((u & 0x7fffffff) > 0x7f800000) return (u >>> 16) | 0x40
  return ((u + 0x7fff + ((u >>> 16) & 1)) >>> 16) & 0xffff
}

/** The number whose bfloat16 bits are given. */
export const decodeBFloat16 = (half: number): number => {
  bits[0] = half << 16
  return float[0]!
}

export const roundFloat16 = (x: number): number => decodeFloat16(encodeFloat16(x))
export const roundBFloat16 = (x: number): number => decodeBFloat16(encodeBFloat16(x))
