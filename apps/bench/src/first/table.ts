import { type Breakdown, parts } from './breakdown.js'

const milliseconds = (x: number): string => x.toFixed(1)

/** One column per workload, its parts below each other. */
export const firstTable = (columns: Readonly<Record<string, Breakdown>>): string => {
  const all = Object.values(columns)
  const rows = [
    ['first call, ms', ...Object.keys(columns)],
    ['---', ...all.map(() => '---:')],
    ...parts.map((part) => [part, ...all.map((b) => milliseconds(b.parts[part]))]),
    ['together', ...all.map((b) => milliseconds(b.total))],
    ['second call', ...all.map((b) => milliseconds(b.second))],
  ]
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
