/** What the gpu was asked to do since it was opened. */
export interface Counters {
  uploads: number
  uploadedBytes: number
  downloads: number
  downloadedBytes: number
  dispatches: number
  submits: number
}

/** More than these many dispatches are submitted in parts, so that the GPU starts early and drivers stay bounded. */
const mostDispatches = 4096

/** Writes commands for the GPU, in order, until they are submitted. */
export class Recorder {
  readonly #device: GPUDevice
  readonly #counters: Counters
  #encoder: GPUCommandEncoder | null = null
  #pass: GPUComputePassEncoder | null = null
  #dispatches = 0

  constructor(device: GPUDevice, counters: Counters) {
    this.#device = device
    this.#counters = counters
  }

  /** Dispatches that wait. */
  get waiting(): number {
    return this.#dispatches
  }

  get #open(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder()
    return this.#encoder
  }

  /** Where dispatches go; each is to be counted by `count`. */
  get pass(): GPUComputePassEncoder {
    this.#pass ??= this.#open.beginComputePass()
    return this.#pass
  }
  count(): void {
    this.#counters.dispatches++
    if (++this.#dispatches >= mostDispatches) this.flush()
  }

  copy(from: GPUBuffer, offset: number, to: GPUBuffer, bytes: number): void {
    this.#pass?.end()
    this.#pass = null
    this.#open.copyBufferToBuffer(from, offset, to, 0, bytes)
  }

  /** Submits what was written. */
  flush(): void {
    if (this.#encoder === null) return
    this.#pass?.end()
    this.#device.queue.submit([this.#encoder.finish()])
    this.#counters.submits++
    this.#encoder = null
    this.#pass = null
    this.#dispatches = 0
  }
}
