/** Threads at most, unless set: beyond, memory is what everybody waits for. */
const mostThreads = 16

interface NodeModules {
  'node:os': { availableParallelism(): number }
  'node:worker_threads': { readonly Worker: NodeWorkerConstructor }
}

/** A worker of Node, Deno and Bun. */
export interface NodeWorker {
  on(event: 'error' | 'exit' | 'message', listener: (value: unknown) => void): void
  unref(): void
  terminate(): Promise<unknown>
}

export type NodeWorkerConstructor = new (
  script: string | URL,
  options: {
    readonly eval: boolean
    readonly workerData: unknown
    readonly execArgv: readonly string[]
    readonly env: Readonly<Record<string, string>>
    readonly name: string
  },
) => NodeWorker

interface Host {
  readonly process?: { getBuiltinModule?<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined }
  readonly navigator?: { readonly hardwareConcurrency?: number }
  readonly crossOriginIsolated?: boolean
}

/** A module of Node, or undefined elsewhere. Not imported, so that pages need not know of it. */
export const nodeModule = <N extends keyof NodeModules>(name: N): NodeModules[N] | undefined =>
  (globalThis as Host).process?.getBuiltinModule?.(name)

/** Why threads cannot share memory here, or null if they can. */
export const threadObstacle = (): string | null => {
  if ((globalThis as Host).crossOriginIsolated === false && nodeModule('node:worker_threads') === undefined)
    return 'the page is not cross-origin isolated; serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
  if (typeof SharedArrayBuffer === 'undefined') return 'there is no SharedArrayBuffer here'
  if (nodeModule('node:worker_threads') === undefined && typeof Worker === 'undefined')
    return 'there are no workers here'
  return null
}

/** How many threads can run at once here, the calling one among them, but not more than 16. */
export const defaultThreads = (): number => {
  const cores =
    nodeModule('node:os')?.availableParallelism() ?? (globalThis as Host).navigator?.hardwareConcurrency ?? 1
  return Math.max(1, Math.min(mostThreads, cores))
}

/** Whether the calling thread may sleep: the one that a page draws in may not. */
export const maySleep = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
