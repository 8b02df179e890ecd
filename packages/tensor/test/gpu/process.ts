import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { useSoftwareDriver } from './available.js'

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly errors: string
}

/** Runs a program of its own process, written as a module in this folder would be. Fails the test if it has to be stopped. */
export const runModule = (source: string, env: Readonly<Record<string, string>> = {}): Promise<Ending> => {
  useSoftwareDriver()
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', source],
      {
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        env: { ...process.env, ...env },
        timeout: 60_000,
        killSignal: 'SIGKILL',
      },
      (error, out, errors) => {
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : null,
          signal: error?.signal ?? null,
          out,
          errors,
        })
      },
    )
  })
}
