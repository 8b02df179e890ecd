import { DeviceError, type TypedArray } from '@linum/tensor'
import {
  type CompileOptions,
  type Device,
  type DeviceBuffer,
  type Executable,
  JsDevice,
  type Schedule,
  type StoredDType,
} from '@linum/tensor/core'

/** What a handle of this device is: a place for elements that may not have been computed yet. */
class Place {
  elements: DeviceBuffer | null = null
  failure: Error | null = null
  freed = false
}

const asBuffer = (place: Place): DeviceBuffer => place as unknown as DeviceBuffer
const asPlace = (buffer: DeviceBuffer): Place => {
  if (!(buffer instanceof Place)) throw new TypeError('a buffer of another device was handed to the delayed device')
  return buffer
}

/**
 * A device that does everything later, as a gpu does: handles come back at once, while uploads, compilation and runs
 * wait in one queue and are done one by one, in order. Nothing can be read synchronously before it was awaited.
 */
export class DelayedDevice implements Device {
  readonly name: string
  readonly description = 'computes later, in order'
  readonly #inner = new JsDevice()
  readonly #queue: (() => void)[] = []
  readonly #later: (work: () => void) => void
  readonly #failures: string[] = []
  #waiting = false
  /** What was done, in order. */
  readonly log: string[] = []

  constructor(name: string, later: (work: () => void) => void = setImmediate) {
    this.name = name
    this.#later = later
  }

  get pending(): number {
    return this.#queue.length
  }

  /** The next run that is asked for fails. */
  failNext(message: string): void {
    this.#failures.push(message)
  }

  #enqueue(what: string, work: () => void): void {
    this.#queue.push(() => {
      this.log.push(what)
      work()
    })
    this.#schedule()
  }

  #schedule(): void {
    if (this.#waiting || this.#queue.length === 0) return
    this.#waiting = true
    this.#later(() => {
      this.#waiting = false
      this.#queue.shift()!()
      this.#schedule()
    })
  }

  compile(schedule: Schedule, options: CompileOptions): Executable {
    let compiled: Executable | undefined
    this.#enqueue('compile', () => {
      compiled = this.#inner.compile(schedule, options)
    })
    return {
      overwrites: [],
      run: (inputs) => {
        const operands = inputs.map(asPlace)
        const freed = operands.find((p) => p.freed)
        if (freed !== undefined) throw new TypeError('a freed buffer was handed to the delayed device')
        const places = new Map(schedule.inputs.map((slot, i) => [slot, operands[i]!] as const))
        const results = schedule.outputs.map((slot) => places.get(slot) ?? places.set(slot, new Place()).get(slot)!)
        const made = results.filter((p) => !operands.includes(p))
        const message = this.#failures.shift()
        this.#enqueue('run', () => {
          const failed = operands.find((p) => p.failure !== null)?.failure
          const failure = failed ?? (message === undefined ? null : new DeviceError(message))
          if (failure !== null) return made.forEach((p) => (p.failure = failure))
          const outputs = compiled!.run(operands.map((p) => p.elements!))
          results.forEach((p, i) => (p.elements = outputs[i]!))
        })
        return results.map(asBuffer)
      },
    }
  }

  upload(data: TypedArray, dtype: StoredDType): DeviceBuffer {
    const copy = data.slice()
    const place = new Place()
    this.#enqueue('upload', () => {
      place.elements = this.#inner.upload(copy, dtype)
    })
    return asBuffer(place)
  }

  read(buffer: DeviceBuffer): Promise<TypedArray> {
    const place = asPlace(buffer)
    return new Promise((resolve, reject) => {
      this.#enqueue('read', () => {
        if (place.failure !== null) reject(place.failure)
        else resolve(this.#inner.readSync(place.elements!))
      })
    })
  }

  /** Even what is computed already has to be awaited once. */
  readSync(): TypedArray | null {
    return null
  }

  free(buffer: DeviceBuffer): void {
    const place = asPlace(buffer)
    if (place.freed) throw new TypeError('a buffer of the delayed device was freed twice')
    place.freed = true
  }
}
