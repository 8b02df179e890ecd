/** Iterations whose numbers lie in one buffer. */
const perBuffer = 1024
/** Offsets of uniform bindings are multiples of this. */
const stride = 256

/** The numbers 0, 1, 2 ... as uniforms for loops of dispatches. */
export class LoopCounters {
  readonly #device: GPUDevice
  readonly #buffers: GPUBuffer[] = []

  constructor(device: GPUDevice) {
    this.#device = device
  }

  /** The buffer that holds a number, which one that is, and its offset in it. */
  at(iteration: number): { readonly buffer: GPUBuffer; readonly number: number; readonly offset: number } {
    const number = Math.floor(iteration / perBuffer)
    for (let n = this.#buffers.length; n <= number; n++) {
      const words = new Uint32Array((perBuffer * stride) / 4)
      for (let i = 0; i < perBuffer; i++) words[(i * stride) / 4] = n * perBuffer + i
      const buffer = this.#device.createBuffer({ size: words.byteLength, usage: 0x40 | 0x8 }) // UNIFORM, COPY_DST
      this.#device.queue.writeBuffer(buffer, 0, words)
      this.#buffers.push(buffer)
    }
    return { buffer: this.#buffers[number]!, number, offset: (iteration % perBuffer) * stride }
  }
}
