/** What a run of the program is asked to do; the caller passes it as JSON. */
export interface Options {
  /** Cases to draw over all fixtures; null for every one. */
  readonly cases: number | null
  /** Other seeds draw other cases. */
  readonly seed: number
  /** Devices to run the cases on; those that share work among threads run them with one thread and with several. */
  readonly devices: readonly string[]
}

interface Host {
  readonly process?: { readonly argv: readonly string[] }
  readonly location?: { readonly search: string }
}

/** What the caller passed as JSON: the argument of a process, the query of a page or of a worker's script. */
export const readQuery = <O>(): O => {
  const { process, location } = globalThis as Host
  const text = process === undefined ? decodeURIComponent(location?.search.slice(1) ?? '') : process.argv[2]
  return JSON.parse(text ?? '') as O
}

/** The options of the program that every runtime runs. */
export const readOptions = (): Options => readQuery<Options>()
