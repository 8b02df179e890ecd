import { Failure } from './failure.js'
import { watchSignals } from './interrupt.js'
import { oneLine } from './report/screen.js'

const message = (error: unknown): string => {
  if (error instanceof Failure) return oneLine(error.message)
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/**
 * Runs the program of this process: with its arguments, and a signal that aborts on Ctrl-C and SIGTERM. A
 * {@link Failure} is told in one line and gives the exit code.
 */
export const launch = async (
  name: string,
  main: (args: readonly string[], signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  // The reader of a pipe, such as head, may leave early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(141)
  })
  const interrupt = watchSignals(process)
  try {
    await main(process.argv.slice(2), interrupt.signal)
  } catch (error) {
    process.stderr.write(`${name}: ${message(error)}\n`)
    process.exitCode = error instanceof Failure ? error.exitCode : 1
  } finally {
    interrupt.dispose()
  }
}
