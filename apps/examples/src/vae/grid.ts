import { pixels, side } from 'digits/dataset'

/** A picture of black ink on white paper. */
export type Picture = { readonly levels: Uint8Array; readonly width: number; readonly height: number }

/** Images of 784 levels from 0 to 1, `columns` to a row, without anything between them. */
export const gridOf = (images: Float32Array, columns: number): Picture => {
  const count = images.length / pixels
  const [width, height] = [columns * side, Math.ceil(count / columns) * side]
  const levels = new Uint8Array(width * height).fill(255)
  images.forEach((ink, i) => {
    const [image, pixel] = [Math.floor(i / pixels), i % pixels]
    const row = Math.floor(image / columns) * side + Math.floor(pixel / side)
    const column = (image % columns) * side + (pixel % side)
    levels[row * width + column] = Math.round(255 * (1 - ink))
  })
  return { levels, width, height }
}
