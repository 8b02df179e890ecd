import * as np from '@linum/tensor'
import { jit, random, type Tensor } from '@linum/tensor'
import { bind, bind1, literalLike } from '@linum/tensor/core'

/** Values with more elements are left out, so that a program costs little. */
export const largest = 96

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)
export const pick = <T>(list: readonly T[], at: number): T => list[at % list.length]!

const numeric = (x: Tensor): Tensor => (x.dtype === 'bool' ? x.astype('int32') : x)
const integral = (x: Tensor): Tensor => (x.dtype === 'float32' ? x.astype('int32') : x)
const atLeast1d = (x: Tensor): Tensor => (x.ndim === 0 ? x.reshape([1]) : x)

/** Whether two shapes broadcast to one that is small enough. */
const fits = (a: readonly number[], b: readonly number[]): boolean => {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  const shape = long.map((d, i) => {
    const other = short[i - (long.length - short.length)] ?? 1
    return d === other || other === 1 ? d : d === 1 ? other : -1
  })
  return !shape.includes(-1) && sizeOf(shape) <= largest
}

/** An earlier value that broadcasts against x, or x itself. */
export const partner = (pool: readonly Tensor[], x: Tensor, from: number): Tensor => {
  for (let i = 0; i < pool.length; i++) {
    const y = pool[(from + i) % pool.length]!
    if (fits(x.shape, y.shape)) return y
  }
  return x
}

/** Another shape of the same size: its prime factors dealt to up to four axes. */
const refactor = (size: number, p: readonly number[]): number[] => {
  const rank = Math.max(size === 1 ? 0 : 1, p[0]! % 5)
  const shape = new Array<number>(rank).fill(1)
  if (size === 0) return shape.map((_, i) => (i === p[1]! % rank ? 0 : 1 + ((p[2]! + i) % 3)))
  let rest = size
  let k = 1
  for (let f = 2; rest > 1; f++) {
    for (; rest % f === 0; rest /= f) shape[p[k++ % p.length]! % rank]! *= f
  }
  return shape
}

const permutation = (n: number, seed: number): number[] => {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1, s = seed; i > 0; i--, s = Math.floor(s / (i + 2))) {
    const j = s % (i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

const subset = (n: number, bits: number): number[] =>
  Array.from({ length: n }, (_, i) => i).filter((i) => ((bits >> i) & 1) === 1)

/** What an operation makes of x, of a partner that broadcasts against it, and of numbers: none where the shapes do not allow it. */
export type Op = (x: Tensor, y: Tensor, p: readonly number[], pool: readonly Tensor[]) => readonly Tensor[]

const each = <K extends string>(names: readonly K[], op: (name: K) => Op): Record<string, Op> =>
  Object.fromEntries(names.map((name) => [name, op(name)]))

const along =
  (f: (x: Tensor, axis: number, p: readonly number[]) => readonly Tensor[]): Op =>
  (x, _y, p) =>
    f(atLeast1d(x), p[0]! % Math.max(1, x.ndim), p)

const axesOf = (x: Tensor, p: readonly number[]): { axis: number[] | null; keepdims: boolean } => ({
  axis: p[0]! % 6 === 0 ? null : subset(x.ndim, p[1]!),
  keepdims: p[2]! % 2 === 0,
})

const nested = jit((x: Tensor, y: Tensor) => [x.mul(2).add(y), x.exp().sum(), y])

export const elementwise: Readonly<Record<string, Op>> = {
  ...each(
    [
      'exp',
      'expm1',
      'log',
      'log1p',
      'sqrt',
      'rsqrt',
      'sin',
      'cos',
      'tanh',
      'arctan',
      'arcsinh',
      'exp2',
      'cbrt',
      'sigmoid',
      'erf',
      'erfinv',
      'floor',
      'ceil',
      'round',
      'reciprocal',
      'isnan',
      'isfinite',
      'isinf',
      'logicalNot',
      'abs',
      'stopGradient',
      'softplus',
    ],
    (name) => (x) => [np[name](x)],
  ),
  ...each(['negative', 'sign', 'square', 'relu'], (name) => (x) => [np[name](numeric(x))]),
  ...each(
    [
      'add',
      'multiply',
      'divide',
      'maximum',
      'minimum',
      'arctan2',
      'logaddexp',
      'equal',
      'notEqual',
      'less',
      'lessEqual',
      'greater',
      'greaterEqual',
      'logicalAnd',
      'logicalOr',
      'logicalXor',
    ],
    (name) => (x, y) => [np[name](x, y)],
  ),
  ...each(['subtract', 'remainder', 'floorDivide', 'power'], (name) => (x, y) => [np[name](numeric(x), numeric(y))]),
  ...each(['bitwiseAnd', 'bitwiseOr', 'bitwiseXor'], (name) => (x, y) => [np[name](integral(x), integral(y))]),
  ...each(['leftShift', 'rightShift'], (name) => (x, y) => [np[name](integral(numeric(x)), integral(numeric(y)))]),
  bitwiseNot: (x) => [np.bitwiseNot(integral(x))],
  astype: (x, _y, p) => [x.astype(pick(['float32', 'int32', 'uint32', 'bool'], p[0]!))],
  view: (x, _y, p) => {
    const to = pick(['int32', 'uint32', 'float32'] as const, p[0]!)
    // A NaN has many bit patterns, and an engine may choose.
    if (x.dtype === 'float32') return [np.where(np.isnan(x), 0, x).view(to)]
    return [to === 'float32' ? np.bitwiseAnd(numeric(x), 0x3fffffff).view(to) : numeric(x).view(to)]
  },
  number: (x, _y, p) => {
    const f = pick([np.add, np.multiply, np.subtract, np.divide, np.maximum, np.power, np.equal, np.less], p[0]!)
    const c =
      x.dtype === 'float32' ? pick([0, -0, 1, -1, 2, 0.5, NaN, Infinity], p[1]!) : pick([0, 1, 2, 3, 1.5], p[1]!)
    return [p[2]! % 2 === 0 ? f(numeric(x), c) : f(c, numeric(x))]
  },
  where: (x, y, p, pool) => {
    const c = partner(pool, x, p[0]!)
    return [np.where(fits(c.shape, y.shape) ? c : x, x, y)]
  },
  clip: (x, y, p) => [np.clip(x, p[0]! % 2 === 0 ? null : y, 2)],
  fma: (x, y, p) => [
    bind1('fma', [x.astype('float32'), y.astype('float32'), literalLike(pick([1, 0.1, -3], p[0]!), 'float32')], null),
  ],
}

export const views: Readonly<Record<string, Op>> = {
  reshape: (x, _y, p) => [x.reshape(refactor(x.size, p))],
  transpose: (x, _y, p) => [x.transpose(permutation(x.ndim, p[0]!))],
  slice: (x, _y, p) => [
    x.slice(
      ...x.shape.map((n, i) => {
        const [q, r] = [p[i]! % 16, Math.floor(p[i]! / 16)]
        if (q === 0 && n > 0) return r % n
        if (q === 1) return [r % (n + 1), (Math.floor(r / 5) % (2 * n + 3)) - n, pick([1, 2, -1, -2], r)]
        return pick([':', ':', ':', '1:', ':-1', '::2', '::-1', '::-1', '-2::-1', '::-2'], r)
      }),
    ),
  ],
  flip: (x, _y, p) => [x.flip({ axis: subset(x.ndim, p[0]!) })],
  pad: (x, _y, p) => {
    const t = numeric(x)
    const interior = t.shape.map((_, i) => (p[i]! % 5 === 0 ? 1 + (p[i]! % 2) : 0))
    const low = t.shape.map((n, i) => Math.max((p[i]! % 4) - 1, -n))
    const wide = t.shape.map((n, i) => n + Math.max(0, n - 1) * interior[i]! + low[i]!)
    const high = wide.map((n, i) => Math.max((Math.floor(p[i]! / 4) % 4) - 1, -n))
    return wide.some((n) => n < 0)
      ? []
      : [bind1('pad', [t, literalLike(7, t.dtype).astype(t.dtype)], { low, high, interior })]
  },
  concatenate: (x, y, p) => {
    const t = atLeast1d(x)
    const axis = p[0]! % t.ndim
    const agrees = y.ndim === t.ndim && y.shape.every((d, i) => i === axis || d === t.shape[i])
    const other = agrees ? y : t.slice(...t.shape.map((_, i) => (i === axis ? '1:' : ':')))
    return [np.concatenate(p[1]! % 2 === 0 ? [t, other] : [other, t.flip({ axis }), t], { axis })]
  },
  stack: (x, y, p) => [
    np.stack(y.shape.join() === x.shape.join() ? [x, y] : [x, x.add(1), x], { axis: p[0]! % (x.ndim + 1) }),
  ],
  split: along((x, axis) => np.split(x, [1, 2], { axis })),
  broadcastTo: (x, _y, p) => [
    x.broadcastTo([
      ...subset(2, p[0]!).map((i) => 1 + (p[1 + i]! % 3)),
      ...x.shape.map((d, i) => (d === 1 ? p[i]! % 4 : d)),
    ]),
  ],
  expandDims: (x, _y, p) => [x.expandDims(p[0]! % (x.ndim + 1))],
  squeeze: (x) => [x.squeeze()],
  tril: (x, _y, p) => [np.tril(x.ndim < 2 ? x.reshape([1, x.size]) : x, (p[0]! % 5) - 2)],
}

export const reductions: Readonly<Record<string, Op>> = {
  ...each(['sum', 'prod', 'mean', 'var', 'any', 'all', 'logsumexp', 'countNonzero'], (name) => (x, _y, p) => [
    np[name](x, axesOf(x, p)),
  ]),
  max: (x, _y, p) => (x.size === 0 ? [] : [np.max(x, axesOf(x, p))]),
  min: (x, _y, p) => [np.min(x, { ...axesOf(x, p), initial: 3 })],
  sumWhere: (x, _y, p) => [np.sum(x, { axis: subset(x.ndim, p[0]!), where: x.gt(0) })],
  argmax: along((x, axis) => (x.shape[axis] === 0 ? [] : [np.argmax(x, { axis })])),
  argmin: (x) => (x.size === 0 ? [] : [np.argmin(x)]),
  softmax: along((x, axis) => [np.softmax(x, { axis }), np.logSoftmax(x, { axis })]),
  twoReductions: along((x, axis, p) => {
    const other = pick([x, np.concatenate([x, x], { axis }), x.mul(2).flip()], p[1]!)
    return [
      np
        .sum(numeric(x), { axis })
        .add(np.prod(numeric(other), { axis }))
        .mul(3),
    ]
  }),
  cumsum: along((x, axis) => [np.cumsum(x, { axis })]),
}

export const routines: Readonly<Record<string, Op>> = {
  sort: along((x, axis) => [np.sort(x, { axis }), np.argsort(x, { axis, descending: true })]),
  sortTogether: (x, y) =>
    y.shape.join() === x.shape.join() && x.ndim > 0 ? bind('sort', [x, y], { axis: x.ndim - 1 }) : [],
  matmul: (x, y) => {
    if (x.ndim === 0 || y.ndim === 0) return [np.dot(numeric(x), numeric(y))]
    const k = Math.min(x.shape.at(-1)!, y.shape.at(y.ndim === 1 ? 0 : -2)!)
    const right = y.ndim > 2 ? y.reshape([sizeOf(y.shape.slice(0, -2)), ...y.shape.slice(-2)]) : y
    return right.shape[0] === 0
      ? []
      : [
          np.matmul(
            x.slice('...', [k]),
            right.ndim === 1 ? right.slice([k]) : right.ndim === 2 ? right.slice([k]) : right.slice(0, [k]),
          ),
        ]
  },
  batchedMatmul: (x, _y, p) => {
    if (x.ndim < 2) return []
    const t = numeric(x).transpose(permutation(x.ndim, p[0]!))
    return [np.matmul(t, x.ndim > 2 && p[1]! % 2 === 0 ? t.mT.slice(':1') : t.mT)]
  },
  dotGeneral: (x, _y, p) => {
    const axes = subset(x.ndim, p[0]!)
    const batch = subset(x.ndim, p[1]!).filter((a) => !axes.includes(a))
    return [np.dotGeneral(numeric(x), numeric(x).add(1), { contract: [axes, axes], batch: [batch, batch] })]
  },
  take: (x, y, p) => {
    const axis = p[0]! % Math.max(1, x.ndim)
    const indices = (y.size > 8 ? np.ravel(y).slice([4]) : y).astype('int32')
    return x.size === 0
      ? []
      : [np.take(x, indices, { axis: x.ndim === 0 ? null : axis, mode: pick(['fill', 'clip', 'wrap'], p[1]!) })]
  },
  takeAlongAxis: along((x, axis) =>
    x.shape[axis] === 0 ? [] : [np.takeAlongAxis(x, np.argsort(x, { axis }), { axis })],
  ),
  oneHot: (x, _y, p) => [np.oneHot(integral(numeric(x)), 1 + (p[0]! % 4), { axis: p[1]! % (x.ndim + 1) })],
  scatter: along((x, axis, p) => {
    const t = numeric(x)
    const indices = np
      .iota([3], 0)
      .mul(1 + (p[1]! % 3))
      .sub(1)
    const updates = np.ones([3, ...t.shape.filter((_, i) => i !== axis)], { dtype: t.dtype })
    return [bind1('scatter', [t, indices, updates], { axes: [axis], op: pick(['set', 'add'], p[2]!) })]
  }),
  iota: (x, _y, p) => [
    np.iota(x.ndim === 0 ? [3] : x.shape, (p[0]! % Math.max(1, x.ndim)) - (p[0]! % 2 === 0 ? 0 : Math.max(1, x.ndim)), {
      dtype: pick(['int32', 'float32', 'uint32', 'bool'], p[1]!),
    }),
  ],
  full: (x, _y, p) => [np.full(x.shape, pick([0, 1.5, -0, NaN], p[0]!))],
  bits: (x, _y, p) => [random.bits(random.foldIn(random.key(p[0]!), np.sum(x.astype('uint32'))), x.shape)],
  uniform: (x, _y, p) => [
    random.uniform(random.split(random.key(p[0]!), 3).slice(p[1]! % 3), x.shape, { minval: -1, maxval: 2 }).add(x),
  ],
  keys: (x, _y, p) => [
    random.keyData(np.where(x.gt(0), random.split(random.key(1), x.shape), random.key(p[0]!)).transpose()),
  ],
  call: (x, y) => nested(x, y),
  scan: (x, y) => {
    const t = atLeast1d(x).astype('float32')
    const [total, parts] = np.scan(
      (c: Tensor, row: Tensor) => [c.mul(0.5).add(row.sum()), [row.add(c), y]] as const,
      y.astype('float32').sum(),
      t,
      { reverse: y.ndim % 2 === 0 },
    )
    return [total, ...parts]
  },
  cond: (x, y, p) =>
    np.cond(
      x.astype('int32').sum().gt(0),
      (a: Tensor, b: Tensor) => [a.add(1), b],
      (a: Tensor, b: Tensor) => [p[0]! % 2 === 0 ? a : a.sub(1), b.flip()],
      numeric(x),
      y,
    ),
  whileLoop: (x) =>
    np.whileLoop(
      ([i]: Tensor[]) => i!.less(3),
      ([i, v]: Tensor[]) => [i!.add(1), v!.mul(2)],
      [np.array(0, { dtype: 'int32' }), x.astype('float32')],
    ),
}
