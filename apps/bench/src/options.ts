import { parseArgs } from 'node:util'
import { workloads as rivalsWorkloads, type Workload as RivalsWorkload } from './rivals/specs.js'

const workloads = ['rivals', 'graph', 'checkpoint', 'first'] as const
type Workload = (typeof workloads)[number]

export interface Options {
  readonly workload: Workload
  readonly only: readonly RivalsWorkload[]
  readonly layers: readonly number[]
  readonly rounds: number
  readonly device: string
  readonly python: string
  readonly write: boolean
  readonly help: boolean
}

export const usage: string = `npm run bench -- [rivals | graph | checkpoint | first] [options]

  rivals          training and inference beside jax-js, TensorFlow.js, and JAX, Flax NNX and PyTorch where Python has them;
                  the JavaScript rivals are installed into a folder of their own at the first run
  graph           what split, merge, update and the lifted jit of a function that does nothing
                  cost on many small layers, beside Flax NNX where Python has it
  checkpoint      memory and time of the gradient of a stack of layers, with and without checkpoint
  first           what the first call of the training steps of the MLP and the GPT consists of, each in a fresh process

  --only LIST     of rivals: ${rivalsWorkloads.join(', ')}   (all)
  --device NAME   of rivals and first: the device of linum   (wasm)
  --write         of rivals: put the tables and the chart into apps/bench
  --layers LIST   numbers of layers   (100,1000,10000 for graph, 24 for checkpoint)
  --rounds N      rounds that each number is the best of   (5 of 200 ms for rivals, 5 calls for first, 30 of 20 ms)
  --python PATH   the Python of JAX, Flax and PyTorch   (python3, or LINUM_PYTHON)
  --help          this text
`

const count = (name: string, text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`--${name} takes positive integers, got '${text}'`)
  return n
}

const chosen = (text: string | undefined): readonly RivalsWorkload[] => {
  if (text === undefined) return rivalsWorkloads
  return text.split(',').map((name) => {
    const workload = rivalsWorkloads.find((w) => w === name)
    if (workload === undefined)
      throw new RangeError(`--only takes names of workloads, got '${name}'; there are ${rivalsWorkloads.join(', ')}`)
    return workload
  })
}

/** Throws an error with a sentence for the user where the arguments make no sense. */
export const readOptions = (args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      layers: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      device: { type: 'string', default: 'wasm' },
      write: { type: 'boolean', default: false },
      python: { type: 'string', default: env['LINUM_PYTHON'] ?? 'python3' },
      help: { type: 'boolean', default: false },
    },
  })
  const [name = 'rivals', ...more] = positionals
  const workload = workloads.find((w) => w === name)
  if (workload === undefined || more.length > 0)
    throw new RangeError(`unknown workload, got '${[name, ...more].join(' ')}'; there are ${workloads.join(', ')}`)
  return {
    workload,
    only: chosen(values.only),
    layers: (values.layers ?? (workload === 'graph' ? '100,1000,10000' : '24'))
      .split(',')
      .map((n) => count('layers', n)),
    rounds: count('rounds', values.rounds ?? (workload === 'rivals' || workload === 'first' ? '5' : '30')),
    device: values.device,
    python: values.python,
    write: values.write,
    help: values.help,
  }
}
