import type { Kernel } from './ir.js'
import { parametrize } from './parametrize.js'

/** Text that two kernels share exactly when they are the same, sizes included. */
export const collapsedKey = (kernel: Kernel<number>): string => {
  const { key, params } = parametrize(kernel)
  return `${key}|${params.join()}`
}

/** A cluster as a device compiles it. */
export interface ClusterLike {
  readonly prefix: readonly number[]
  readonly members: readonly {
    readonly kernel: Kernel<number>
    readonly reads: readonly number[]
    readonly writes: number
    readonly local: boolean
  }[]
}

/** Text that two clusters share exactly when they are the same. */
export const clusterKey = ({ prefix, members }: ClusterLike): string =>
  `${prefix.join()}|${members
    .map((m) => `${m.reads.join()}>${m.writes}${m.local ? '.' : ''}${collapsedKey(m.kernel)}`)
    .join('|')}`
