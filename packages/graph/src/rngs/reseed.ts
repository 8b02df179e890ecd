import { formatPath, type Path } from '@linum/filters'
import { GraphError, random, type Tensor, zeros } from '@linum/tensor'
import { checkMutable } from '../variable/variable.js'
import { streamsOf } from './backups.js'
import { RngStream, type Seed, toKey } from './stream.js'

/** Makes the key of a stream whose key has a shape, from the one of the seed. */
export type ReseedPolicy =
  | 'scalarsOnly'
  | 'matchShape'
  | ((path: Path, scalarKey: Tensor, targetShape: readonly number[]) => Tensor)

export interface ReseedOptions {
  /**
   * For streams of several keys: 'scalarsOnly' (the default) throws, 'matchShape' splits the seed's key into as many, a
   * function returns them.
   */
  readonly policy?: ReseedPolicy
}

const policies = {
  scalarsOnly: (path: Path, key: Tensor, shape: readonly number[]): Tensor => {
    if (shape.length === 0) return key
    throw new GraphError(
      `Cannot reseed stream at path '${formatPath(path)}' because it has a non-scalar key, found key with shape (${shape.join(', ')}). If all your multi-dimensional keys have unique values on all dimensions, set policy 'matchShape', else provide a custom reseed policy.`,
    )
  },
  matchShape: (_: Path, key: Tensor, shape: readonly number[]): Tensor =>
    shape.length === 0 ? key : random.split(key, shape),
}

const policyOf = (policy: ReseedPolicy): ((path: Path, key: Tensor, shape: readonly number[]) => Tensor) => {
  if (typeof policy === 'function') return policy
  if (Object.hasOwn(policies, policy)) return policies[policy]
  throw new TypeError(`reseed: policy must be 'scalarsOnly', 'matchShape' or a function, got ${String(policy)}`)
}

/**
 * Starts the streams of these names in a graph again: their key is that of the seed, their count zero, as in a new
 * Rngs. Throws GraphError as the policy says; then no stream has changed.
 */
export const reseed = (
  node: object,
  seeds: Readonly<Record<string, Seed | RngStream>>,
  { policy = 'scalarsOnly' }: ReseedOptions = {},
): void => {
  const keyFor = policyOf(policy)
  const found = streamsOf(node, true).filter(([, { tag }]) => Object.hasOwn(seeds, tag))
  const keys = found.map(([path, stream]) => {
    checkMutable(stream.key)
    checkMutable(stream.count)
    const seed = seeds[stream.tag]!
    return keyFor(path, seed instanceof RngStream ? seed.key.value : toKey(seed), stream.key.value.shape)
  })
  found.forEach(([, stream], i) => {
    stream.key.value = keys[i]!
    stream.count.value = zeros(keys[i]!.shape, { dtype: 'uint32' })
  })
}
