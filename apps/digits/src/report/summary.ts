import type { Confusion, Misread } from '../confusion.js'
import { pixels } from '../dataset/digits.js'
import { drawDigit, sideBySide, type Ink } from './digit.js'

/** A share from 0 to 1 with two decimals. */
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`

const grouped = (n: number): string => n.toLocaleString('en')

/** What is known before training. */
export type Setting = {
  readonly trainSize: number
  readonly testSize: number
  readonly widths: readonly number[]
  readonly parameters: number
  readonly device: string
  readonly seed: number
}

/** One line on data, model and device. */
export const describeSetting = ({ trainSize, testSize, widths, parameters, device, seed }: Setting): string => {
  return (
    `${grouped(trainSize)} digits to learn from, ${grouped(testSize)} for the test; ` +
    `layers ${widths.join('-')}, ${grouped(parameters)} parameters; device ${device}, seed ${seed}`
  )
}

/** One line on the test and the time that training took. */
export const describeResult = (result: {
  readonly accuracy: number
  readonly testSize: number
  readonly steps: number
  readonly seconds: number
}): string => {
  const { accuracy, testSize, steps, seconds } = result
  const right = Math.round(accuracy * testSize)
  return (
    `Test accuracy ${percent(accuracy)} (${right} of ${testSize}); ` +
    `${steps} steps in ${seconds.toFixed(1)} s, ${(steps / seconds).toFixed(1)} steps/s`
  )
}

/** The most frequent confusions, one a line. */
export const describeConfusions = (confusions: readonly Confusion[]): readonly string[] =>
  confusions.length === 0
    ? ['No digit was misread']
    : [
        'Most confused',
        ...confusions.map(
          ({ truth, read, count }) => `  ${truth} read as ${read}  ${count === 1 ? 'once' : `${count} times`}`,
        ),
      ]

/** Some misread digits, as many to a row as fit into `width` columns. */
export const drawMistakes = (
  mistakes: readonly Misread[],
  images: Uint8Array,
  ink: Ink,
  width: number,
): readonly string[] => {
  if (mistakes.length === 0) return []
  const perRow = Math.max(1, Math.floor((width + 2) / 30))
  const drawings = mistakes.map(({ index, truth, read, confidence }) => ({
    caption: `${truth} read as ${read}, ${Math.round(100 * confidence)} % sure`,
    lines: drawDigit(images.subarray(index * pixels, (index + 1) * pixels), ink),
  }))
  const rows = Array.from({ length: Math.ceil(drawings.length / perRow) }, (_, i) =>
    drawings.slice(i * perRow, (i + 1) * perRow),
  )
  return ['Surest mistakes', ...rows.flatMap((row) => ['', ...sideBySide(row)])]
}
