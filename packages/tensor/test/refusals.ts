/** What the gpu refuses to do, by the sentence of its error; everything else must work there. */
const refusals: readonly { readonly says: RegExp; readonly allows: (fn: string) => boolean }[] = [
  // No adapter computes in float64.
  { says: /threw DeviceError: .*(float64 does not exist on the GPU|WebGL2 has no float64)/, allows: () => true },
  // Routines of the host, and kernels whose time would grow with the square of a long line.
  { says: /threw DeviceError: .*: 'gpu' on WebGL2 has no code for it/, allows: () => true },
  { says: /threw DeviceError: .*: too much work for 'gpu' on WebGL2/, allows: () => true },
  // Results whose shape depends on values, and indices that have to be known.
  { says: /threw DeviceError: .* has not been read from 'gpu' yet/, allows: (fn) => needsValues.has(fn) },
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

/** Whether a failure is the device's honest refusal of something that it cannot do. */
export const isRefusal = (device: string, fn: string, failure: string): boolean =>
  device === 'gpu' && refusals.some(({ says, allows }) => says.test(failure) && allows(fn))
