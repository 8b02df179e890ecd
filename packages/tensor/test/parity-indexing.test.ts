import * as np from '@linum/tensor'
import { jit, type Tensor } from '@linum/tensor'
import { type Case, decode, load, mismatch } from './fixture.js'
import { guarded, hasMethod, parity, runCase, runCompiled, runMethod } from './parity.js'

const library = np as unknown as Record<string, unknown>

for (const name of ['advanced', 'dynamic', 'positions', 'layout']) {
  const cases = load<Case>(import.meta.url, name)
  parity(name, cases, (c) => runCase(library, c))
  if (cases.some(hasMethod)) parity(`${name} as methods`, cases.filter(hasMethod), runMethod)
  parity(`${name} compiled`, cases, (c) => runCompiled(library, c))
}

// The elements of a mask decide the shape: nothing to compile.
const masks = load<Case>(import.meta.url, 'masks')
parity('masks', masks, (c) => runCase(library, c))
parity('masks as methods', masks.filter(hasMethod), runMethod)

/** `x.at(...indices).method(values, options)`; values of apply name a function. */
interface UpdateCase extends Case {
  readonly method: keyof np.Indexed
  readonly values?: unknown
}

type Call = (...args: readonly unknown[]) => Tensor

const update = (c: UpdateCase, x: Tensor, indices: readonly unknown[]): Tensor => {
  const place = x.at(...(indices as np.Index[]))
  const call = (place[c.method] as Call).bind(place)
  if (c.method === 'get') return call(c.options)
  return call(c.method === 'apply' ? library[c.values as string] : decode(c.values), c.options)
}

const updates = load<UpdateCase>(import.meta.url, 'at')
parity('at', updates, (c) =>
  guarded(() => {
    const [x, ...indices] = c.args.map(decode)
    return mismatch(update(c, x as Tensor, indices), c.expect!, c)
  }),
)
parity(
  'at compiled',
  updates.filter((c) => c.method !== 'apply'),
  (c) =>
    guarded(async () => {
      const [x, ...indices] = c.args.map(decode)
      const eager = update(c, x as Tensor, indices)
      const compiled = jit((t: Tensor) => update(c, t, indices))(x as Tensor)
      const data = Array.from(eager.dataSync())
      return mismatch(compiled, { shape: eager.shape, dtype: eager.dtype as never, data }, { rtol: 0 })
    }),
)
