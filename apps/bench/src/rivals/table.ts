import type { BundleSize } from './bundle.js'
import type { Cell, Comparison, Timing } from './compare.js'
import { specs, type Workload } from './specs.js'
import type { StartTime } from './start.js'

/** All that one run of the comparison found. */
export interface Report extends Comparison {
  readonly starts: readonly StartTime[]
  readonly bundles: readonly BundleSize[]
}

const digits = (x: number): string =>
  x >= 1000 ? Math.round(x).toLocaleString('en-US') : x >= 100 ? x.toFixed(0) : x.toPrecision(3)

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Whether a cell holds times. */
export const isTiming = (cell: Cell | undefined): cell is Timing => cell !== undefined && 'best' in cell

/** Numbers the reasons for what is missing, each once. */
const footnotes = (): { readonly mark: (reason: string) => string; readonly text: () => string } => {
  const reasons: string[] = []
  return {
    mark: (reason) => {
      if (!reasons.includes(reason)) reasons.push(reason)
      return `(${reasons.indexOf(reason) + 1})`
    },
    text: () => reasons.map((reason, i) => `(${i + 1}) ${reason}`).join('\n\n'),
  }
}

const different = 'its first losses are not those of the leftmost library'

/** The tables as Markdown: ratios, then all numbers, then what a start, a page and a process cost. */
export const rivalsTables = ({ participants, absent, cells, starts, bundles }: Report): string => {
  const names = participants.map(({ name }) => name)
  const [first] = names
  const { mark, text } = footnotes()
  const cellOf = (workload: Workload, name: string): Cell | undefined => cells.get(workload)?.get(name)
  const ratio = (workload: Workload, name: string): string => {
    const [cell, ours] = [cellOf(workload, name), cellOf(workload, first!)]
    if (!isTiming(cell)) return cell === undefined ? '-' : `cannot ${mark(cell.cannot)}`
    const time = digits(cell.best)
    const times = name === first || !isTiming(ours) ? '' : ` (${digits(cell.best / ours.best)} x)`
    return `${time}${times}${cell.agrees ? '' : ` ${mark(different)}`}`
  }
  const full = (workload: Workload, name: string): string => {
    const cell = cellOf(workload, name)
    return isTiming(cell) ? `${digits(cell.best)} / ${digits(cell.median)} / ${digits(cell.firstCallMs)}` : '-'
  }
  const table = (show: (workload: Workload, name: string) => string): string =>
    markdown(
      ['', ...names],
      [...cells.keys()].map((workload) => [specs[workload].title, ...names.map((name) => show(workload, name))]),
    )
  const main = table(ratio)
  const startOf = (name: string): string => {
    const start = starts.find((s) => s.name === name)
    return start === undefined ? '-' : `${Math.round(start.best)} ms`
  }
  const sizeOf = (name: string): string => {
    const size = bundles.find((b) => name === b.name || name.startsWith(`${b.name},`))
    const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KB`
    if (size === undefined) return '-'
    return size.wasm === 0 ? kilobytes(size.gzipped) : `${kilobytes(size.gzipped)} + ${kilobytes(size.wasm)} wasm`
  }
  return [
    'Milliseconds of one step, the best of all rounds, and how many times those of the first column they are:',
    main,
    ...(text() === '' ? [] : [text()]),
    'Best / median / first call, in milliseconds:',
    table(full),
    `What a process costs from its start to the first step of the smallest model (a Node that does nothing: ${startOf('bare Node')}), the smallest program that trains as a page loads it (minified, gzipped), and the most memory the process of all workloads took:`,
    markdown(
      ['', 'version', 'start to first step', 'smallest program', 'peak memory'],
      participants.map(({ name, version, peakBytes }) => [
        name,
        version,
        startOf(name),
        sizeOf(name),
        `${Math.round(peakBytes / 2 ** 20)} MB`,
      ]),
    ),
    ...absent.map(({ name, reason }) => `Without ${name}: ${reason}.`),
  ].join('\n\n')
}
