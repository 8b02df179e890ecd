import type { DeviceChoice, Reply, Request, Told } from '../protocol.js'

/** A worker with a device. */
export interface Engine {
  readonly send: (request: Request) => void
  readonly close: () => void
}

/** Starts a worker with a device; `hear` gets what it tells until it is closed. */
export const connect = (device: DeviceChoice, hear: (reply: Reply, job: number) => void): Engine => {
  const worker = new Worker(new URL('../worker/main.ts', import.meta.url), {
    type: 'module',
    name: `playground-${device}`,
  })
  let open = true
  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    if (open) hear(data.reply, data.job)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    if (open) hear({ kind: 'refused', reason: event.message || 'Its program did not load.' }, 0)
  }
  const engine: Engine = {
    send: (request) => worker.postMessage(request),
    close: () => {
      open = false
      worker.terminate()
    },
  }
  engine.send({ kind: 'start', device })
  return engine
}

/** Whether a device can be used, and what it says of itself or why not. */
export interface Finding {
  readonly usable: boolean
  readonly text: string
}

/** Starts a device for a try. */
export const probe = (device: DeviceChoice): Promise<Finding> =>
  new Promise((resolve) => {
    const engine = connect(device, (reply) => {
      if (reply.kind !== 'started' && reply.kind !== 'refused') return
      engine.close()
      resolve(
        reply.kind === 'started' ? { usable: true, text: reply.description } : { usable: false, text: reply.reason },
      )
    })
  })
