import { DeviceError } from '../core/errors.js'
import { deviceByName } from './registry.js'
import type { ThreadOptions } from './wasm/threads/thread-pool.js'
import { WasmDevice } from './wasm/wasm.js'

export type { ThreadOptions }

/** What is at work on the wasm device. */
export interface Threads {
  /** Threads that share the work, the calling one among them. */
  readonly size: number
  /** Why there is only one, or what became of another; null where all is well. */
  readonly reason: string | null
}

const wasm = (fn: string): WasmDevice => {
  const device = deviceByName(fn, 'wasm')
  if (!(device instanceof WasmDevice)) throw new DeviceError(`${fn}: the device 'wasm' is not the library's own`)
  return device
}

/** The threads of the wasm device. */
export const threads = (): Threads => wasm('threads').threads

/**
 * Sets how many threads the wasm device uses: by default as many as there are cores, at most 16, and one in pages that
 * are not cross-origin isolated. They start with the first large operation. Results are the same for any number.
 * `url` is where a page with a content security policy serves the text `workerScript` of `@linum/tensor/core`. Throws RangeError for a number
 * that makes no sense and DeviceError where threads cannot share memory.
 */
export const setThreads = (size: number, options: ThreadOptions = {}): void =>
  wasm('setThreads').setThreads(size, options)
