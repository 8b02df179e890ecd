import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The folder of the app. */
export const appFolder: string = fileURLToPath(new URL('..', import.meta.url))

/** A file of the compiled program. */
export const compiled = (path: string): string => join(appFolder, 'dist', path)

/** Compiles the program and what it depends on, as far as that is out of date. */
export const build = async (): Promise<void> => {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  await promisify(execFile)(process.execPath, [compiler, '-b', appFolder])
}

/** What a process that has ended left. */
export type Ending = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

type Environment = Readonly<Record<string, string>>

/** Starts Node with these arguments; `meanwhile` gets the process and its output so far whenever there is more. */
export const runNode = (
  args: readonly string[],
  env: Environment = {},
  meanwhile: (child: ChildProcess, stdout: string) => void = () => undefined,
): Promise<Ending> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8')
      meanwhile(child, stdout)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })

/** Runs the compiled program. */
export const runProgram = (
  args: readonly string[],
  env?: Environment,
  meanwhile?: (child: ChildProcess, stdout: string) => void,
): Promise<Ending> => runNode([compiled('main.js'), ...args], env, meanwhile)
