import { nodeModule, type NodeWorkerConstructor } from './support.js'
import { workerScript } from './worker-script.js'

/** What a worker is told. */
export interface WorkerTask {
  readonly memory: WebAssembly.Memory
  readonly routines: WebAssembly.Module
  /** The address of its scratch memory. */
  readonly scratch: number
  readonly crew: number
  /** The version that the script must have. */
  readonly version: string
}

export interface WorkerEvents {
  /** It will not run (any more): why, or null where it ended as it should. */
  ended(problem: string | null): void
  /** It goes on, but cannot run a program. */
  refused(problem: string): void
}

export interface RunningWorker {
  terminate(): void
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const refusal = (message: unknown): string | null =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  message.type === 'refused' &&
  'message' in message
    ? String(message.message)
    : null

/** Starts a worker of Node, Deno or Bun, else one of the page, from `url` or the script that comes along. Throws if there is none to be had. */
export const spawn = (task: WorkerTask, url: string | URL | null, events: WorkerEvents): RunningWorker => {
  const node = nodeModule('node:worker_threads')
  return node === undefined ? spawnInPage(task, url, events) : spawnInNode(node.Worker, task, url, events)
}

const spawnInNode = (
  Worker: NodeWorkerConstructor,
  task: WorkerTask,
  url: string | URL | null,
  events: WorkerEvents,
): RunningWorker => {
  const worker = new Worker(url === null ? workerScript : new URL(url), {
    eval: url === null,
    workerData: task,
    // Loaders and environment of the program are not the worker's business.
    execArgv: [],
    env: {},
    name: 'linum',
  })
  let problem: string | null = null
  worker.on('error', (error) => {
    problem = messageOf(error)
  })
  worker.on('message', (message) => {
    const text = refusal(message)
    if (text !== null) events.refused(text)
  })
  worker.on('exit', () => events.ended(problem))
  worker.unref()
  return {
    terminate: () => {
      worker.terminate().catch(() => events.ended(problem))
    },
  }
}

const spawnInPage = (task: WorkerTask, url: string | URL | null, events: WorkerEvents): RunningWorker => {
  const blob = url === null ? URL.createObjectURL(new Blob([workerScript], { type: 'text/javascript' })) : null
  const release = (): void => {
    if (blob !== null) URL.revokeObjectURL(blob)
  }
  let worker: Worker
  try {
    worker = new Worker(blob ?? url!, { name: 'linum' })
  } catch (error) {
    release()
    throw error
  }
  let ended = false
  const end = (problem: string | null): void => {
    if (ended) return
    ended = true
    release()
    worker.terminate()
    events.ended(problem)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    // A script that could not be loaded gives an event without a message.
    end(event.message || notLoaded(url))
  }
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    const text = refusal(data)
    if (text === null) end(null)
    else events.refused(text)
  }
  worker.postMessage(task)
  return { terminate: () => end(null) }
}

const notLoaded = (url: string | URL | null): string =>
  url === null
    ? "a worker's script did not load; under a content security policy without worker-src blob: serve the worker's script as a file and give its address, setThreads(n, { url })"
    : `a worker's script did not load from ${String(url)}`
