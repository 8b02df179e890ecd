import { measureCheckpoint } from './checkpoint/measure.js'
import { checkpointTable } from './checkpoint/table.js'
import { measureFirst } from './first/measure.js'
import { firstTable } from './first/table.js'
import { measureFlax } from './graph/flax.js'
import { measureLinum, type Times } from './graph/linum.js'
import { graphTable } from './graph/table.js'
import { type Options, readOptions, usage } from './options.js'
import { runRivals } from './rivals/rivals.js'

const runCheckpoint = ({ layers, rounds }: Options): void => {
  for (const n of layers) process.stdout.write(`${n} layers\n\n${checkpointTable(measureCheckpoint(n, rounds))}\n\n`)
}

const runFirst = ({ device, rounds }: Options): void => {
  const [mlp, gpt] = (['mlp', 'gpt'] as const).map((workload) => measureFirst(workload, device, rounds)[0]!)
  process.stdout.write(`${firstTable({ MLP: mlp!, GPT: gpt! })}\n`)
}

const runGraph = ({ layers, rounds, python }: Options): void => {
  const bySize = new Map<number, Times>()
  for (const n of layers) {
    process.stderr.write(`linum, ${n} layers\n`)
    bySize.set(n, measureLinum(n, rounds))
  }
  process.stderr.write(`Flax NNX by ${python}\n`)
  // The largest size takes Flax minutes and says nothing new.
  const { times, reason } = measureFlax(
    python,
    layers.filter((n) => n <= 1000),
    Math.min(rounds, 10),
  )
  if (times === null) process.stderr.write(`without Flax: ${reason}\n`)
  process.stdout.write(`${graphTable(bySize, times)}\n`)
}

try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.help) process.stdout.write(usage)
  else if (options.workload === 'rivals') await runRivals(options)
  else if (options.workload === 'graph') runGraph(options)
  else if (options.workload === 'first') runFirst(options)
  else runCheckpoint(options)
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n\n${usage}`)
  process.exitCode = 2
}
