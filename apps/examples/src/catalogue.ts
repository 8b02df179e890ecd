import { helpLines, InputError, parseCommandLine, selectDevice } from 'digits/program'
import type { CommonOptions, Example, Stage } from './example.js'

type Entry = {
  readonly summary: string
  readonly start: (args: readonly string[], usage: (lines: readonly string[]) => void, stage: Stage) => Promise<void>
}

/** Loads an example only when it is asked for. */
const entry = <O extends CommonOptions>(summary: string, load: () => Promise<Example<O>>): Entry => ({
  summary,
  start: async (args, usage, stage) => {
    const { options: table, run } = await load()
    const options = parseCommandLine(table, args)
    if (options.help) return usage(helpLines(table))
    await selectDevice(options.device, stage.screen.note)
    await run(options, stage)
  },
})

const entries: ReadonlyMap<string, Entry> = new Map([
  ['cnn', entry('a convolutional network reads handwritten digits', async () => (await import('./cnn/main.js')).cnn)],
  ['lstm', entry('a recurrent network reads digits row by row', async () => (await import('./lstm/main.js')).lstm)],
  ['vae', entry('a variational autoencoder draws digits of its own', async () => (await import('./vae/main.js')).vae)],
  [
    'lora',
    entry('a frozen network learns turned digits by adapters', async () => (await import('./lora/main.js')).lora),
  ],
  ['gpt', entry('a transformer learns to write like Moby Dick', async () => (await import('./gpt/main.js')).gpt)],
])

/** The names of all examples. */
export const names: readonly string[] = [...entries.keys()]

const overview: readonly string[] = [
  'Examples of linum, each a program to run and to read.',
  '',
  'Usage: npm run example -- <name> [options]',
  '',
  ...[...entries].map(([name, { summary }]) => `  ${name.padEnd(6)}${summary}`),
  '',
  'npm run example -- <name> --help shows the options of one.',
]

/**
 * Runs the example that the first argument names, or shows which there are.
 *
 * @throws {@link InputError} for another name, or for options that the example has not
 */
export const play = async ([name, ...args]: readonly string[], stage: Stage): Promise<void> => {
  const { line } = stage.screen
  if (name === undefined || name === '--help' || name === '-h') return overview.forEach(line)
  const found = entries.get(name)
  if (found === undefined) throw new InputError(`there is no example ${JSON.stringify(name)}, only ${names.join(', ')}`)
  const usage = (lines: readonly string[]): void =>
    [`${name}: ${found.summary}`, '', `Usage: npm run example -- ${name} [options]`, '', ...lines].forEach(line)
  await found.start(args, usage, stage)
}
