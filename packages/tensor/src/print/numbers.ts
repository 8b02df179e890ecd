import type { DType } from '../core/dtype.js'

/** The shortest decimal digits that read back as the same float32: sign, digits and exponent of d.ddd. */
const shortest = (x: number): { readonly digits: string; readonly exponent: number } => {
  for (let p = 1; p <= 9; p++) {
    const text = Math.abs(x).toExponential(p - 1)
    if (Math.fround(Number(text)) === Math.abs(x) || p === 9) {
      const [mantissa, exponent] = text.split('e') as [string, string]
      return { digits: mantissa.replace('.', '').replace(/0+$/, '') || '0', exponent: Number(exponent) }
    }
  }
  throw new RangeError('unreachable: nine digits identify every float32')
}

const precision = 8

const special = (x: number): string => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf')

/** Integer and fractional digits in positional notation, rounded to NumPy's precision. */
const positional = (x: number): readonly [string, string] => {
  const sign = x < 0 || Object.is(x, -0) ? '-' : ''
  if (x === 0) return [`${sign}0`, '']
  const { digits, exponent } = shortest(x)
  const all = exponent < 0 ? '0'.repeat(-exponent) + digits : digits.padEnd(exponent + 1, '0')
  const point = exponent < 0 ? 1 : exponent + 1
  const [whole, fraction] = [all.slice(0, point), all.slice(point)]
  if (fraction.length <= precision) return [sign + whole, fraction]
  const [w, f] = Math.abs(x).toFixed(precision).split('.') as [string, string]
  return [sign + w, f.replace(/0+$/, '')]
}

const pad2 = (n: number): string => `${n < 0 ? '-' : '+'}${String(Math.abs(n)).padStart(2, '0')}`

/** Formats numbers of one array alike, after NumPy's rules: common notation and width. */
const formatFloats = (values: readonly number[]): string[] => {
  const finite = values.filter((v) => Number.isFinite(v))
  const sizes = finite.filter((v) => v !== 0).map(Math.abs)
  const [low, high] = sizes.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, 0])
  const scientific = sizes.length > 0 && (high >= 1e8 || low < 1e-4 || high / low > 1000)
  if (scientific) {
    const parts = values.map((v) => {
      if (!Number.isFinite(v)) return null
      const { digits, exponent } = v === 0 ? { digits: '0', exponent: 0 } : shortest(v)
      return { head: `${v < 0 || Object.is(v, -0) ? '-' : ''}${digits[0]}`, tail: digits.slice(1, precision + 1), exponent }
    })
    const tail = Math.max(0, ...parts.map((p) => p?.tail.length ?? 0))
    return align(values.map((v, i) => {
      const p = parts[i]
      return p === null || p === undefined ? special(v) : `${p.head}.${p.tail.padEnd(tail, '0')}e${pad2(p.exponent)}`
    }))
  }
  const parts = values.map((v) => (Number.isFinite(v) ? positional(v) : null))
  const right = Math.max(0, ...parts.map((p) => p?.[1].length ?? 0))
  return align(values.map((v, i) => {
    const p = parts[i]
    return p === null || p === undefined ? special(v) : `${p[0]}.${p[1].padEnd(right, ' ')}`
  }))
}

const align = (texts: readonly string[]): string[] => {
  const width = Math.max(0, ...texts.map((t) => t.length))
  return texts.map((t) => t.padStart(width))
}

/** Texts of one width for elements that are printed together. */
export const formatElements = (values: readonly number[], dtype: DType): string[] =>
  dtype === 'float32' ? formatFloats(values) : dtype === 'bool' ? align(values.map((v) => (v !== 0 ? 'True' : 'False'))) : align(values.map(String))

/** One number alone, as NumPy prints a scalar. */
export const formatScalar = (value: number, dtype: DType): string => {
  if (dtype === 'bool') return value !== 0 ? 'True' : 'False'
  if (dtype !== 'float32') return String(value)
  if (!Number.isFinite(value)) return special(value)
  const { digits, exponent } = value === 0 ? { digits: '0', exponent: 0 } : shortest(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (value !== 0 && (exponent < -4 || exponent >= 16)) return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${pad2(exponent)}`
  const all = exponent < 0 ? '0'.repeat(-exponent) + digits : digits.padEnd(exponent + 1, '0')
  const point = exponent < 0 ? 1 : exponent + 1
  return `${sign}${all.slice(0, point)}.${all.slice(point) || '0'}`
}
