/**
 * Memory of one thread's own, at the address in its global `scratch`. Nothing in it outlives the call of a step's part.
 */
export const scratchBytes: number = 4 << 20
/** Partial results of reductions. */
export const kernelScratch: { readonly offset: number; readonly bytes: number } = { offset: 0, bytes: 1 << 16 }
/** The rows that members of a cluster hand on to each other. */
export const rowScratch: { readonly offset: number; readonly bytes: number } = {
  offset: 1 << 16,
  bytes: (1 << 20) - (1 << 16),
}
/** Packed operands of products and convolutions, buffers of sorts. */
export const routineScratch: { readonly offset: number; readonly bytes: number } = {
  offset: 1 << 20,
  bytes: scratchBytes - (1 << 20),
}
