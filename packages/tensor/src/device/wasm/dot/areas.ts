import { routineScratch } from '../scratch.js'

/** Sums run over this many steps of the contraction, then join the total: part of what a product's bits are. */
export const blockDepth: number = 256
/** Rows of the left and columns of the right operand that are packed at a time, so that the caches hold them. */
export const blockRows: number = 96
export const blockColumns: number = 1024

const area = (from: number, bytes: number): { readonly offset: number; readonly bytes: number } => ({
  offset: from,
  bytes,
})
/** Of the routine scratch, from its start: the tile that edges go through, also convolutions'. */
export const tileArea: { readonly offset: number; readonly bytes: number } = area(routineScratch.offset, 4096)
/** The sums of one row. */
export const rowArea: { readonly offset: number; readonly bytes: number } = area(tileArea.offset + 4096, 1 << 15)
/** A packed block of the left operand, or a vector. */
export const leftArea: { readonly offset: number; readonly bytes: number } = area(
  rowArea.offset + rowArea.bytes,
  (blockRows * blockDepth + 64) * 8,
)
/** A packed block of the right operand. */
export const rightArea: { readonly offset: number; readonly bytes: number } = area(
  leftArea.offset + leftArea.bytes,
  routineScratch.offset + routineScratch.bytes - leftArea.offset - leftArea.bytes,
)
