import { assemble, parameterWords } from '../../src/device/gpu/webgpu/assemble.js'
import type { StepCode } from '../../src/device/gpu/webgpu/shader.js'
import { openDevice } from './device.js'

/** Four bytes per element, as the device stores every dtype: floats as float32, integers extended to 32 bits, bool as 0 or 1. */
export type Words = Float32Array | Int32Array | Uint32Array

const usage = 0x80 | 0x4 | 0x8
const rubbish = 0x5eadbeef

/** Kept from step to step: to make one takes longer than to run it. */
const pipelines = new Map<string, GPUComputePipeline>()

const compile = async (device: GPUDevice, text: string, layout: GPUBindGroupLayout): Promise<GPUComputePipeline> => {
  const module = device.createShaderModule({ code: text })
  const { messages } = await module.getCompilationInfo()
  const errors = messages.filter((m) => m.type === 'error')
  if (errors.length > 0)
    throw new Error(
      `${errors.map((m) => `${m.lineNum}:${m.linePos} ${m.message}`).join('\n')}\n${text
        .split('\n')
        .map((line, i) => `${i + 1}  ${line}`)
        .join('\n')}`,
    )
  return device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: 'main' },
  })
}

/**
 * Runs a step's code: copies the inputs in, dispatches and fills `outputs`. Operands lie at 256-byte offsets in buffers of
 * their own, with rubbish before and after; throws if anything outside an output or temporary was written, or for a
 * shader that the device refuses.
 */
export const runStep = async (code: StepCode, inputs: readonly Words[], outputs: readonly Words[]): Promise<void> => {
  const device = await openDevice()
  const margin = 64
  device.pushErrorScope('validation')
  const lengths = [...inputs, ...outputs].map((x) => x.length).concat(code.temporaries)
  const buffers = lengths.map((length, k) => {
    const size = Math.ceil((length + 2 * margin) / 4) * 16
    const buffer = device.createBuffer({ size, usage })
    const words = new Uint32Array(size / 4).fill(rubbish)
    const x = inputs[k]
    if (x !== undefined) words.set(new Uint32Array(x.buffer, x.byteOffset, x.length), margin)
    device.queue.writeBuffer(buffer, 0, words)
    return buffer
  })
  const encoder = device.createCommandEncoder()
  const limit = 65535
  for (const { shader, operands, params, groups } of code.dispatches) {
    const bindings = operands.map((_, k) => ({ access: shader.operands[k]! }))
    const text = assemble(
      shader,
      bindings,
      operands.map((_, k) => k),
      0,
    )
    const entries: GPUBindGroupLayoutEntry[] = [
      { binding: 0, visibility: 4, buffer: { type: 'uniform' } },
      ...bindings.map(({ access }, b) => ({
        binding: b + 1,
        visibility: 4,
        buffer: { type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
      })),
    ]
    const layout = device.createBindGroupLayout({ entries })
    const pipeline = pipelines.get(text) ?? (await compile(device, text, layout))
    pipelines.set(text, pipeline)
    const words = new Int32Array(Math.max(4, Math.ceil(parameterWords(shader, 0) / 4) * 4))
    words.set([...operands.map(() => margin), ...params])
    const uniform = device.createBuffer({ size: words.byteLength, usage: 0x40 | 0x8 })
    device.queue.writeBuffer(uniform, 0, words)
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout,
        entries: [
          { binding: 0, resource: { buffer: uniform } },
          ...operands.map((operand, b) => ({ binding: b + 1, resource: { buffer: buffers[operand]! } })),
        ],
      }),
    )
    const rows = Math.ceil(groups / limit)
    if (groups > 0) pass.dispatchWorkgroups(Math.ceil(groups / rows), rows)
    pass.end()
  }
  device.queue.submit([encoder.finish()])
  const read = async (buffer: GPUBuffer): Promise<Uint32Array> => {
    const staging = device.createBuffer({ size: buffer.size, usage: 0x1 | 0x8 })
    const copy = device.createCommandEncoder()
    copy.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size)
    device.queue.submit([copy.finish()])
    await staging.mapAsync(1)
    const words = new Uint32Array(staging.getMappedRange()).slice()
    staging.destroy()
    return words
  }
  const error = await device.popErrorScope()
  if (error !== null) throw new Error(error.message)
  for (const [k, length] of lengths.entries()) {
    const words = await read(buffers[k]!)
    const out = outputs[k - inputs.length]
    if (out !== undefined) out.set(new (out.constructor as typeof Uint32Array)(words.buffer, margin * 4, length))
    if (words.some((w, i) => (i < margin || i >= margin + length) && w !== rubbish))
      throw new Error(`operand ${k} was written outside its ${length} words`)
    const x = inputs[k]
    if (x !== undefined && new Uint32Array(x.buffer, x.byteOffset, x.length).some((w, i) => w !== words[margin + i]))
      throw new Error(`input ${k} was written`)
  }
  for (const buffer of buffers) buffer.destroy()
}
