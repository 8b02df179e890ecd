#!/usr/bin/env node
import { datasetPaths } from './dataset/locate.js'
import { launch } from './launch.js'
import { helpText, parseOptions } from './options.js'
import { screenOn } from './report/screen.js'

await launch('digits', async (args, signal) => {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(helpText)
    return
  }
  const paths = datasetPaths(process.env)
  // Loaded late: help and mistyped options need no library.
  const { run } = await import('./run.js')
  await run(options, paths, screenOn(process.stdout, process.stderr, process.env), signal)
})
