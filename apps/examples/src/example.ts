import type { OptionTable, Progress, Screen } from 'digits/program'

/** What every example takes. */
export type CommonOptions = {
  readonly seed: number
  /** null: the device that the library takes by default. */
  readonly device: string | null
}

/** Where an example shows itself, and what ends it early. */
export type Stage = { readonly screen: Screen; readonly signal: AbortSignal }

/** How a training shows itself, and what ends it early. */
export type Watch = { readonly progress: Progress; readonly signal: AbortSignal }

/** A program to run and to read. */
export type Example<O extends CommonOptions> = {
  readonly options: OptionTable<O>
  readonly run: (options: O, stage: Stage) => Promise<void>
}
