import { multiply, random } from '@linum/tensor'
import type { Initializer, InitializerOptions } from './initializer.js'

export interface UniformOptions extends InitializerOptions {
  /** The upper bound. */
  readonly scale?: number
}

/** Uniform in [0, scale), by default 0.01. A number stands for `{ scale }`. */
export const uniform = (options: number | UniformOptions = {}): Initializer => {
  const { scale = 1e-2, ...defaults } = typeof options === 'number' ? { scale: options } : options
  return (key, shape, call) => multiply(random.uniform(key, shape, { ...defaults, ...call }), scale)
}

export interface NormalOptions extends InitializerOptions {
  readonly stddev?: number
}

/** Normal with mean 0 and the standard deviation `stddev`, by default 0.01. A number stands for `{ stddev }`. */
export const normal = (options: number | NormalOptions = {}): Initializer => {
  const { stddev = 1e-2, ...defaults } = typeof options === 'number' ? { stddev: options } : options
  return (key, shape, call) => multiply(random.normal(key, shape, { ...defaults, ...call }), stddev)
}

export interface TruncatedNormalOptions extends NormalOptions {
  /** In units of `stddev`. */
  readonly lower?: number
  /** In units of `stddev`. */
  readonly upper?: number
}

/** Standard normal limited to [lower, upper], by default [-2, 2], times `stddev`. A number stands for `{ stddev }`. */
export const truncatedNormal = (options: number | TruncatedNormalOptions = {}): Initializer => {
  const {
    stddev = 1e-2,
    lower = -2,
    upper = 2,
    ...defaults
  }: TruncatedNormalOptions = typeof options === 'number' ? { stddev: options } : options
  return (key, shape, call) =>
    multiply(random.truncatedNormal(key, lower, upper, { shape, ...defaults, ...call }), stddev)
}
