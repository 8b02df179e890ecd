/** Says when to do again what takes time away from training. */
export interface Cadence {
  readonly due: () => boolean
  /** Does it, due or not. */
  readonly perform: <T>(f: () => Promise<T>) => Promise<T>
}

/** At most every `interval` milliseconds, and so rarely that it takes at most a third of the time. */
export const cadence = (interval: number, now: () => number = () => performance.now()): Cadence => {
  let [ended, took] = [-Infinity, 0]
  return {
    due: () => now() - ended >= Math.max(interval, 2 * took),
    perform: async (f) => {
      const from = now()
      try {
        return await f()
      } finally {
        ended = now()
        took = ended - from
      }
    },
  }
}
