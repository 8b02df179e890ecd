import { ArrayOps, jit, Tensor } from '@linum/tensor'
import { type Case, caseMismatch, dataMismatch, decode, isEncoded, isRecord } from './comparison.js'

/** Names what was compared, in front of its failure. */
export const labelled = async (label: string, failure: Promise<string | null>): Promise<string | null> => {
  const found = await failure
  return found === null ? null : `${label} ${found}`
}

/** The first failure of several checks. */
export const first = async (...checks: readonly (() => Promise<string | null>)[]): Promise<string | null> => {
  for (const check of checks) {
    const failure = await check()
    if (failure !== null) return failure
  }
  return null
}

/** Runs a check; what it throws is a failure too, unless it is the error of class `expected`. */
export const guarded = async (check: () => Promise<string | null>, expected?: string): Promise<string | null> => {
  try {
    const failure = await check()
    return failure ?? (expected === undefined ? null : `returned, expected ${expected}`)
  } catch (error) {
    const { name, message } = error as Error
    return expected === name
      ? null
      : `threw ${name}: ${message}${expected === undefined ? '' : `, expected ${expected}`}`
  }
}

type Library = Readonly<Record<string, unknown>>

const callable = (library: Library, fn: string): ((...args: readonly unknown[]) => unknown) => {
  const f = fn.split('.').reduce<unknown>((at, name) => (at as Library | undefined)?.[name], library)
  if (typeof f !== 'function') throw new TypeError(`${fn} is not in the library`)
  return f as (...args: readonly unknown[]) => unknown
}

const parameters = (c: Case): readonly unknown[] => [...c.args.map(decode), ...(c.options ? [decode(c.options)] : [])]

/** Runs one case as a function call; the failure as a sentence, or null. */
export const runCase = (library: Library, c: Case): Promise<string | null> =>
  guarded(async () => {
    const got = callable(library, c.fn)(...parameters(c))
    return c.error === undefined ? caseMismatch(got, c) : null
  }, c.error)

/** Whether a case can be written with a method: those drop the first parameter, which must be a tensor. */
export const hasMethod = (c: Case): boolean => c.fn in ArrayOps.prototype && isRecord(c.args[0]) && isEncoded(c.args[0])

/** Runs one case as a method call. */
export const runMethod = (c: Case): Promise<string | null> =>
  guarded(async () => {
    const [self, ...rest] = parameters(c)
    const got = callable(self as unknown as Library, c.fn).apply(self, rest)
    return c.error === undefined ? caseMismatch(got, c) : null
  }, c.error)

const replaceTensors = (x: unknown, replace: (t: Tensor) => unknown): unknown => {
  if (x instanceof Tensor) return replace(x)
  if (Array.isArray(x)) return x.map((y) => replaceTensors(y, replace))
  return isRecord(x)
    ? Object.fromEntries(Object.entries(x).map(([key, value]) => [key, replaceTensors(value, replace)]))
    : x
}

/** The same case in a jitted function of its tensors: equal to the eager result, bit by bit but on the gpu; errors are the same too. */
export const runCompiled = (library: Library, c: Case): Promise<string | null> =>
  guarded(async () => {
    const f = callable(library, c.fn)
    const concrete: Tensor[] = []
    const template = replaceTensors(parameters(c), (t) => ({ place: concrete.push(t) - 1 }))
    const fill = (x: unknown, tensors: readonly Tensor[]): unknown => {
      if (Array.isArray(x)) return x.map((y) => fill(y, tensors))
      if (!isRecord(x)) return x
      return 'place' in x
        ? tensors[x['place'] as number]
        : Object.fromEntries(Object.entries(x).map(([key, value]) => [key, fill(value, tensors)]))
    }
    const run = (...tensors: Tensor[]): Tensor[] => [f(...(fill(template, tensors) as unknown[]))].flat() as Tensor[]
    const [eager, compiled] = [run(...concrete), jit(run)(...concrete)]
    for (const [k, want] of eager.entries()) {
      const got = compiled[k] as Tensor
      if (got.shape.join() !== want.shape.join() || got.dtype !== want.dtype)
        return `compiled ${got.dtype}[${got.shape.join(',')}], eager ${want.dtype}[${want.shape.join(',')}]`
      if (want.dtype === 'key') continue
      const failure = dataMismatch(
        (await got.data()) as ArrayLike<number>,
        Array.from((await want.data()) as ArrayLike<number>),
        want.shape,
        // A driver may fuse a product and a sum, and does so or not by what stands around them.
        want.device === 'gpu' ? { rtol: 1e-5, atol: 1e-6, signedZero: false } : { rtol: 0 },
      )
      if (failure !== null) return `compiled ${failure}`
    }
    return null
  }, c.error)
