/** Why the gpu refuses a call, in the words of the README's table of what it does. */
export type Reason = 'float64' | 'routine' | 'size' | 'values'

/** What the gpu refuses to do, by the sentence of its error; everything else must work there. */
const refusals: readonly {
  readonly reason: Reason
  readonly says: RegExp
  readonly allows: (fn: string) => boolean
}[] = [
  // No adapter computes in float64.
  {
    reason: 'float64',
    says: /threw DeviceError: .*(float64 does not exist on the GPU|WebGL2 has no float64)/,
    allows: () => true,
  },
  // Routines of the host, and kernels whose time would grow with the square of a long line.
  { reason: 'routine', says: /threw DeviceError: .*: 'gpu' on WebGL2 has no code for it/, allows: () => true },
  { reason: 'size', says: /threw DeviceError: .*: too much work for 'gpu' on WebGL2/, allows: () => true },
  // Results whose shape depends on values, and indices that have to be known.
  {
    reason: 'values',
    says: /threw DeviceError: .* has not been read from 'gpu' yet/,
    allows: (fn) => needsValues.has(fn),
  },
]

const needsValues: ReadonlySet<string> = new Set([
  'argwhere',
  'at',
  'bincount',
  'compress',
  'extract',
  'flatnonzero',
  'intersect1d',
  'nonzero',
  'setdiff1d',
  'setxor1d',
  'union1d',
  'unique',
  'where',
])

/** Why the device honestly refuses something that it cannot do; null for a failure that is no such refusal. */
export const reasonOf = (device: string, fn: string, failure: string): Reason | null =>
  device === 'gpu' ? (refusals.find(({ says, allows }) => says.test(failure) && allows(fn))?.reason ?? null) : null
