import { GraphDef } from '../graphdef.js'
import { coloured } from './colours.js'
import { type Drawing, draw, isDrawn } from './drawing.js'
import { drawGraphDef } from './graphdef.js'
import { drawingPage } from './html.js'
import { drawingText } from './text.js'

/** What `display` has printed, and the same as a page. */
export interface Displayed {
  /** Without colours. */
  readonly text: string
  /** A self-contained HTML page without scripts: nodes open and close, arrays are heat maps. */
  readonly html: string
}

/** What notebooks of Deno and its kin ask for. */
const notebook = Symbol.for('Jupyter.display')

interface Terminal {
  readonly stdout?: { readonly isTTY?: boolean }
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Whether the console is a terminal that shows colours; NO_COLOR and FORCE_COLOR have the last word. */
const showsColours = (): boolean => {
  const terminal = (globalThis as { readonly process?: Terminal }).process
  const env = terminal?.env ?? {}
  if ((env['NO_COLOR'] ?? '') !== '') return false
  return (env['FORCE_COLOR'] ?? '0') !== '0' || terminal?.stdout?.isTTY === true
}

/**
 * Prints graphs, Variables, States and GraphDefs as trees, other values as they are: in colours where the console is a
 * terminal. The page in the result opens in any browser and shows by itself in notebooks. Reads no device that would
 * have to be awaited.
 */
export const display = (...nodes: readonly unknown[]): Displayed => {
  const parts = nodes.map((node): Drawing | string =>
    node instanceof GraphDef ? drawGraphDef(node) : isDrawn(node) ? draw(node) : String(node),
  )
  const textOf = (colour: boolean): string =>
    parts.map((part) => (typeof part === 'string' ? part : drawingText(part, colour ? coloured : undefined))).join('\n')
  const text = textOf(false)
  console.log(showsColours() ? textOf(true) : text)
  const html = drawingPage(parts)
  return Object.defineProperty({ text, html }, notebook, {
    value: () => ({ 'text/plain': text, 'text/html': html }),
  })
}
