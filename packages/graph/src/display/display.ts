import { isDrawn, renderTree } from './tree.js'

/** What `display` has printed, and the same as a page. */
export interface Displayed {
  readonly text: string
  /** A self-contained HTML page. */
  readonly html: string
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c]!)

const page = (text: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>display</title>` +
  `<style>body{margin:1rem;background:#fff;color:#111}pre{font:13px/1.4 ui-monospace,Menlo,Consolas,monospace}</style></head>` +
  `<body><pre>${escape(text)}</pre></body></html>\n`

/** Prints graphs, Variables and States as trees, other values as they are. Reads no device that would have to be awaited. */
export const display = (...nodes: readonly unknown[]): Displayed => {
  const text = nodes.map((node) => (isDrawn(node) ? renderTree(node) : String(node))).join('\n')
  console.log(text)
  return { text, html: page(text) }
}
