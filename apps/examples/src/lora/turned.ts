import { type Examples, pixels, side } from 'digits/dataset'

/** The same examples, every image turned by a quarter, clockwise. */
export const turned = ({ images, labels }: Examples): Examples => ({
  images: images.map((_, i) => {
    const pixel = i % pixels
    const [row, column] = [Math.floor(pixel / side), pixel % side]
    return images[i - pixel + (side - 1 - column) * side + row]!
  }),
  labels,
})
