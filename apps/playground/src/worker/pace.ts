/** Steps per second of late. */
export interface Pace {
  /** Forgets everything: training starts or goes on. */
  readonly restart: (steps: number) => void
  readonly mark: (steps: number) => void
  /** null before there is enough to tell. */
  readonly perSecond: () => number | null
}

const [window, enough] = [2000, 100]

/** Looks at the last two seconds. */
export const makePace = (now: () => number = () => performance.now()): Pace => {
  let marks: { readonly at: number; readonly steps: number }[] = []
  return {
    restart: (steps) => {
      marks = [{ at: now(), steps }]
    },
    mark: (steps) => {
      const at = now()
      marks.push({ at, steps })
      // One mark beyond the window stays, so that it is always covered.
      while (marks.length > 2 && at - marks[1]!.at > window) marks.shift()
    },
    perSecond: () => {
      const [from, to] = [marks[0], marks.at(-1)]
      if (from === undefined || to === undefined || to.at - from.at < enough) return null
      return (1000 * (to.steps - from.steps)) / (to.at - from.at)
    },
  }
}
