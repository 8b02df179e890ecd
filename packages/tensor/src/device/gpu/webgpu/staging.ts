import type { Counters, Recorder } from './recorder.js'

/** Buffers of this size and less are kept for the next read. */
const keptBytes = 2 ** 16

/** Copies words of the GPU's buffers to where the host can see them. */
export class Staging {
  readonly #device: GPUDevice
  readonly #recorder: Recorder
  readonly #counters: Counters
  readonly #kept: GPUBuffer[] = []

  constructor(device: GPUDevice, recorder: Recorder, counters: Counters) {
    this.#device = device
    this.#recorder = recorder
    this.#counters = counters
  }

  /** Words as they are once everything recorded so far is done. Submits what is recorded. */
  async read(from: GPUBuffer, word: number, words: number): Promise<Uint32Array> {
    const bytes = 4 * words
    const small = bytes <= keptBytes
    const buffer =
      (small ? this.#kept.pop() : undefined) ??
      this.#device.createBuffer({ size: small ? keptBytes : bytes, usage: 0x1 | 0x8 }) // MAP_READ, COPY_DST
    this.#recorder.copy(from, 4 * word, buffer, bytes)
    this.#recorder.flush()
    this.#counters.downloads++
    this.#counters.downloadedBytes += bytes
    await buffer.mapAsync(1, 0, bytes)
    const copy = new Uint32Array(buffer.getMappedRange(0, bytes)).slice()
    if (small && this.#kept.length < 16) {
      buffer.unmap()
      this.#kept.push(buffer)
    } else buffer.destroy()
    return copy
  }
}
