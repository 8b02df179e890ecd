import { type FlaxTimes } from './flax.js'
import { calls, type Times } from './linum.js'

const number = (x: number): string => (x < 100 ? x.toPrecision(3) : Math.round(x).toLocaleString('en-US'))

/** The times as a Markdown table: a row per call and size, with Flax's beside it where it was measured. */
export const graphTable = (bySize: ReadonlyMap<number, Times>, flax: FlaxTimes | null): string => {
  const head = ['call', 'Variables', 'linum, best µs', 'median', 'µs per Variable']
  if (flax !== null) head.push(`Flax NNX ${flax.version}, best µs`, 'ratio')
  const rows = calls.flatMap((call) =>
    [...bySize].map(([layers, times]) => {
      const { best, median } = times[call]
      const cells = [
        call,
        (2 * layers).toLocaleString('en-US'),
        number(best),
        number(median),
        number(best / (2 * layers)),
      ]
      const theirs = flax?.best[String(layers)]?.[call]
      if (flax !== null)
        cells.push(
          theirs === undefined ? '-' : number(theirs),
          theirs === undefined ? '-' : `${number(theirs / best)} x`,
        )
      return cells
    }),
  )
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
