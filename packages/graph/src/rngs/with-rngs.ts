import { type Filter, type FilterFn, formatPath, type Path, rest, toPredicate, toPredicates } from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { recursiveMap } from '../traverse/recursive-map.js'
import type { Around } from './backups.js'
import { isRules, type SplitRules } from './rules.js'
import { RngStream, type Splits } from './stream.js'

export interface WithRngsOptions {
  /** Streams that become many keys. */
  readonly split?: Splits | SplitRules
  /** Streams that become one key repeated. */
  readonly broadcast?: Splits | SplitRules
  /** Streams that get a fresh key. */
  readonly fork?: Filter
  /** Which streams the rules are for. All by default. */
  readonly only?: Filter
}

/** What one option says about streams. */
interface Rule {
  readonly name: 'split' | 'broadcast' | 'fork'
  readonly filter: Filter
  readonly matches: FilterFn
  readonly apply: (stream: RngStream) => RngStream
}

const rulesOf = (
  name: Rule['name'],
  given: Splits | SplitRules | undefined,
  apply: (stream: RngStream, splits: Splits) => RngStream,
): readonly Rule[] => {
  if (given === undefined) return []
  const rules: SplitRules = isRules(given) ? given : [[rest, given]]
  const predicates = toPredicates(rules.map(([filter]) => filter))
  return rules.map(([filter, splits], i) => ({
    name,
    filter,
    matches: predicates[i]!,
    apply: (stream) => (splits === null ? stream : apply(stream, splits)),
  }))
}

const isRest = ({ filter }: Rule): boolean => filter === rest || filter === true

const show = (filter: Filter): string =>
  typeof filter === 'string' ? `'${filter}'` : typeof filter === 'function' ? filter.name : String(filter)

/** The one rule for a stream. Throws GraphError where two options name it otherwise than by `rest`. */
const ruleFor = (options: readonly (readonly Rule[])[], path: Path, stream: RngStream): Rule | undefined => {
  const found = options.flatMap((rules) => rules.find((rule) => rule.matches(path, stream)) ?? [])
  if (found.filter((rule) => !isRest(rule)).length > 1) {
    const lines = found.map((rule) => `  - ${rule.name} matches filter ${show(rule.filter)}`)
    throw new GraphError(`RngStream at path '${formatPath(path)}' matches multiple rules:\n${lines.join('\n')}`)
  }
  return found[0]
}

/**
 * A copy of a graph, with the same Variables, whose streams are split, repeated or forked as the options say; streams
 * that none names are the same. Each new stream takes a key of its original. With options alone it makes decorators:
 * the function gets such copies of its arguments. Throws GraphError where two options name one stream.
 */
export function withRngs<M>(node: M, options: WithRngsOptions): M
export function withRngs(options: WithRngsOptions): Around
export function withRngs(first: unknown, second?: WithRngsOptions): unknown {
  if (second !== undefined) return copyWith(first, second)
  const decorate: Around =
    (f) =>
    (...args) =>
      f(...copyWith(args, first as WithRngsOptions))
  return decorate
}

const copyWith = <M>(node: M, { split, broadcast, fork, only = true }: WithRngsOptions): M => {
  const selects = toPredicate(only)
  const options = [
    rulesOf('split', split, (stream, splits) => stream.split(splits)),
    rulesOf('broadcast', broadcast, (stream, splits) => stream.broadcast(splits)),
    fork === undefined
      ? []
      : [
          {
            name: 'fork',
            filter: fork,
            matches: toPredicate(fork),
            apply: (stream: RngStream): RngStream => stream.fork(),
          } as const,
        ],
  ]
  const replace = (path: Path, value: unknown): unknown => {
    if (!(value instanceof RngStream) || !selects(path, value)) return value
    return ruleFor(options, path, value)?.apply(value) ?? value
  }
  return recursiveMap(replace, node) as M
}
