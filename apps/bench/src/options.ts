import { parseArgs } from 'node:util'

const workloads = ['graph', 'checkpoint'] as const
type Workload = (typeof workloads)[number]

export interface Options {
  readonly workload: Workload
  readonly layers: readonly number[]
  readonly rounds: number
  readonly python: string
  readonly help: boolean
}

export const usage = `npm run bench -- [graph | checkpoint] [options]

  graph           what split, merge, update and the lifted jit of a function that does nothing
                  cost on many small layers, beside Flax NNX where Python has it
  checkpoint      memory and time of the gradient of a stack of layers, with and without checkpoint

  --layers LIST   numbers of layers   (100,1000,10000 for graph, 24 for checkpoint)
  --rounds N      rounds of 20 ms that each number is the best of   (30)
  --python PATH   the Python to run Flax with   (python3, or LINUM_PYTHON)
  --help          this text
`

const count = (name: string, text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`--${name} takes positive integers, got '${text}'`)
  return n
}

/** Throws an error with a sentence for the user where the arguments make no sense. */
export const readOptions = (args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      layers: { type: 'string' },
      rounds: { type: 'string', default: '30' },
      python: { type: 'string', default: env['LINUM_PYTHON'] ?? 'python3' },
      help: { type: 'boolean', default: false },
    },
  })
  const [name = 'graph', ...more] = positionals
  const workload = workloads.find((w) => w === name)
  if (workload === undefined || more.length > 0)
    throw new RangeError(`unknown workload, got '${[name, ...more].join(' ')}'; there are ${workloads.join(' and ')}`)
  return {
    workload,
    layers: (values.layers ?? (workload === 'graph' ? '100,1000,10000' : '24'))
      .split(',')
      .map((n) => count('layers', n)),
    rounds: count('rounds', values.rounds),
    python: values.python,
    help: values.help,
  }
}
