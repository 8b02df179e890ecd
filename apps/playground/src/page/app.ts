import type { DeviceChoice, Reply, Request } from '../protocol.js'
import { makeCurves } from './curves.js'
import { makeDeviceList } from './device-list.js'
import { makeDigitsView } from './digits-view.js'
import { connect, type Engine } from './engine.js'
import { makeFieldView } from './field-view.js'
import { find } from './find.js'
import { makeModelPanel } from './model-panel.js'
import { makeReadouts } from './readouts.js'
import { makeSetup } from './setup.js'
import { makeTransport } from './transport.js'

/** Puts the parts of the page together around a worker. */
export const startApp = (): void => {
  let device: DeviceChoice = 'wasm'
  let engine: Engine | null = null
  let seed = 0
  /** The last training that was asked for, and whether it is there. */
  let [job, opened] = [0, false]
  /** The image that is being read. */
  let reading: Float32Array | null = null
  let tried = false

  const message = find('message', HTMLElement)
  const say = (text: string): void => {
    message.textContent = text
    message.hidden = text === ''
  }
  const send = (request: Request): void => engine?.send(request)
  const readPad = (): void => {
    const image = digits.image()
    if (image === null || reading !== null || !opened || setup.task() !== 'digits') return
    reading = image
    send({ kind: 'read', image })
  }

  const open = (): void => {
    say('')
    transport.show('busy')
    ;[job, opened, reading] = [job + 1, false, null]
    const how = { task: setup.task(), settings: { ...setup.settings() }, rate: setup.rate(), seed }
    send({ kind: 'open', job: { ...how, id: job, digits: new URL('digits.bin', document.baseURI).href } })
  }
  const use = (next: DeviceChoice): void => {
    engine?.close()
    ;[device, opened] = [next, false]
    devices.select(next)
    transport.show('busy')
    engine = connect(next, hear)
  }

  const readouts = makeReadouts()
  const curves = makeCurves()
  const panel = makeModelPanel()
  const field = makeFieldView(find('field', HTMLCanvasElement))
  const digits = makeDigitsView(readPad)
  const devices = makeDeviceList(use)
  const setup = makeSetup(open, (rate) => send({ kind: 'rate', rate }))
  const transport = makeTransport({
    run: () => {
      say('')
      send({ kind: 'run' })
    },
    pause: () => send({ kind: 'pause' }),
    step: () => {
      say('')
      send({ kind: 'step' })
    },
    reset: () => {
      seed += 1
      open()
    },
  })

  const hearOpened = ({ data, parameters }: Extract<Reply, { kind: 'opened' }>): void => {
    opened = true
    curves.clear()
    readouts.steps(0)
    readouts.pace(null)
    readouts.loss(null)
    readouts.accuracy(null)
    panel.setParameters(parameters)
    if (data.task === 'moons') field.setData(data)
    else digits.setData(data)
    transport.show('paused')
    readPad()
  }

  const hearOfTraining = (reply: Reply): void => {
    switch (reply.kind) {
      case 'opened':
        return hearOpened(reply)
      case 'failed':
        reading = null
        say(reply.message)
        transport.show('paused')
        return
      case 'read': {
        const image = reading
        reading = null
        digits.setRead(reply.probabilities)
        if (digits.image() !== image) readPad()
        return
      }
      case 'running':
        transport.show(reply.running ? 'running' : 'paused')
        return
      case 'progress':
        curves.add(reply.steps, reply.losses, reply.accuracies)
        readouts.steps(reply.steps)
        readouts.loss(curves.loss())
        if (reply.stepsPerSecond !== null) readouts.pace(reply.stepsPerSecond)
        return
      case 'tested':
        curves.addTest(reply.steps, reply.accuracy)
        readouts.accuracy(reply.accuracy)
        return
      case 'picture':
        if (reply.picture.task === 'moons') field.setField(reply.picture)
        else digits.setReadings(reply.picture)
        readPad()
        return
      case 'model':
        panel.show(reply.model)
    }
  }

  const hear = (reply: Reply, of: number): void => {
    if (reply.kind === 'started') {
      devices.describe(device, reply.description)
      open()
      if (!tried) void devices.tryOthers(device)
      tried = true
    } else if (reply.kind === 'refused') {
      devices.refuse(device, reply.reason)
      if (device === 'js') say(reply.reason)
      else use('js')
    } else if (of === job) hearOfTraining(reply)
  }

  use(device)
}
