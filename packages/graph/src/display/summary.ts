import { ArrayOps, DeviceError, type Tensor, TraceError } from '@linum/tensor'
import { className } from '../class-name.js'

/** Elements and bytes per Variable type. */
export interface Count {
  readonly elements: number
  readonly bytes: number
}

const itemBytes = (dtype: string): number => {
  if (dtype === 'key') return 8
  const bits = /(\d+)$/.exec(dtype)?.[1]
  return bits === undefined ? 1 : Number(bits) / 8
}

export const countOf = (value: unknown): Count => {
  if (!(value instanceof ArrayOps)) return { elements: 0, bytes: 0 }
  return { elements: value.size, bytes: value.size * itemBytes(value.dtype) }
}

/** 3,072 B as `3.1 KB`: a kilobyte has 1000 bytes. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let n = bytes / 1000
  let i = 0
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000
    i++
  }
  return `${n.toFixed(1)} ${units[i]}`
}

const short = (x: number): string => String(Number(x.toPrecision(4)))

/** The elements, or null for what has not been read yet or has none: that is shown without them. */
export const readNumbers = (x: Tensor): ArrayLike<number> | null => {
  try {
    return x.dataSync() as ArrayLike<number>
  } catch (error) {
    if (error instanceof DeviceError || error instanceof TraceError) return null
    throw error
  }
}

const statistics = (x: Tensor): string => {
  if (x.dtype === 'key' || x.size === 0) return ''
  const data = readNumbers(x)
  if (data === null) return ' unread'
  if (x.dtype === 'bool') return data.length === 1 ? ` ${data[0] !== 0}` : ''
  if (data.length === 1) return ` ${short(data[0]!)}`
  let sum = 0
  let finite = 0
  let nans = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!
    if (Number.isNaN(v)) {
      nans++
      continue
    }
    if (Number.isFinite(v)) {
      sum += v
      finite++
    }
    if (v < min) min = v
    if (v > max) max = v
  }
  const infinities = data.length - finite - nans
  const marks = `${nans > 0 ? `, ${nans} NaN` : ''}${infinities > 0 ? `, ${infinities} Inf` : ''}`
  if (finite === 0) return marks.slice(1)
  // Of the finite elements; the range shows the infinities.
  return ` mean ${short(sum / finite)}, range [${short(min)}, ${short(max)}]${marks}`
}

/** `float32[2, 3] mean 0.1, range [-1, 1]`. */
export const formatTensor = (x: Tensor): string => `${x.dtype}[${x.shape.join(', ')}]${statistics(x)}`

const maxText = 60

/** A static value or the value of a Variable, on one line. */
export const formatValue = (value: unknown): string => {
  if (value instanceof ArrayOps) return formatTensor(value.asTensor())
  if (typeof value === 'string') return JSON.stringify(value.length > maxText ? `${value.slice(0, maxText)}...` : value)
  if (typeof value === 'function') return value.name === '' ? '(function)' : `${value.name}()`
  if (Array.isArray(value))
    return `[${value.slice(0, 8).map(formatValue).join(', ')}${value.length > 8 ? ', ...' : ''}]`
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  const proto: unknown = Object.getPrototypeOf(value)
  if (proto !== null && proto !== Object.prototype) return className(value)
  return `{${Object.entries(value)
    .slice(0, 8)
    .map(([key, v]) => `${key}: ${formatValue(v)}`)
    .join(', ')}}`
}

/** `{sharding: "x"}`, or nothing. */
export const formatMetadata = (metadata: Readonly<Record<string, unknown>>): string => {
  const keys = Object.keys(metadata)
  return keys.length === 0 ? '' : `{${keys.map((key) => `${key}: ${formatValue(metadata[key])}`).join(', ')}}`
}

/** A Variable, whose stored value is shown past its hooks, or a snapshot. */
interface Shown {
  readonly type: { readonly name: string }
  readonly raw?: unknown
  readonly value: unknown
  readonly metadata: Readonly<Record<string, unknown>>
}

/** `Param float32[2, 3] mean 0.1, range [-1, 1] {sharding: "x"}`. */
export const formatVariable = (x: Shown): string =>
  [x.type.name, formatValue('raw' in x ? x.raw : x.value), formatMetadata(x.metadata)].filter((s) => s !== '').join(' ')
