#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { locateDataset } from './dataset/locate.js'
import { Failure } from './failure.js'
import { watchSignals } from './interrupt.js'
import { helpText, parseOptions } from './options.js'
import { oneLine, screenOn } from './report/screen.js'

const appFolder = fileURLToPath(new URL('..', import.meta.url))

const main = async (args: readonly string[]): Promise<void> => {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(helpText)
    return
  }
  const interrupt = watchSignals(process)
  try {
    const paths = locateDataset(appFolder, process.env)
    // Loaded late: help and mistyped options need no library.
    const { run } = await import('./run.js')
    await run(options, paths, screenOn(process.stdout, process.stderr, process.env), interrupt.signal)
  } finally {
    interrupt.dispose()
  }
}

const message = (error: unknown): string => {
  if (error instanceof Failure) return oneLine(error.message)
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

// The reader of a pipe, such as head, may leave early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`digits: ${message(error)}\n`)
  process.exitCode = error instanceof Failure ? error.exitCode : 1
}
