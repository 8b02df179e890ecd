import { DeviceError } from '../core/errors.js'
import type { Device } from './device.js'
import type { OpenGpu } from './gpu/open.js'
import type { GpuOptions } from './gpu/options.js'

/** What the slot tells the registry. */
export interface GpuListener {
  readonly opened: (device: Device) => void
  readonly lost: (device: Device) => void
}

type Opener = (options: GpuOptions) => Promise<OpenGpu>

/** The gpu of a page or process: opened at most once, and again when it was lost. */
export class GpuSlot {
  readonly #open: Opener
  readonly #listener: GpuListener
  #current: OpenGpu | null = null
  #opening: Promise<void> | null = null

  constructor(open: Opener, listener: GpuListener) {
    this.#open = open
    this.#listener = listener
  }

  /** Resolves when the gpu is open. Throws DeviceError where it cannot be opened, or is open in another way than asked. */
  async init(options: GpuOptions): Promise<void> {
    checkOptions(options)
    if (this.#current === null) {
      if (this.#opening === null) return this.#start(options)
      // Who waits may have asked for more than who was first: its failure is not theirs.
      const failed = await this.#opening.then(
        () => false,
        () => true,
      )
      if (failed || this.#current === null) return this.init(options)
    }
    checkAgreement(options, this.#current)
  }

  #start(options: GpuOptions): Promise<void> {
    this.#opening = this.#open(options)
      .then((opened) => {
        this.#current = opened
        void opened.lost.then(() => this.#lose(opened))
        this.#listener.opened(opened.device)
      })
      .finally(() => {
        this.#opening = null
      })
    return this.#opening
  }

  #lose(opened: OpenGpu): void {
    if (this.#current !== opened) return
    this.#current = null
    this.#listener.lost(opened.device)
  }
}

const checkOptions = ({ mode, software }: GpuOptions): void => {
  if (mode !== undefined && mode !== 'webgpu' && mode !== 'webgl2')
    throw new TypeError(`init: mode must be 'webgpu' or 'webgl2', got ${String(mode)}`)
  if (software !== undefined && typeof software !== 'boolean')
    throw new TypeError(`init: software must be a boolean, got ${String(software)}`)
}

const checkAgreement = ({ mode, software }: GpuOptions, open: OpenGpu): void => {
  if (mode !== undefined && mode !== open.mode)
    throw new DeviceError(
      `init: the device 'gpu' is open by ${open.mode}, got mode '${mode}'; ask for it in the first call of init`,
    )
  if (software === false && open.software)
    throw new DeviceError(
      `init: the device 'gpu' is open on a software adapter, got software: false; ask for it in the first call of init`,
    )
}
