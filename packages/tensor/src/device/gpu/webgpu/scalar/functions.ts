/** WGSL functions by name. What they call is found by its name before a parenthesis. */
export type Functions<Name extends string> = Readonly<Record<Name, string>>

/** A finite float32 number that is 0 or normal, as a literal in parentheses where it has a sign. */
export const literal = (value: number): string => {
  const single = Math.fround(value)
  return single < 0 ? `(${single}f)` : `${single}f`
}

/**
 * The polynomial whose coefficients are given, the constant one first, by Horner's rule. `x` is a name. Whether fma
 * rounds once or twice does not matter to polynomials.
 */
export const polynomial = (x: string, coefficients: readonly number[]): string =>
  coefficients.slice(0, -1).reduceRight((text, c) => `fma(${text}, ${x}, ${literal(c)})`, literal(coefficients.at(-1)!))
