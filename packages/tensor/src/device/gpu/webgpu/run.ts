import { postpone, runPostponed } from '../../../program/effects.js'
import { hostArray } from '../../../core/host.js'
import { DeviceError } from '../../../core/errors.js'
import type { Block, Fault } from './blocks.js'
import type { CallbackCommand, Command, DispatchCommand, HostCommand } from './command.js'
import { elementsOf, wordsOf } from './host-words.js'
import type { BufferName, Location } from './location.js'
import type { LoopCounters } from './loop-counters.js'
import type { Recorder } from './recorder.js'

/** The buffers of one call. */
export interface Frame {
  readonly workspace: Block
  readonly constants: Block
  readonly arguments: Block
  /** The program's numbers, as uniforms. */
  readonly parameters: GPUBuffer
  /** Inputs, then buffers made. */
  readonly operands: readonly Block[]
  /** What goes wrong on the host. */
  readonly fault: Fault
}

/** What recording needs of the device. */
export interface RunContext {
  readonly device: GPUDevice
  readonly recorder: Recorder
  readonly loops: LoopCounters
  /** Notes what a callback threw, for whoever reads next. */
  fail(error: Error): void
  /** How often the driver refused something. */
  refusals(): number
  /** Words of a buffer, once the GPU has done everything before. */
  read(buffer: GPUBuffer, word: number, words: number): Promise<Uint32Array>
  /** Resolves when the host has been called with everything recorded so far. */
  called: Promise<void>
}

/** Bind groups that are kept of one dispatch: its buffers alternate, and there are few combinations. */
const mostBound = 8
/** Iterations of a loop that are recorded before its condition is read; doubled each time. */
const firstIterations = 2
const mostIterations = 32

/** Records commands, in order. Yields where the host has to know a value first. */
export function* record(
  context: RunContext,
  frame: Frame,
  commands: readonly Command[],
  iterations: readonly number[] = [],
): Generator<Promise<unknown>, void, unknown> {
  for (const command of commands) {
    switch (command.kind) {
      case 'dispatch':
        dispatch(context, frame, command, iterations)
        break
      case 'repeat':
        for (let i = 0; i < command.count; i++)
          yield* record(context, frame, i % 2 === 0 ? command.even : command.odd, [...iterations, i])
        break
      case 'while': {
        const { buffer, word } = wordOf(frame, command.flag, iterations)
        const refusals = context.refusals()
        for (let n = firstIterations; ; n = Math.min(2 * n, mostIterations)) {
          for (let i = 0; i < n; i++) yield* record(context, frame, command.iteration, iterations)
          const flag = (yield context.read(buffer, word, 1)) as Uint32Array
          // What comes of commands that failed might never end.
          if (flag[0] === 0 || frame.fault.error !== null || context.refusals() !== refusals) break
        }
        break
      }
      case 'host':
        yield* runOnHost(context, frame, command, iterations)
        break
      case 'callback':
        callBack(context, frame, command, iterations)
        break
    }
  }
}

const blockOf = (frame: Frame, name: BufferName): Block =>
  typeof name === 'number' ? frame.operands[name]! : frame[name]

const wordOf = (
  frame: Frame,
  { buffer, offset, steps }: Location,
  iterations: readonly number[],
): { readonly buffer: GPUBuffer; readonly word: number } => ({
  buffer: blockOf(frame, buffer).buffer,
  word: steps.reduce((n, step, d) => n + step * iterations[d]!, offset),
})

const dispatch = (
  { device, recorder, loops }: RunContext,
  frame: Frame,
  command: DispatchCommand,
  iterations: readonly number[],
): void => {
  const { pipeline, buffers, parameters, groups, indirect, bound } = command
  const counters = iterations.map((i) => loops.at(i))
  let key = ''
  for (const name of buffers) key += `${blockOf(frame, name).id} `
  for (const { number } of counters) key += `,${number}`
  let group = bound.get(key)
  if (group === undefined) {
    if (bound.size >= mostBound) bound.clear()
    group = device.createBindGroup({
      layout: pipeline.layout,
      entries: [
        { binding: 0, resource: { buffer: frame.parameters, offset: parameters, size: uniformBytes(pipeline.words) } },
        ...buffers.map((name, b) => ({ binding: b + 1, resource: { buffer: blockOf(frame, name).buffer } })),
        ...counters.map(({ buffer }, d) => ({ binding: buffers.length + 1 + d, resource: { buffer, size: 16 } })),
      ],
    })
    bound.set(key, group)
  }
  const { pass } = recorder
  pass.setPipeline(pipeline.pipeline)
  pass.setBindGroup(
    0,
    group,
    counters.map(({ offset }) => offset),
  )
  if (indirect < 0) pass.dispatchWorkgroups(groups[0], groups[1])
  else pass.dispatchWorkgroupsIndirect(frame.arguments.buffer, 4 * indirect)
  recorder.count()
}

const uniformBytes = (words: number): number => Math.max(1, Math.ceil(words / 4)) * 16

/** Reads the operands, computes, and writes the results, with everything that comes later waiting. */
function* runOnHost(
  context: RunContext,
  frame: Frame,
  { run, inputs, outputs, flag }: HostCommand,
  iterations: readonly number[],
): Generator<Promise<unknown>, void, unknown> {
  const read = reader(context, frame, iterations)
  const wanted = [...(flag === null ? [] : [read(flag, 1)]), ...inputs.map(({ place, length }) => read(place, length))]
  const words = (yield Promise.all(wanted)) as readonly Uint32Array[]
  if (flag !== null && words[0]![0] === 0) return
  const values = flag === null ? words : words.slice(1)
  const results = outputs.map(({ dtype, length }) => hostArray(dtype, length))
  try {
    run(
      values.map((w, k) => elementsOf(w, inputs[k]!.dtype)),
      results,
    )
  } catch (error) {
    const { message } = error as Error
    frame.fault.error ??= new DeviceError(`gpu: ${message}`, { cause: error })
    return
  }
  context.recorder.flush()
  results.forEach((result, k) => {
    const { buffer, word } = wordOf(frame, outputs[k]!.place, iterations)
    if (result.length === 0) return
    const from = wordsOf(result, outputs[k]!.dtype) as Uint32Array<ArrayBuffer>
    context.device.queue.writeBuffer(buffer, 4 * word, from)
  })
}

/** Reads words of a location. */
const reader =
  (context: RunContext, frame: Frame, iterations: readonly number[]) =>
  (location: Location, words: number): Promise<Uint32Array> => {
    if (words === 0) return Promise.resolve(new Uint32Array(0))
    const { buffer, word } = wordOf(frame, location, iterations)
    return context.read(buffer, word, words)
  }

/** Calls the host with values as they are at this point, once they are there. */
const callBack = (
  context: RunContext,
  frame: Frame,
  { call, avals, values, flag }: CallbackCommand,
  iterations: readonly number[],
): void => {
  const read = reader(context, frame, iterations)
  const active = flag === null ? Promise.resolve(new Uint32Array([1])) : read(flag, 1)
  const arrays = values.map(({ place, length }) => read(place, length))
  const before = context.called
  // One that has nothing to wait for still comes after those before it.
  context.called = Promise.all([before, active, ...arrays]).then(
    ([, on, ...words]) => {
      if (on![0] === 0) return
      try {
        postpone(
          call,
          avals,
          words.map((w, k) => elementsOf(w, values[k]!.dtype)),
        )
        runPostponed()
      } catch (error) {
        context.fail(error as Error)
      }
    },
    // Lost with the device, whose loss is told by the next use.
    () => undefined,
  )
}
