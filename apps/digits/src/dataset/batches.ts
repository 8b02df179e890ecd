import { pixels, side } from './digits.js'
import type { Examples } from './split.js'

/** `x`: size x 784 levels from 0 to 1, `y`: size classes. */
export type Batch = { readonly x: Float32Array; readonly y: Int32Array; readonly size: number }

/** In which order to take the examples, and how far to move each of them, in pixels: `[down, right]` in turn. */
export type Arrangement = { readonly order: Int32Array; readonly shifts?: Int32Array }

const copyShifted = (from: Uint8Array, to: Float32Array, down: number, right: number): void => {
  const top = Math.max(0, down)
  const bottom = Math.min(side, side + down)
  const left = Math.max(0, right)
  const end = Math.min(side, side + right)
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < end; column++) {
      to[row * side + column] = (from[(row - down) * side + column - right] ?? 0) / 255
    }
  }
}

/**
 * One pass over the examples. What is moved out of an image is lost, what is uncovered is paper.
 *
 * @param size - examples in a batch
 * @param rest - what to do with the last examples if they do not fill a batch
 */
export function* batches(
  examples: Examples,
  { order, shifts }: Arrangement,
  size: number,
  rest: 'keep' | 'drop',
): Generator<Batch, void> {
  for (let start = 0; start < order.length; start += size) {
    const count = Math.min(size, order.length - start)
    if (count < size && rest === 'drop') return
    const x = new Float32Array(count * pixels)
    const y = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const index = order[start + i] ?? 0
      const at = 2 * (start + i)
      const image = examples.images.subarray(index * pixels, (index + 1) * pixels)
      copyShifted(image, x.subarray(i * pixels, (i + 1) * pixels), shifts?.[at] ?? 0, shifts?.[at + 1] ?? 0)
      y[i] = examples.labels[index] ?? 0
    }
    yield { x, y, size: count }
  }
}
