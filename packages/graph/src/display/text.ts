import { type Drawing, draw, type Entry } from './drawing.js'
import { type Count, formatBytes } from './summary.js'

/** How parts of a drawing are set off: plain, or with a terminal's colours. */
export interface Style {
  readonly lines: (text: string) => string
  readonly key: (text: string) => string
  readonly node: (text: string) => string
  readonly variable: (text: string) => string
  readonly faint: (text: string) => string
}

const same = (text: string): string => text
const plain: Style = { lines: same, key: same, node: same, variable: same, faint: same }

const words = (...parts: readonly string[]): string => parts.filter((p) => p !== '').join(' ')

const lineOf = (e: Entry, style: Style): string => {
  switch (e.kind) {
    case 'node':
      return words(style.node(e.type), style.faint(e.text === '' ? '' : `(${e.text})`))
    case 'variable':
      return words(style.variable(e.type), e.text, style.faint(e.metadata))
    case 'shared':
      return words(e.type, style.faint(`(${e.text})`))
    case 'value':
      return words(e.type, e.text)
  }
}

const render = (e: Entry, label: string, indent: string, style: Style, out: string[]): void => {
  out.push(`${label}${lineOf(e, style)}`)
  e.children.forEach((child, i) => {
    const last = i === e.children.length - 1
    const name = child.key === null ? '' : `${style.key(String(child.key))}: `
    render(
      child,
      `${style.lines(indent + (last ? '└─ ' : '├─ '))}${name}`,
      `${indent}${last ? '   ' : '│  '}`,
      style,
      out,
    )
  })
}

/** `Param: 9 (36 B), BatchStat: 3 (12 B)`. */
export const formatCounts = (counts: ReadonlyMap<string, Count>): string =>
  [...counts]
    .map(([type, { elements, bytes }]) => `${type}: ${elements.toLocaleString('en-US')} (${formatBytes(bytes)})`)
    .join(', ')

/** A drawing as lines of text; the first one counts the elements per type of Variable. */
export const drawingText = ({ root, counts }: Drawing, style: Style = plain): string => {
  const lines: string[] = []
  render(root, '', '', style, lines)
  const total = formatCounts(counts)
  if (total !== '' && lines.length > 1) lines[0] = `${lines[0]} ${style.faint(`# ${total}`)}`
  return lines.join('\n')
}

/**
 * A graph or State as text: class, attributes in order, Variables with dtype, shape and statistics; what is
 * reached twice refers to where it stands first. The first line counts the elements per type of Variable.
 */
export const renderTree = (value: unknown): string => drawingText(draw(value))
