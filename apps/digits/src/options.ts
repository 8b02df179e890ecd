import { parseArgs } from 'node:util'
import { InputError } from './failure.js'

/** What one run is asked to do. */
export type Options = {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly hidden: readonly number[]
  readonly seed: number
  /** null: the device that the library takes by default. */
  readonly device: string | null
  readonly help: boolean
}

/** A run without options. */
export const defaults: Options = {
  epochs: 10,
  batch: 100,
  lr: 0.005,
  hidden: [256, 128],
  seed: 0,
  device: null,
  help: false,
}

const bad = (name: string, wanted: string, text: string): never => {
  throw new InputError(`--${name} must be ${wanted}, got ${JSON.stringify(text)}; see --help`)
}

const whole =
  (low: number, high: number) =>
  (name: string, text: string): number =>
    /^\d{1,10}$/.test(text) && Number(text) >= low && Number(text) <= high
      ? Number(text)
      : bad(name, `a whole number from ${low} to ${high}`, text)

const rate = (name: string, text: string): number => {
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  return value > 0 && value <= 10 ? value : bad(name, 'a number above 0 and at most 10', text)
}

const widths = (name: string, text: string): readonly number[] => {
  const sizes = text.split(',').map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : 0))
  const fits = sizes.length <= 8 && sizes.every((size) => size >= 1 && size <= 4096)
  return fits ? sizes : bad(name, '1 to 8 layer widths from 1 to 4096, separated by commas', text)
}

const deviceName = (name: string, text: string): string =>
  /^[\w-]{1,32}$/.test(text) ? text : bad(name, 'the name of a device such as js', text)

type Valued = Exclude<keyof Options, 'help'>

const readers: { readonly [K in Valued]: (name: string, text: string) => Options[K] } = {
  epochs: whole(1, 1000),
  batch: whole(2, 10000),
  lr: rate,
  hidden: widths,
  seed: whole(0, 2 ** 32 - 1),
  device: deviceName,
}

const isValued = (name: string): name is Valued => Object.hasOwn(readers, name)

const names = [...Object.keys(readers), 'help']

/**
 * Options from the command line, the last mention of each counting; whatever is not mentioned has its default.
 *
 * @throws {@link InputError} for an unknown option, a stray argument, or a missing or unusable value.
 */
export const parseOptions = (args: readonly string[]): Options => {
  const valued = Object.fromEntries(Object.keys(readers).map((name) => [name, { type: 'string' as const }]))
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...valued, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  })
  return tokens.reduce<Options>((options, token) => {
    if (token.kind === 'option-terminator') return options
    if (token.kind === 'positional') {
      throw new InputError(`takes options only, got ${JSON.stringify(token.value)}; see --help`)
    }
    if (token.name === 'help') {
      if (token.value !== undefined) throw new InputError(`--help takes no value, got ${JSON.stringify(token.value)}`)
      return { ...options, help: true }
    }
    if (!isValued(token.name)) {
      const known = names.map((name) => `--${name}`).join(' ')
      throw new InputError(`unknown option ${JSON.stringify(token.rawName)}; the options are ${known}`)
    }
    if (token.value === undefined) throw new InputError(`--${token.name} needs a value; see --help`)
    return { ...options, [token.name]: readers[token.name](token.name, token.value) }
  }, defaults)
}

/** The text of `--help`. */
export const helpText: string = `Trains a classifier on 10,000 handwritten digits and shows what it learned.

Usage: npm start -- [options]

  --epochs <n>      passes over the training digits (default ${defaults.epochs})
  --batch <n>       digits per step (default ${defaults.batch})
  --lr <x>          peak learning rate (default ${defaults.lr})
  --hidden <n,...>  widths of the hidden layers (default ${defaults.hidden.join(',')})
  --seed <n>        seed of weights, order, shifts and dropout; the same seed gives the same result (default ${defaults.seed})
  --device <name>   where to compute: js, wasm or gpu, as far as this machine has them (default: the library's choice)
  -h, --help        this text
`
