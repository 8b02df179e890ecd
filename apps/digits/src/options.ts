import {
  badValue,
  defaultsOf,
  deviceOption,
  helpLines,
  type Option,
  type OptionTable,
  parseCommandLine,
  rate,
  seedOption,
  whole,
} from './command-line.js'

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

const widths = (fallback: readonly number[], about: string): Option<readonly number[]> => ({
  placeholder: '<n,...>',
  about: `${about} (default ${fallback.join(',')})`,
  fallback,
  read: (name, text) => {
    const sizes = text.split(',').map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : 0))
    const fits = sizes.length <= 8 && sizes.every((size) => size >= 1 && size <= 4096)
    return fits ? sizes : badValue(name, '1 to 8 layer widths from 1 to 4096, separated by commas', text)
  },
})

const table: OptionTable<Omit<Options, 'help'>> = {
  epochs: whole(10, [1, 1000], 'passes over the training digits'),
  batch: whole(100, [2, 10000], 'digits per step'),
  lr: rate(0.005, 'peak learning rate'),
  hidden: widths([256, 128], 'widths of the hidden layers'),
  seed: seedOption('weights, order, shifts and dropout'),
  device: deviceOption,
}

/** A run without options. */
export const defaults: Options = defaultsOf(table)

/**
 * Options from the command line, the last mention of each counting; whatever is not mentioned has its default.
 *
 * @throws {@link InputError} for an unknown option, a stray argument, or a missing or unusable value.
 */
export const parseOptions = (args: readonly string[]): Options => parseCommandLine(table, args)

/** The text of `--help`. */
export const helpText: string = `Trains a classifier on 10,000 handwritten digits and shows what it learned.

Usage: npm start -- [options]

${helpLines(table).join('\n')}
`
