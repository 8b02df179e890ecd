import { type Comparison } from './compare.js'
import { specs } from './specs.js'
import { isTiming } from './table.js'

const width = 920
const left = 340
const right = 30
const top = 64
const rowHeight = 44

/** One colour per library, told apart in light and in dark. */
const colours = ['#2f7ed8', '#7fb2ea', '#e08a1e', '#c0392b', '#2e9e6b', '#8e5bbf', '#8c7a3d']

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

const coordinate = (x: number): string => x.toFixed(1).replace(/\.0$/, '')

/** Powers of ten around all ratios. */
const extent = (ratios: readonly number[]): readonly [number, number] => {
  const logs = ratios.map(Math.log10)
  return [Math.min(-1, Math.floor(Math.min(0, ...logs))), Math.max(1, Math.ceil(Math.max(0, ...logs)))]
}

const label = (exponent: number): string => (exponent < 0 ? `1/${10 ** -exponent}` : String(10 ** exponent))

/**
 * The ratios of a comparison as SVG: a row per workload, a dot per library, on a logarithmic scale with the first library
 * at 1. Its text takes the colour that light and dark pages need.
 */
export const rivalsChart = ({ participants, cells }: Comparison): string => {
  const names = participants.map(({ name }) => name)
  const [first, ...others] = names
  const rows = [...cells].flatMap(([workload, row]) => {
    const ours = row.get(first!)
    if (!isTiming(ours)) return []
    const dots = others.flatMap((name, i) => {
      const cell = row.get(name)
      return isTiming(cell) ? [{ name, colour: colours[(i + 1) % colours.length]!, ratio: cell.best / ours.best }] : []
    })
    return [{ title: specs[workload].title, dots }]
  })
  const [low, high] = extent(rows.flatMap(({ dots }) => dots.map(({ ratio }) => ratio)))
  const x = (ratio: number): string =>
    coordinate(left + ((Math.log10(ratio) - low) / (high - low)) * (width - left - right))
  const bottom = top + rows.length * rowHeight
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
    (exponent) =>
      `<line class="${exponent === 0 ? 'one' : 'grid'}" x1="${x(10 ** exponent)}" x2="${x(10 ** exponent)}" y1="${top - 8}" y2="${bottom}"/>` +
      `<text class="small" text-anchor="middle" x="${x(10 ** exponent)}" y="${bottom + 18}">${label(exponent)}</text>`,
  )
  const legendStep = (width - 20) / names.length
  const legend = names.map(
    (name, i) =>
      `<circle cx="${coordinate(16 + i * legendStep)}" cy="20" r="6" fill="${colours[i % colours.length]}"/>` +
      `<text class="small" x="${coordinate(27 + i * legendStep)}" y="24">${escaped(name)}</text>`,
  )
  const marks = rows.map(({ title, dots }, i) => {
    const y = top + (i + 0.5) * rowHeight
    return [
      `<text text-anchor="end" x="${left - 14}" y="${y + 4}">${escaped(title)}</text>`,
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/>`,
      `<circle cx="${x(1)}" cy="${y}" r="7" fill="${colours[0]}"/>`,
      ...dots.map(
        ({ name, colour, ratio }) =>
          `<circle cx="${x(ratio)}" cy="${y}" r="6" fill="${colour}"><title>${escaped(name)}: ${ratio.toPrecision(3)} x</title></circle>`,
      ),
    ].join('\n')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 48}" role="img" aria-label="Time of one step, as a multiple of that of ${escaped(first ?? '')}">
<style>
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 12px }
.grid { stroke: #8b949e; stroke-opacity: 0.35 }
.one { stroke: #8b949e; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>
${[...legend, ...ticks, ...marks].join('\n')}
<text class="small" text-anchor="middle" x="${coordinate((left + width - right) / 2)}" y="${bottom + 38}">time of one step, times that of ${escaped(first ?? '')}; left is faster, right is slower</text>
</svg>
`
}
