/** How the device `gpu` reaches the machine's GPU. */
export type GpuMode = 'webgpu' | 'webgl2'

/** How `init('gpu', options)` opens the device. */
export interface GpuOptions {
  /** The way to the GPU; without it, WebGPU where there is one, else WebGL2. */
  readonly mode?: GpuMode
  /**
   * Whether a driver that computes on the processor will do where there is no GPU. Without it such a driver is refused:
   * the device `wasm` is faster.
   */
  readonly software?: boolean
}
