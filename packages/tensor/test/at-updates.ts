import * as np from '@linum/tensor'
import { jit, type Tensor } from '@linum/tensor'
import { type Case, decode, mismatch } from './comparison.js'
import { guarded } from './run-case.js'

/** `x.at(...indices).method(values, options)`; values of apply name a function. */
export interface UpdateCase extends Case {
  readonly method: keyof np.Indexed
  readonly values?: unknown
}

type Call = (...args: readonly unknown[]) => Tensor

const update = (c: UpdateCase, x: Tensor, indices: readonly unknown[]): Tensor => {
  const place = x.at(...(indices as np.Index[]))
  const call = (place[c.method] as Call).bind(place)
  if (c.method === 'get') return call(c.options)
  return call(
    c.method === 'apply' ? (np as unknown as Record<string, unknown>)[c.values as string] : decode(c.values),
    c.options,
  )
}

/** Runs one case; the failure as a sentence, or null. */
export const runUpdate = (c: UpdateCase): Promise<string | null> =>
  guarded(() => {
    const [x, ...indices] = c.args.map(decode)
    return mismatch(update(c, x as Tensor, indices), c.expect!, c)
  })

/** Whether a case can be jitted: the function of `apply` is not traced here. */
export const isTraceable = (c: UpdateCase): boolean => c.method !== 'apply'

/** The same case in a jitted function: equal to the eager result, bit by bit. */
export const runUpdateCompiled = (c: UpdateCase): Promise<string | null> =>
  guarded(async () => {
    const [x, ...indices] = c.args.map(decode)
    const eager = update(c, x as Tensor, indices)
    const compiled = jit((t: Tensor) => update(c, t, indices))(x as Tensor)
    const data = Array.from(eager.dataSync())
    return mismatch(compiled, { shape: eager.shape, dtype: eager.dtype as never, data }, { rtol: 0 })
  })
