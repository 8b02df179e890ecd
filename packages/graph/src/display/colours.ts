import type { Style } from './text.js'

const paint =
  (code: string) =>
  (text: string): string =>
    text === '' ? text : `\u001b[${code}m${text}\u001b[0m`

/** Colours of types of Variables, so that parameters and statistics are told apart at a glance. */
const variableColours = ['32', '33', '35', '34', '36']
const colourOf = (type: string): string => {
  if (type === 'Param') return variableColours[0]!
  let sum = 0
  for (const c of type) sum += c.charCodeAt(0)
  return variableColours[1 + (sum % (variableColours.length - 1))]!
}

/** A terminal's colours. */
export const coloured: Style = {
  lines: paint('90'),
  key: (text) => text,
  node: paint('1'),
  variable: (text) => paint(colourOf(text))(text),
  faint: paint('90'),
}
