import { callback } from './callback.js'

const fill = (format: string, values: readonly unknown[]): string => {
  let next = 0
  return format.replace(/\{\}/g, () => String(values[next++]))
}

/**
 * Writes a line to the console whenever the program runs: `format` with each `{}` replaced by the next value, which
 * prints as NumPy prints it. Works inside compiled code, loops and transforms; see `debug.callback`. Throws TypeError
 * where the numbers of places and values differ.
 */
export const print = (format: string, ...values: readonly unknown[]): void => {
  const places = format.split('{}').length - 1
  if (places !== values.length)
    throw new TypeError(
      `debug.print: the format has ${places} places for values, got ${values.length}; write one {} per value`,
    )
  callback(
    (...known: readonly unknown[]) => {
      console.log(fill(format, known))
    },
    ...values,
  )
}
