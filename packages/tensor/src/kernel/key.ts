import type { Kernel } from './ir.js'
import { parametrize } from './parametrize.js'

/** Text that two kernels share exactly when they are the same, sizes included. */
export const collapsedKey = (kernel: Kernel<number>): string => {
  const { key, params } = parametrize(kernel)
  return `${key}|${params.join()}`
}
