import { control, failures } from './control-block.js'
import { served } from './fork.js'

/** Programs that a worker keeps; beyond, it drops the least recently used and compiles it again when it is needed. */
const heldPrograms = 128

/** Tells texts apart (FNV-1a). */
const hash = (text: string): string => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(16)
}

// A string, since neither a bundler nor a test runner must touch what runs elsewhere.
//
// copyProgram: what lies in memory is good only while the job runs; later it may be anything, so nothing is believed
// before it is known that the job still ran when it was read. What lies beyond the end of a memory that grew just now
// can be read a moment later.
// fail: the chunk that threw counts as done, or the thread that forked would wait forever; that it failed is said before.
// At the end: workers of Node find their task at once, workers of pages are sent it.
const body = `const node = globalThis.process?.getBuiltinModule?.('node:worker_threads')
const post = (message) => (node?.parentPort ?? globalThis).postMessage(message)
const refuse = (name) => () => { throw new Error('a worker called ' + name + ' of the host') }
const hostFunction = (name) => {
  const f = name.startsWith('Math.') ? Math[name.slice(5)] : undefined
  return typeof f === 'function' ? f : refuse(name)
}
const start = ({ memory, routines, scratch, crew, version: wanted }) => {
  if (wanted !== version) throw new Error('the script of the worker belongs to another version of the library; serve the current one')
  const table = new WebAssembly.Table({ initial: 0, element: 'anyfunc' })
  const constant = (value) => new WebAssembly.Global({ value: 'i32' }, value)
  const env = { memory, table, scratch: constant(scratch) }
  const { exports } = new WebAssembly.Instance(routines, { env })
  const words = new Int32Array(memory.buffer, 0, ${control.end / 4})
  const running = (job) => Atomics.load(words, ${control.unclaimed / 4}) !== 0 && Atomics.load(words, ${control.job / 4}) === job
  const held = new Map()
  const refused = new Set()
  const drop = (id) => {
    const { base, count } = held.get(id)
    held.delete(id)
    for (let i = base; i < base + count; i++) table.set(i, null)
  }
  const copyProgram = (job) => {
    const id = words[${control.id / 4}]
    const descriptor = words[${control.program / 4}]
    if (!running(job)) return null
    try {
      const [address, length, base, count] = new Int32Array(memory.buffer, descriptor, 4)
      if (!running(job)) return null
      const bytes = new Uint8Array(memory.buffer, address, length).slice()
      return running(job) ? { id, descriptor, bytes, base, count } : null
    } catch {
      return null
    }
  }
  const load = ({ id, descriptor, bytes, base, count }) => {
    for (const [other, at] of held) if (at.base < base + count && base < at.base + at.count) drop(other)
    if (held.size >= ${heldPrograms}) drop(held.keys().next().value)
    if (table.length < base + count) table.grow(base + count - table.length)
    held.set(id, { base, count })
    const module = new WebAssembly.Module(bytes)
    const own = { ...env, base: constant(base), program: constant(descriptor) }
    for (const { name, kind } of WebAssembly.Module.imports(module))
      if (kind === 'function') own[name] = exports[name] ?? hostFunction(name)
    new WebAssembly.Instance(module, { env: own })
  }
  const lose = (id, error) => {
    refused.add(id)
    if (held.has(id)) drop(id)
    post({ type: 'refused', message: String(error) })
  }
  const fail = (error) => {
    const text = String(error).slice(0, ${control.messageBytes})
    const bytes = new Uint8Array(memory.buffer, ${control.message}, text.length)
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
    words[${control.messageLength / 4}] = text.length
    Atomics.store(words, ${control.failure / 4}, ${failures.thrown})
    Atomics.add(words, ${control.done / 4}, 1)
    Atomics.notify(words, ${control.done / 4})
  }
  const serve = (id, skipped) => {
    try {
      return exports.serve(id, skipped, crew)
    } catch (error) {
      fail(error)
      return -1
    }
  }
  for (let seen = Atomics.load(words, ${control.ready / 4}); seen < crew; ) {
    const before = Atomics.compareExchange(words, ${control.ready / 4}, seen, crew)
    if (before === seen) break
    seen = before
  }
  let id = 0
  let skipped = 0
  for (;;) {
    const reason = serve(id, skipped)
    if (reason === ${served.leave}) break
    skipped = 0
    if (reason !== ${served.program}) continue
    const job = Atomics.load(words, ${control.job / 4})
    const wanted = words[${control.id / 4}]
    if (held.has(wanted)) {
      const place = held.get(wanted)
      held.delete(wanted)
      held.set(wanted, place)
      id = wanted
    } else if (refused.has(wanted)) skipped = job
    else {
      const program = copyProgram(job)
      if (program === null) continue
      try {
        load(program)
        id = program.id
      } catch (error) {
        lose(program.id, error)
      }
    }
  }
  if (node?.parentPort != null) return
  post({ type: 'left' })
  globalThis.close()
}
if (node?.workerData != null) start(node.workerData)
else globalThis.onmessage = ({ data }) => start(data)
`

/** Changes with the script. */
export const workerVersion: string = /* @__PURE__ */ hash(body)

/**
 * The script that a worker runs. It needs nothing else: where a content security policy forbids workers from blob URLs,
 * serve it as a file and give its address to `setThreads`. A worker refuses to work for another version of the library.
 */
export const workerScript: string = `'use strict'
const version = '${workerVersion}'
${body}`
