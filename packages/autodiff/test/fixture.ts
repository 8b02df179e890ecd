import { Tensor } from '@linum/tensor'
import { type Encoded, mismatch, type Tolerance } from '../../tensor/test/fixture.js'

export { decode, type Encoded, load, mismatch, parity, tensor, type Tolerance } from '../../tensor/test/fixture.js'

const isEncoded = (x: unknown): x is Encoded => typeof x === 'object' && x !== null && 'dtype' in x && 'data' in x

/** How a tree of results differs from a tree of expected tensors: the path and the difference, or null. */
export const treeMismatch = async (got: unknown, want: unknown, tolerance: Tolerance, path = ''): Promise<string | null> => {
  if (isEncoded(want)) {
    const failure = await mismatch(got, want, tolerance)
    return failure === null ? null : `${path}: ${failure}`
  }
  if (typeof want !== 'object' || want === null) return Object.is(got, want) ? null : `${path}: ${String(got)}, expected ${String(want)}`
  if (typeof got !== 'object' || got === null || got instanceof Tensor) return `${path}: ${String(got)}, expected keys ${Object.keys(want).join(', ')}`
  const [gotKeys, wantKeys] = [Object.keys(got).sort(), Object.keys(want).sort()]
  if (gotKeys.join() !== wantKeys.join()) return `${path}: keys ${gotKeys.join(', ')}, expected ${wantKeys.join(', ')}`
  for (const [key, value] of Object.entries(want)) {
    const failure = await treeMismatch((got as Record<string, unknown>)[key], value, tolerance, `${path}/${key}`)
    if (failure !== null) return failure
  }
  return null
}

/** Runs a check; what it throws is a failure as well. */
export const guarded = async (check: () => Promise<string | null>): Promise<string | null> => {
  try {
    return await check()
  } catch (error) {
    const { name, message } = error as Error
    return `threw ${name}: ${message}`
  }
}

/** The first failure of several checks. */
export const first = async (...checks: readonly (() => Promise<string | null>)[]): Promise<string | null> => {
  for (const check of checks) {
    const failure = await check()
    if (failure !== null) return failure
  }
  return null
}
