/** Microseconds per call of `f`: the least and the middle of the rounds. */
export interface Time {
  readonly best: number
  readonly median: number
}

/** Long enough for a clock of a microsecond, short enough for many rounds. */
const roundMilliseconds = 20

const timed = (f: () => void, calls: number): number => {
  const from = performance.now()
  for (let i = 0; i < calls; i++) f()
  return performance.now() - from
}

/** Measures `f` in rounds of equal length, after as long a warm-up. */
export const measure = (f: () => void, rounds: number): Time => {
  let calls = 1
  while (timed(f, calls) < roundMilliseconds) calls *= 2
  const times = Array.from({ length: rounds }, () => (timed(f, calls) / calls) * 1000).sort((a, b) => a - b)
  return { best: times[0]!, median: times[Math.floor(times.length / 2)]! }
}
