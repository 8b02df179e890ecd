/** Rows and columns of one image. */
export const side = 28

/** Bytes of one image: one grey level per pixel, 0 for paper and 255 for ink. */
export const pixels: number = side * side

/** The digits 0 to 9. */
export const classes = 10

/** More images than this in one file, or in all, are refused before anything is allocated for them. */
export const maxImages = 100_000

/** All images, grouped by class: first the `counts[0]` zeros, then the `counts[1]` ones, and so on. */
export type Digits = {
  readonly images: Uint8Array
  readonly counts: readonly number[]
}

/** The number of images. */
export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** The class of each image, in their order. */
export const labelsOf = (counts: readonly number[]): Int32Array => {
  const labels = new Int32Array(total(counts))
  counts.reduce((start, count, label) => {
    labels.fill(label, start, start + count)
    return start + count
  }, 0)
  return labels
}
