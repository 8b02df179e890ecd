/** A generator that every language of the comparison has: 32-bit states, the upper bits as a fraction. */
const generator = (seed: number): (() => number) => {
  let state = Math.imul(seed, 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** `length` float32 numbers, uniform in [-bound, bound). */
export const uniform = (seed: number, length: number, bound: number): Float32Array => {
  const next = generator(seed)
  return Float32Array.from({ length }, () => (2 * next() - 1) * bound)
}

/** `length` integers below `limit`. */
export const integers = (seed: number, length: number, limit: number): Int32Array => {
  const next = generator(seed)
  return Int32Array.from({ length }, () => Math.floor(next() * limit))
}

/** An array of a workload, drawn from its own seed: its place in the list, from 1. */
export interface ArraySpec {
  readonly name: string
  readonly shape: readonly number[]
  /** Half the width of the uniform distribution; null for zeros, 'ones' for ones. */
  readonly draw: number | 'zeros' | 'ones' | { readonly below: number }
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** The values of arrays, by name. */
export const drawArrays = (specs: readonly ArraySpec[]): ReadonlyMap<string, Float32Array | Int32Array> =>
  new Map(specs.map((spec, i) => [spec.name, drawn(spec, i + 1)] as const))

const drawn = ({ shape, draw }: ArraySpec, seed: number): Float32Array | Int32Array => {
  const length = size(shape)
  if (draw === 'zeros') return new Float32Array(length)
  if (draw === 'ones') return new Float32Array(length).fill(1)
  return typeof draw === 'number' ? uniform(seed, length, draw) : integers(seed, length, draw.below)
}
