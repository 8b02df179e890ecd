/** Why a device refuses a call, in the words of the table of what the gpu does. */
export type Reason = 'float64' | 'values' | 'routine' | 'size' | 'other'

const reasons: readonly (readonly [Reason, RegExp])[] = [
  ['values', /has not been read from 'gpu' yet/],
  ['routine', /'gpu' on WebGL2 has no code for it/],
  ['size', /too much work for 'gpu' on WebGL2/],
  ['float64', /\bfloat64\b/],
]

/** Why a failure is a refusal, null for one that is none. The call before the error is not looked at, as it may name a dtype. */
export const reasonOf = (failure: string): Reason | null => {
  const [, message] = failure.split('threw DeviceError: ')
  if (message === undefined) return null
  return reasons.find(([, says]) => says.test(message))?.[0] ?? 'other'
}
