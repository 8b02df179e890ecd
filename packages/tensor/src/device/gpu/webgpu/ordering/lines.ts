/** Lines along the middle axis of a row-major array. */
export interface Lines {
  readonly outer: number
  readonly length: number
  readonly inner: number
}

export const countOf = ({ outer, inner }: Lines): number => outer * inner
export const elementsOf = (lines: Lines): number => countOf(lines) * lines.length

/** The text of where element `i` of a line lies. */
export const elementText = (line: string, i: string, length: string, inner: string): string =>
  `(${line} / ${inner} * ${length} + ${i}) * ${inner} + ${line} % ${inner}`
