import { type ArrayOps, minimum, type Tensor, zeros } from '@linum/tensor'

const largest = 2 ** 31 - 1

/** A count of no steps. */
export const zeroCount = (): Tensor => zeros([], { dtype: 'int32' })

/** One more, or the largest int32 for good. */
export const increment = (count: ArrayOps): Tensor => minimum(count, largest - 1).add(1)
