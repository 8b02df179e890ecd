import type { Drawing, Entry } from './drawing.js'
import { pictureOf } from './picture.js'
import { formatBytes } from './summary.js'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c]!)

const span = (className: string, text: string): string =>
  text === '' ? '' : `<span class="${className}">${escapeHtml(text)}</span>`

/** A hue per class, the same on every page. */
const hueOf = (type: string): number => {
  let h = 7
  for (const c of type) h = (h * 31 + c.charCodeAt(0)) % 360
  return h
}
const typeName = (type: string): string =>
  type === '' ? '' : `<b class="type" style="--hue:${hueOf(type)}">${escapeHtml(type)}</b>`

/** Screen pixels of a cell: small arrays are drawn larger. */
const cellSize = (width: number, height: number): number =>
  Math.max(1, Math.min(16, Math.floor(480 / Math.max(width, height * 2))))

const short = (x: number): string => String(Number(x.toPrecision(4)))

const picture = (e: Entry): string => {
  const p = e.tensor === null ? null : pictureOf(e.tensor)
  if (p === null) return ''
  const cell = cellSize(p.width, p.height)
  const label = `${e.path === '' ? 'array' : e.path}: from ${short(-p.scale)} (blue) to ${short(p.scale)} (red)`
  return `<img src="${p.uri}" width="${p.width * cell}" height="${p.height * cell}" alt="${escapeHtml(label)}" title="${escapeHtml(label)}">`
}

const head = (e: Entry): string =>
  [
    e.key === null ? '' : `${span('key', String(e.key))}<span class="faint">: </span>`,
    [
      typeName(e.type),
      e.kind === 'node' || e.kind === 'shared'
        ? span('faint', e.text === '' ? '' : `(${e.text})`)
        : span('text', e.text),
      span('faint', e.metadata),
    ]
      .filter((part) => part !== '')
      .join(' '),
  ].join('')

/** Nodes this deep are closed at first. */
const openDepth = 3

const render = (e: Entry, depth: number): string => {
  const title = e.path === '' ? '' : ` title="${escapeHtml(e.path)}"`
  if (e.children.length > 0) {
    const open = depth < openDepth ? ' open' : ''
    return `<details${open}><summary${title}>${head(e)}</summary><ul>${e.children.map((c) => `<li>${render(c, depth + 1)}</li>`).join('')}</ul></details>`
  }
  const image = picture(e)
  // Closed arrays keep a page of many layers short.
  return image === ''
    ? `<div${title}>${head(e)}</div>`
    : `<details><summary${title}>${head(e)}</summary>${image}</details>`
}

const counts = ({ counts: perType }: Drawing): string => {
  if (perType.size === 0) return ''
  const rows = [...perType].map(
    ([type, { elements, bytes }]) =>
      `<tr><td>${typeName(type)}</td><td>${elements.toLocaleString('en-US')}</td><td>${formatBytes(bytes)}</td></tr>`,
  )
  return `<table><tr><th>Variables</th><th>elements</th><th>size</th></tr>${rows.join('')}</table>`
}

/** Everything is inside `.linum`, so that a notebook's page keeps its own looks. */
const style = `
.linum{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;color:#1b1b1f;background:#fff;padding:.75rem 1rem;overflow-x:auto}
.linum ul{list-style:none;margin:0 0 0 .45rem;padding:0 0 0 .9rem;border-left:1px solid #ddd}
.linum summary{cursor:pointer;border-radius:3px}.linum summary:hover,.linum li>div:hover{background:#f2f2f5}
.linum li>div{padding-left:1.05rem}
.linum .key{color:#1b1b1f}.linum .faint{color:#8a8a92}.linum .text{color:#45454d}
.linum .type{font-weight:600;color:hsl(var(--hue) 60% 35%)}
.linum img{display:block;margin:.25rem 0 .5rem 1.1rem;image-rendering:pixelated;border:1px solid #ddd;max-width:calc(100% - 2rem)}
.linum table{border-collapse:collapse;margin:0 0 .6rem}.linum th,.linum td{text-align:right;padding:0 .8rem 0 0;font-weight:400}
.linum th{color:#8a8a92}.linum th:first-child,.linum td:first-child{text-align:left}
.linum .legend i{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .9em;border-radius:2px}
@media (prefers-color-scheme:dark){.linum{color:#e6e6ea;background:#17171b}.linum ul,.linum img{border-color:#3a3a42}
.linum .key{color:#e6e6ea}.linum .text{color:#c2c2ca}.linum .type{color:hsl(var(--hue) 70% 70%)}.linum summary:hover,.linum li>div:hover{background:#24242a}}
`

const legend =
  '<div class="legend faint">heat maps: <i style="background:#2166ac"></i>below zero<i style="background:#f7f7f7;outline:1px solid #ccc"></i>zero<i style="background:#b2182b"></i>above<i style="background:#e600e6"></i>NaN<i style="background:#ffaa00"></i>+Inf<i style="background:#00a05a"></i>-Inf</div>'

/** Drawings, and plain texts between them, as one self-contained page without scripts: nodes open and close, arrays are pictures. */
export const drawingPage = (parts: readonly (Drawing | string)[]): string => {
  const body = parts.map((part) =>
    typeof part === 'string' ? `<pre>${escapeHtml(part)}</pre>` : `${counts(part)}${render(part.root, 0)}`,
  )
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>display</title><style>body{margin:0}${style}</style></head>` +
    `<body><div class="linum">${body.join('<hr>')}${legend}</div></body></html>\n`
  )
}
