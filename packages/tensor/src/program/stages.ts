/** What the first call of a compiled function consists of, besides running. */
export type Stage =
  | 'trace'
  | 'backward'
  | 'hash'
  | 'inline'
  | 'simplify'
  | 'cse'
  | 'fuse'
  | 'lower'
  | 'cluster'
  | 'merge'
  | 'plan'
  | 'emit'
  | 'compile'

type Watch = (stage: Stage, milliseconds: number) => void

let watch: Watch | null = null
/** Time that stages within the one that runs have taken. */
let inner = 0

/** Reports what every stage takes from now on, without the stages within it; null for nobody. */
export const watchStages = (report: Watch | null): void => {
  watch = report
}

/** Runs a stage. */
export const inStage = <R>(stage: Stage, f: () => R): R => {
  if (watch === null) return f()
  const outer = inner
  inner = 0
  const from = performance.now()
  try {
    return f()
  } finally {
    const taken = performance.now() - from
    watch?.(stage, taken - inner)
    inner = outer + taken
  }
}
