import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const open = '<!-- rivals -->'
const close = '<!-- end of rivals -->'

/** The text with what is between the markers replaced. Throws where they are missing. */
export const withRivals = (text: string, report: string): string => {
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < from)
    throw new Error(`withRivals: the text must have '${open}' and then '${close}'; put them where the tables belong`)
  return `${text.slice(0, from + open.length)}\n\n${report}\n\n${text.slice(to)}`
}

/** Puts tables and chart into this package. */
export const writeReport = (tables: string, chart: string): void => {
  const readme = fileURLToPath(new URL('../../README.md', import.meta.url))
  writeFileSync(readme, withRivals(readFileSync(readme, 'utf8'), tables))
  writeFileSync(fileURLToPath(new URL('../../chart.svg', import.meta.url)), chart)
}
