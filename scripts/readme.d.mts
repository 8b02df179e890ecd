/** The runnable examples of a Markdown text, in order. */
export function examples(text: string): string[]

/** Writes every example of every README as a module, and returns their URLs. */
export function writeExamples(): {
  /** The README, relative to the root of the repository. */
  path: string
  /** Whether it must have an example. */
  required: boolean
  modules: string[]
}[]
