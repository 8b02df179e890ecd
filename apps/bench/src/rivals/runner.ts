import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Answers, Hello, Reply, Request } from './protocol.js'

/** How a library's process is started. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Longer than the slowest library takes to compile its largest step. */
const patienceMs = 300_000

const stop = (child: ChildProcess): void => {
  child.stdin?.end()
  child.kill()
}

/** A process with a library loaded that answers one request after the other. */
export class Runner {
  readonly hello: Hello
  readonly #child: ChildProcess
  readonly #next: () => Promise<string>

  private constructor(child: ChildProcess, next: () => Promise<string>, hello: Hello) {
    this.#child = child
    this.#next = next
    this.hello = hello
  }

  /** Throws where the process does not start or cannot load its library, with the last line it wrote about it. */
  static async start({ command, args, env = {} }: Command): Promise<Runner> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    const next = linesOf(child)
    return new Runner(child, next, parsed<Hello>(await next()))
  }

  /** Sends a request and waits for its answer; throws what the library had to say instead of one. */
  async ask<C extends Request['call']>(request: Request & { readonly call: C }): Promise<Answers[C]> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`)
    return parsed<Answers[C]>(await this.#next())
  }

  /** Whether there is still a process to ask. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && !this.#child.killed
  }

  stop(): void {
    stop(this.#child)
  }
}

const parsed = <T extends object>(line: string): T => {
  const reply = JSON.parse(line) as Reply<T>
  if ('error' in reply) throw new Error(reply.error)
  return reply
}

/** The lines of a process, each by a call that fails when the process ends or is silent for too long. */
const linesOf = (child: ChildProcess): (() => Promise<string>) => {
  let complaint = ''
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (line.trim() !== '') complaint = line.trim()
  })
  child.stdin!.on('error', () => undefined)
  const ended = new Promise<never>((_, reject) => {
    child.on('error', (error) => {
      reject(new Error(`cannot be run: ${error.message}`))
    })
    child.on('close', (code, signal) => {
      reject(new Error(complaint === '' ? `ended with ${signal ?? code}` : complaint))
    })
  })
  ended.catch(() => undefined)
  const lines: AsyncIterator<string> = (createInterface({ input: child.stdout! }) as Interface)[Symbol.asyncIterator]()
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer in ${patienceMs / 1000} s`))
        stop(child)
      }, patienceMs)
    })
    const line = lines.next().then(({ done, value }) => (done === true ? ended : value))
    try {
      return await Promise.race([line, ended, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
