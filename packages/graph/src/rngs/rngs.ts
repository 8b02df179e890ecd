import { type PathKey, rest, toPredicates } from '@linum/filters'
import { GraphError, type Tensor } from '@linum/tensor'
import { nodeType, type NodeType, propertiesType } from '../kinds.js'
import type { stateShape } from '../state/state-of.js'
import { isRules, type SplitRules } from './rules.js'
import { Sampler } from './sampler.js'
import { RngStream, type Seed, type Splits } from './stream.js'

/** Seeds by stream name. */
export type Seeds = Readonly<Record<string, Seed | RngStream>>

const streamsOf = (node: object): Map<string, RngStream> => (node as { streams: Map<string, RngStream> }).streams

const rngsType: NodeType = {
  keys: (node) => [...streamsOf(node).keys()],
  has: (node, key) => streamsOf(node).has(String(key)),
  get: (node, key) => streamsOf(node).get(String(key)),
  set: (node, key: PathKey, value) => {
    streamsOf(node).set(String(key), value as RngStream)
  },
  remove: (node, key) => {
    streamsOf(node).delete(String(key))
  },
  create: (type) => Object.assign(propertiesType.create(type, undefined), { streams: new Map() }),
}

export interface Rngs {
  readonly [stateShape]: Readonly<Record<string, RngStream>>
}

/**
 * Named streams of random keys. `key(name)` takes the next key of that stream, or of `default` where there is none.
 * Layers keep the Rngs that they are given, the very same object, so all draw from the same streams. In a State a
 * stream is `<path>/<name>/{count,key}`.
 */
export class Rngs extends Sampler {
  private readonly streams: Map<string, RngStream>

  static {
    Object.defineProperty(this.prototype, nodeType, { value: rngsType })
  }

  /** The seed of the default stream and those of named ones, or the latter alone. A stream or Rngs stands for its keys. */
  constructor(first?: Seed | RngStream | Rngs | Seeds, named: Seeds = {}) {
    super()
    this.streams = new Map()
    for (const [name, seed] of Object.entries({ ...seedsOf(first), ...named })) {
      this.streams.set(name, new RngStream(seed instanceof RngStream ? seed.key.value : seed, { tag: name }))
    }
  }

  /** The names of the streams. */
  get names(): readonly string[] {
    return [...this.streams.keys()]
  }

  /** The stream of that name, else the default one. Throws GraphError where there is neither. */
  stream(name: string = 'default'): RngStream {
    const stream = this.streams.get(name) ?? this.streams.get('default')
    if (stream === undefined) {
      throw new GraphError(
        `No RngStream named '${name}' found in Rngs. It has ${this.names.map((n) => `'${n}'`).join(', ') || 'none'}; add that one, or a default by new Rngs(seed)`,
      )
    }
    return stream
  }

  /** A fresh key of that stream, else of the default one. */
  key(name: string = 'default'): Tensor {
    return this.stream(name).next()
  }

  protected override draw(): Tensor {
    return this.key()
  }

  /** New streams, each from the next key of its original. */
  fork(): Rngs {
    return derive(this.streams, (stream) => stream.fork())
  }

  /** New streams of that many keys each, for `vmap` and `scan`. A stream that no rule names stays the same object. */
  split(splits: Splits | SplitRules): Rngs {
    return byRule(this.streams, splits, (stream, n) => stream.split(n))
  }

  /** As `split`, with one key repeated. */
  broadcast(splits: Splits | SplitRules): Rngs {
    return byRule(this.streams, splits, (stream, n) => stream.broadcast(n))
  }
}

const derive = (streams: ReadonlyMap<string, RngStream>, f: (stream: RngStream) => RngStream): Rngs => {
  const rngs = new Rngs()
  for (const [name, stream] of streams) rngsType.set(rngs, name, f(stream))
  return rngs
}

const byRule = (
  streams: ReadonlyMap<string, RngStream>,
  splits: Splits | SplitRules,
  f: (stream: RngStream, splits: Splits) => RngStream,
): Rngs => {
  const rules: SplitRules = isRules(splits) ? splits : [[rest, splits as Splits]]
  const predicates = toPredicates(rules.map(([filter]) => filter))
  return derive(streams, (stream) => {
    const n = rules[predicates.findIndex((p) => p([], stream))]?.[1] ?? null
    return n === null ? stream : f(stream, n)
  })
}

const seedsOf = (first: Seed | RngStream | Rngs | Seeds | undefined): Seeds => {
  if (first === undefined) return {}
  if (first instanceof Rngs) return Object.fromEntries(first.names.map((name) => [name, first.stream(name)]))
  if (typeof first === 'object' && Object.getPrototypeOf(first) === Object.prototype) return first as Seeds
  return { default: first as Seed | RngStream }
}
