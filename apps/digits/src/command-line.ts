import { parseArgs } from 'node:util'
import { InputError } from './failure.js'

/** An option that takes a value. */
export type Option<T> = {
  /** What stands for the value in the help, such as `<n>`. */
  readonly placeholder: string
  readonly about: string
  /** The value where the option is not mentioned. */
  readonly fallback: T
  /** The value of a text; throws {@link InputError} for one that cannot be used. */
  readonly read: (name: string, text: string) => T
}

/** An option for each of the values V. */
export type OptionTable<V> = { readonly [K in keyof V]: Option<V[K]> }

/** Says what is wrong with the value of an option. */
export const badValue = (name: string, wanted: string, text: string): never => {
  throw new InputError(`--${name} must be ${wanted}, got ${JSON.stringify(text)}; see --help`)
}

/** A whole number from `low` to `high`. */
export const whole = (
  fallback: number,
  [low, high]: readonly [low: number, high: number],
  about: string,
): Option<number> => ({
  placeholder: '<n>',
  about: `${about} (default ${fallback})`,
  fallback,
  read: (name, text) =>
    /^\d{1,10}$/.test(text) && Number(text) >= low && Number(text) <= high
      ? Number(text)
      : badValue(name, `a whole number from ${low} to ${high}`, text),
})

/** A number above 0 and at most 10. */
export const rate = (fallback: number, about: string): Option<number> => ({
  placeholder: '<x>',
  about: `${about} (default ${fallback})`,
  fallback,
  read: (name, text) => {
    const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
    return value > 0 && value <= 10 ? value : badValue(name, 'a number above 0 and at most 10', text)
  },
})

/** Any text but an empty one. */
export const text = (fallback: string, placeholder: string, about: string): Option<string> => ({
  placeholder,
  about: `${about} (default ${JSON.stringify(fallback)})`,
  fallback,
  read: (name, value) => (value === '' ? badValue(name, 'a text', value) : value),
})

/** `--seed`, saying what it is the seed of. */
export const seedOption = (of: string): Option<number> =>
  whole(0, [0, 2 ** 32 - 1], `seed of ${of}; the same seed gives the same result`)

/** `--device`; null for the library's choice. */
export const deviceOption: Option<string | null> = {
  placeholder: '<name>',
  about: "where to compute: js, wasm or gpu, as far as this machine has them (default: the library's choice)",
  fallback: null,
  read: (name, text) => (/^[\w-]{1,32}$/.test(text) ? text : badValue(name, 'the name of a device such as js', text)),
}

const optionsOf = (table: object): ReadonlyMap<string, Option<unknown>> =>
  new Map(Object.entries(table as Readonly<Record<string, Option<unknown>>>))

/** The values where nothing is mentioned. */
export const defaultsOf = <V extends object>(table: OptionTable<V>): V & { readonly help: boolean } =>
  Object.fromEntries([
    ...[...optionsOf(table)].map(([name, { fallback }]) => [name, fallback]),
    ['help', false],
  ]) as V & {
    readonly help: boolean
  }

/**
 * Values from the command line, the last mention of each counting; whatever is not mentioned has its default.
 *
 * @throws {@link InputError} for an unknown option, a stray argument, or a missing or unusable value.
 */
export const parseCommandLine = <V extends object>(
  table: OptionTable<V>,
  args: readonly string[],
): V & { readonly help: boolean } => {
  const options = optionsOf(table)
  const valued = Object.fromEntries([...options.keys()].map((name) => [name, { type: 'string' as const }]))
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...valued, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  })
  return tokens.reduce((values, token) => {
    if (token.kind === 'option-terminator') return values
    if (token.kind === 'positional') {
      throw new InputError(`takes options only, got ${JSON.stringify(token.value)}; see --help`)
    }
    if (token.name === 'help') {
      if (token.value !== undefined) throw new InputError(`--help takes no value, got ${JSON.stringify(token.value)}`)
      return { ...values, help: true }
    }
    const option = options.get(token.name)
    if (option === undefined) {
      const known = [...options.keys(), 'help'].map((name) => `--${name}`).join(' ')
      throw new InputError(`unknown option ${JSON.stringify(token.rawName)}; the options are ${known}`)
    }
    if (token.value === undefined) throw new InputError(`--${token.name} needs a value; see --help`)
    return { ...values, [token.name]: option.read(token.name, token.value) }
  }, defaultsOf(table))
}

/** A line of help for each option. */
export const helpLines = (table: object): readonly string[] => {
  const rows = [
    ...[...optionsOf(table)].map(([name, { placeholder, about }]) => [`--${name} ${placeholder}`, about] as const),
    ['-h, --help', 'this text'] as const,
  ]
  const width = Math.max(...rows.map(([form]) => form.length))
  return rows.map(([form, about]) => `  ${form.padEnd(width)}  ${about}`)
}
