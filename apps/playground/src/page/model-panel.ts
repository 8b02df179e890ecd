import type { ModelText } from '../protocol.js'
import { find } from './find.js'

/** The model as the library shows it. */
export interface ModelPanel {
  readonly show: (model: ModelText) => void
  readonly setParameters: (count: number) => void
}

/** The looks of the page for what `display` draws. */
const looks =
  '.linum{background:none!important;padding:0!important;color:inherit!important;font-size:12px!important;overflow:visible!important}'

/** Which nodes of a tree are open. */
const openOnes = (root: ParentNode): readonly boolean[] => [...root.querySelectorAll('details')].map(({ open }) => open)

/** `display(model).html` in the page, keeping open what was open where the tree is the same as before. */
const embed = (root: ShadowRoot, html: string): void => {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const before = openOnes(root)
  const style = document.createElement('style')
  style.textContent = `${[...page.querySelectorAll('style')].map((one) => one.textContent).join('')}${looks}`
  root.replaceChildren(style, ...page.body.children)
  const now = [...root.querySelectorAll('details')]
  if (now.length === before.length)
    now.forEach((details, i) => {
      details.open = before[i]!
    })
}

const tabs = ['tree', 'text', 'table'] as const

/** Tabs with the tree, its text and the table of calls. */
export const makeModelPanel = (): ModelPanel => {
  const buttons = tabs.map((name) => find(`tab-${name}`, HTMLButtonElement))
  const panels = tabs.map((name) => find(`panel-${name}`, HTMLElement))
  const root = find('panel-tree', HTMLElement).attachShadow({ mode: 'open' })
  const select = (chosen: number): void =>
    buttons.forEach((button, i) => {
      button.setAttribute('aria-selected', String(i === chosen))
      button.tabIndex = i === chosen ? 0 : -1
      panels[i]!.hidden = i !== chosen
    })
  buttons.forEach((button, i) => {
    button.addEventListener('click', () => select(i))
    button.addEventListener('keydown', ({ key }) => {
      const turn = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[key]
      if (turn === undefined) return
      const next = (i + turn) % tabs.length
      select(next)
      buttons[next]!.focus()
    })
  })
  select(0)
  return {
    show: ({ html, tree, table }) => {
      embed(root, html)
      panels[1]!.textContent = tree
      panels[2]!.textContent = table
    },
    setParameters: (count) => {
      find('parameters', HTMLElement).textContent = `${count.toLocaleString('en')} parameters`
    },
  }
}
