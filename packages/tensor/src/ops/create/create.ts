import { ArrayOps, type NestedNumbers, type TensorLike } from '../../core/array-ops.js'
import { checkDType, type DType, isFloat, isInteger, rangeOf, type StoredDType } from '../../core/dtype.js'
import { DtypeError, ShapeError } from '../../core/errors.js'
import { dtypeOfArray, hostOf, isStoredForm } from '../../core/host.js'
import { checkAxis, checkShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { evaluation } from '../../device/evaluate.js'
import { defaultDevice, deviceByName } from '../../device/registry.js'
import { add } from '../elementwise/elementwise.js'
import { stack } from '../shape/join.js'
import { flattenNested } from './nested.js'
import { toTensor } from '../operand.js'

export interface ArrayOptions {
  readonly dtype?: DType
  /** Where the elements go; the default device if absent. */
  readonly device?: string
}

/** Nested arrays whose leaves are numbers, booleans or tensors, all rows of one length. */
export type ArrayData = NestedNumbers | TensorLike | readonly ArrayData[] | ArrayBufferView

const stored = (fn: string, dtype: DType): StoredDType => {
  if (checkDType(fn, dtype) === 'key')
    throw new DtypeError(`${fn}: random keys are made with random.key(seed) or random.wrapKeyData(words)`)
  return dtype as StoredDType
}

const warned = new Set<string>()
const warnOnce = (message: string): void => {
  if (warned.has(message)) return
  warned.add(message)
  console.warn(message)
}

/** A number as the dtype stores it: integers wrap, as typed arrays do; fractions and NaN are refused for integers. */
const checkElement = (fn: string, v: number, dtype: StoredDType): number => {
  if (isInteger(dtype) && !Number.isInteger(v)) {
    throw new DtypeError(`${fn}: ${dtype} holds integers, got ${v}; use float32, or convert with astype('${dtype}')`)
  }
  if (dtype === 'bool') return Number(v !== 0)
  const [low, high] = rangeOf(dtype)
  if (v < low || v > high) throw new RangeError(`${fn}: ${v} is out of the range of ${dtype}`)
  return v
}

const holdsTensor = (data: unknown): boolean =>
  data instanceof ArrayOps || (Array.isArray(data) && data.some(holdsTensor))

/** Rows that hold tensors are stacked, so that traced values may take part. */
const stackNested = (data: unknown): Tensor =>
  Array.isArray(data) ? stack(data.map(stackNested)) : toTensor('array', data as TensorLike)

/**
 * A tensor of the given elements, which are copied. Numbers give float32 and booleans bool unless a dtype is given;
 * a typed array keeps its own (Float64Array becomes float32, with a warning once). A lone number is weak.
 */
export const array = (data: ArrayData, options: ArrayOptions = {}): Tensor => {
  const device = options.device === undefined ? defaultDevice() : deviceByName('array', options.device)
  if (ArrayBuffer.isView(data)) {
    if (data instanceof DataView)
      throw new TypeError(
        'array: a DataView has no elements; give a typed array, such as new Float32Array(view.buffer)',
      )
    const own = dtypeOfArray(data)
    if (own === null && options.dtype === undefined) {
      throw new DtypeError(`array: ${data.constructor.name} has no dtype here; give one, such as { dtype: 'int32' }`)
    }
    if (data instanceof Float64Array && options.dtype === undefined)
      warnOnce("array: a Float64Array becomes float32; give { dtype: 'float32' } to say that it is meant")
    const dtype = stored('array', options.dtype ?? own!)
    // What lies in memory as the device stores it, the device copies by itself.
    if (own === dtype && isStoredForm(dtype, data))
      return evaluation.upload(data, { shape: [data.length], dtype, weak: false }, device)
    const source = data as unknown as ArrayLike<number> & Iterable<number>
    const numbers = own === dtype ? source : Array.from(source, (v) => checkElement('array', v, dtype))
    return evaluation.upload(hostOf(dtype, numbers), { shape: [source.length], dtype, weak: false }, device)
  }
  if (holdsTensor(data)) {
    return asarray(stackNested(data), options)
  }
  const { shape, elements: flat } = flattenNested('array', data)
  const booleans = flat.length > 0 && flat.every((v) => typeof v === 'boolean')
  const dtype = stored('array', options.dtype ?? (booleans ? 'bool' : 'float32'))
  return evaluation.upload(
    hostOf(
      dtype,
      flat.map((v) => checkElement('array', Number(v), dtype)),
    ),
    { shape, dtype, weak: typeof data === 'number' && options.dtype === undefined },
    device,
  )
}

/** As `array`, but a tensor is returned as it is where dtype and device agree. */
export const asarray = (data: ArrayData, options: ArrayOptions = {}): Tensor => {
  if (!(data instanceof ArrayOps)) return array(data, options)
  const t = data.asTensor()
  const typed = options.dtype === undefined ? t : t.astype(options.dtype)
  return options.device === undefined ? typed : typed.to(options.device)
}

interface TypeOption {
  readonly dtype?: DType
}

/** Every element the same value. float32 unless a dtype is given, bool for a boolean. */
export const full = (shape: Shape, value: TensorLike, options: TypeOption = {}): Tensor =>
  filled('full', shape, value, options)

/** `full` for the function that was called. */
const filled = (fn: string, shape: Shape, value: TensorLike, options: TypeOption): Tensor => {
  checkShape(fn, shape)
  if (typeof value === 'object') {
    const t = value.broadcastTo(shape)
    return options.dtype === undefined ? t : t.astype(options.dtype)
  }
  const dtype = stored(fn, options.dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32'))
  return bind1('full', [], { shape: [...shape], value: checkElement(fn, Number(value), dtype), dtype, weak: false })
}
export const zeros = (shape: Shape, options: TypeOption = {}): Tensor => filled('zeros', shape, 0, options)
export const ones = (shape: Shape, options: TypeOption = {}): Tensor => filled('ones', shape, 1, options)

const like = (fn: string, x: TensorLike, value: number, options: TypeOption): Tensor => {
  const t = toTensor(fn, x)
  return filled(fn, t.shape, value, { dtype: options.dtype ?? t.dtype })
}
export const fullLike = (x: TensorLike, value: number, options: TypeOption = {}): Tensor =>
  like('fullLike', x, value, options)
export const zerosLike = (x: TensorLike, options: TypeOption = {}): Tensor => like('zerosLike', x, 0, options)
export const onesLike = (x: TensorLike, options: TypeOption = {}): Tensor => like('onesLike', x, 1, options)

/** Counts along an axis: 0, 1, 2 ... */
export const iota = (shape: Shape, axis: number, options: TypeOption = {}): Tensor =>
  bind1('iota', [], {
    shape: [...checkShape('iota', shape)],
    axis: checkAxis('iota', axis, shape.length),
    dtype: stored('iota', options.dtype ?? 'int32'),
  })

type RangeArgs =
  | readonly [stop: number, options?: TypeOption]
  | readonly [start: number, stop: number, options?: TypeOption]
  | readonly [start: number, stop: number, step: number, options?: TypeOption]

/** Numbers from start (0) to before stop in steps (1): int32 if all are integers, else float32. `arange(stop)`, `arange(start, stop, step?)`, options last. */
export const arange = (...args: RangeArgs): Tensor => {
  const last = args[args.length - 1]
  const options: TypeOption = typeof last === 'object' ? last : {}
  const numbers = args.filter((a): a is number => typeof a === 'number')
  if (numbers.length === 0 || numbers.some((n) => !Number.isFinite(n)))
    throw new TypeError(`arange: needs finite numbers (stop) or (start, stop, step), got (${args.join(', ')})`)
  const [start, stop, step] = numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1]
  if (step === 0) throw new RangeError('arange: the step cannot be zero')
  const dtype = stored('arange', options.dtype ?? (numbers.every(Number.isInteger) ? 'int32' : 'float32'))
  const n = Math.max(0, Math.ceil((stop - start) / step))
  checkShape('arange', [n])
  const counted = Array.from({ length: n }, (_, i) => checkElement('arange', start + i * step, dtype))
  return evaluation.upload(hostOf(dtype, counted), { shape: [n], dtype, weak: false })
}

/** `num` evenly spaced numbers from a to b, which is the last one unless `endpoint` is false. */
export const linspace = (
  a: number,
  b: number,
  num = 50,
  options: TypeOption & { readonly endpoint?: boolean } = {},
): Tensor => {
  if (!Number.isInteger(num) || num < 0)
    throw new RangeError(`linspace: the number of samples must be a non-negative integer, got ${num}`)
  checkShape('linspace', [num])
  const dtype = stored('linspace', options.dtype ?? 'float32')
  const parts = options.endpoint === false ? num : num - 1
  // As jnp.linspace blends the ends: in float32, or in float64 for that dtype.
  const f = dtype === 'float64' ? (x: number): number => x : Math.fround
  const samples: number[] = []
  for (let i = 0; i < num; i++) {
    const t = f(f(i) / f(parts))
    const v = parts === 0 ? f(a) : i === parts ? f(b) : f(f(f(a) * f(1 - t)) + f(f(b) * t))
    samples.push(isFloat(dtype) ? v : Math.floor(v))
  }
  return evaluation.upload(hostOf(dtype, samples), { shape: [num], dtype, weak: false })
}

/** Ones on the k-th diagonal of an n by M matrix. */
export const eye = (n: number, options: TypeOption & { readonly M?: number; readonly k?: number } = {}): Tensor => {
  const m = options.M ?? n
  checkShape('eye', [n, m])
  const [rows, columns] = [iota([n, m], 0), iota([n, m], 1)]
  return add(rows, options.k ?? 0)
    .equal(columns)
    .astype(options.dtype ?? 'float32')
}

/** The elements of `x` on and below the k-th diagonal, 0 above. */
export const tril = (x: TensorLike, k = 0): Tensor => triangle(x, (i, j) => add(i, k).greaterEqual(j))
/** The elements of `x` on and above the k-th diagonal, 0 below. */
export const triu = (x: TensorLike, k = 0): Tensor => triangle(x, (i, j) => add(i, k).lessEqual(j))

const triangle = (x: TensorLike, keep: (row: Tensor, column: Tensor) => Tensor): Tensor => {
  const t = toTensor('tril', x)
  if (t.ndim < 2) throw new ShapeError(`tril: needs at least two axes, got ${t.ndim}`)
  const last = t.shape.slice(-2)
  const mask = keep(iota(last, 0), iota(last, 1))
  return bind1('select', [mask, t, zerosLike(t)], null)
}
