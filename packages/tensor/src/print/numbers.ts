import { type DType, isFloat, type StoredDType } from '../core/dtype.js'
import { fitOf } from '../core/host.js'

interface Decimal {
  readonly digits: string
  /** Of the first digit. */
  readonly exponent: number
}

/** The magnitude rounded to `count` digits, halves to the even digit. */
const decimal = (x: number, count: number): Decimal => {
  const split = (n: number): [string, string] =>
    Math.abs(x)
      .toExponential(n - 1)
      .replace('.', '')
      .split('e') as [string, string]
  const [digits, exponent] = split(count)
  // JavaScript rounds halves up.
  const last = Number(digits.at(-1))
  const half = last % 2 === 1 && /^50*$/.test(split(101)[0].slice(count))
  return { digits: half ? digits.slice(0, -1) + String(last - 1) : digits, exponent: Number(exponent) }
}

type Round = (x: number) => number

/** The shortest decimal that reads back as the same number of its dtype. */
const shortest = (x: number, round: Round): Decimal => {
  let count = 1
  while (count < 17 && round(Number(x.toExponential(count - 1))) !== x) count++
  const { digits, exponent } = decimal(x, count)
  return { digits: digits.replace(/0+$/, '') || '0', exponent }
}

const precision = 8
const unit = 10 ** precision
/** From here on, and below the least, numbers are printed with exponents. */
const greatest = 1e6
const least = 1e-4

const special = (x: number): string => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf')

/** Integer and fractional digits in positional notation, rounded to NumPy's precision. */
const positional = (x: number, round: Round): readonly [string, string] => {
  const sign = x < 0 || Object.is(x, -0) ? '-' : ''
  if (x === 0) return [`${sign}0`, '']
  const { digits, exponent } = shortest(x, round)
  const all = exponent < 0 ? '0'.repeat(-exponent) + digits : digits.padEnd(exponent + 1, '0')
  const point = exponent < 0 ? 1 : exponent + 1
  const [whole, fraction] = [all.slice(0, point), all.slice(point)]
  if (fraction.length <= precision) return [sign + whole, fraction]
  // Exact but for float64: 24 bits times 5^8 fit. Halves go to the even digit.
  const scaled = Math.abs(x) * unit
  const up = Math.round(scaled)
  const rounded = up - scaled === 0.5 && up % 2 === 1 ? up - 1 : up
  return [
    sign + String(Math.floor(rounded / unit)),
    String(rounded % unit)
      .padStart(precision, '0')
      .replace(/0+$/, ''),
  ]
}

const pad2 = (n: number): string => `${n < 0 ? '-' : '+'}${String(Math.abs(n)).padStart(2, '0')}`

/** Formats numbers of one array alike, after NumPy's rules: common notation and width. */
const formatFloats = (values: readonly number[], round: Round): string[] => {
  const finite = values.filter((v) => Number.isFinite(v))
  const sizes = finite.filter((v) => v !== 0).map(Math.abs)
  const [low, high] = sizes.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, 0])
  const scientific =
    sizes.length > 0 && (high >= greatest || low < Math.fround(least) || Math.fround(high / low) > 1000)
  if (scientific) {
    const count = Math.max(1, ...sizes.map((v) => Math.min(precision + 1, shortest(v, round).digits.length)))
    return align(
      values.map((v) => {
        if (!Number.isFinite(v)) return special(v)
        const { digits, exponent } = decimal(v, count)
        return `${v < 0 || Object.is(v, -0) ? '-' : ''}${digits[0]}.${digits.slice(1)}e${pad2(exponent)}`
      }),
    )
  }
  const parts = values.map((v) => (Number.isFinite(v) ? positional(v, round) : null))
  const right = Math.max(0, ...parts.map((p) => p?.[1].length ?? 0))
  return align(
    values.map((v, i) => {
      const p = parts[i]
      return p === null || p === undefined ? special(v) : `${p[0]}.${p[1].padEnd(right, ' ')}`
    }),
  )
}

const align = (texts: readonly string[]): string[] => {
  const width = Math.max(0, ...texts.map((t) => t.length))
  return texts.map((t) => t.padStart(width))
}

/** Texts of one width for elements that are printed together. */
export const formatElements = (values: readonly number[], dtype: DType): string[] =>
  isFloat(dtype)
    ? formatFloats(values, fitOf(dtype as StoredDType))
    : dtype === 'bool'
      ? values.map((v) => (v !== 0 ? ' True' : 'False'))
      : align(values.map(String))

/** One number alone, as NumPy prints a scalar. */
export const formatScalar = (value: number, dtype: DType): string => {
  if (dtype === 'bool') return value !== 0 ? 'True' : 'False'
  if (!isFloat(dtype)) return String(value)
  if (!Number.isFinite(value)) return special(value)
  const { digits, exponent } = value === 0 ? { digits: '0', exponent: 0 } : shortest(value, fitOf(dtype as StoredDType))
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (value !== 0 && (Math.abs(value) < least || Math.abs(value) >= greatest))
    return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${pad2(exponent)}`
  const all = exponent < 0 ? '0'.repeat(-exponent) + digits : digits.padEnd(exponent + 1, '0')
  const point = exponent < 0 ? 1 : exponent + 1
  return `${sign}${all.slice(0, point)}.${all.slice(point) || '0'}`
}
