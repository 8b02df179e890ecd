import type { Reply, Request, Told } from '../protocol.js'
import { startDevice } from './start-device.js'
import { openTraining, type Training } from './training.js'

interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null
  postMessage(told: Told): void
}

const scope = globalThis as unknown as Scope
let job = 0
let training: Training | null = null
let running = false

const post = (reply: Reply): void => scope.postMessage({ job, reply })

const setRunning = (next: boolean): void => {
  if (running === next) return
  running = next
  post({ kind: 'running', running })
}

// One thing after the other: a request never meets a half-taken step.
let last: Promise<void> = Promise.resolve()
const enqueue = (work: () => Promise<void>): void => {
  last = last.then(work).catch((error: unknown) => {
    setRunning(false)
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  })
}

const { port1, port2 } = new MessageChannel()
let coming = false
/** Goes on after requests that have arrived in the meantime. */
const goOn = (): void => {
  if (coming) return
  coming = true
  port1.postMessage(null)
}
port2.onmessage = () => {
  coming = false
  enqueue(advance)
}

const advance = async (): Promise<void> => {
  if (!running || training === null) return
  await training.advance()
  goOn()
}

const opened = (): Training => {
  if (training === null) throw new Error('There is no training; reset to set one up.')
  return training
}

const start = async (request: Extract<Request, { kind: 'start' }>): Promise<void> => {
  try {
    post({ kind: 'started', description: await startDevice(request.device) })
  } catch (error) {
    post({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) })
  }
}

const answer = async (request: Request): Promise<void> => {
  switch (request.kind) {
    case 'start':
      return start(request)
    case 'open':
      setRunning(false)
      job = request.job.id
      training = null
      training = await openTraining(request.job, post)
      return
    case 'run':
      if (running) return
      opened().resume()
      setRunning(true)
      return goOn()
    case 'pause':
      if (!running) return
      setRunning(false)
      return opened().show()
    case 'step':
      setRunning(false)
      return opened().step()
    case 'rate':
      return training?.setRate(request.rate)
    case 'read': {
      const { read } = opened().task
      if (read === null) throw new Error('This task has no images.')
      post({ kind: 'read', probabilities: await read(request.image) })
    }
  }
}

scope.onmessage = ({ data }) => enqueue(() => answer(data))
