import { type Filter, rest, toPredicates } from '@linum/filters'
import { random } from '@linum/tensor'
import { type Around, during, replacement, replaceStreams, type RngBackups, streamsOf } from './backups.js'
import { isRules, type SplitRules } from './rules.js'
import { RngStream, type Splits } from './stream.js'

export interface SplitRngsOptions {
  /** How many keys: a number or a shape, which comes before the shape of the key. */
  readonly splits: Splits
  /** Which streams, by the tag, type or path of their keys and counts. All by default. */
  readonly only?: Filter
  /** With `splits: 1`, takes the axis of one away again: a fresh key of the old shape. */
  readonly squeeze?: boolean
}

/**
 * Splits the streams of a graph in place: the next key of each becomes many, with counts of zero. Returns what
 * `restoreRngs` takes. With options alone it makes decorators: the streams of a function's arguments are split while it
 * runs. Throws RangeError for `squeeze` with other splits than 1.
 */
export function splitRngs(node: object, options: SplitRngsOptions): RngBackups
export function splitRngs(options: SplitRngsOptions): Around
export function splitRngs(first: object, second?: SplitRngsOptions): RngBackups | Around {
  if (second === undefined) return during((args) => splitAll(args, first as SplitRngsOptions))
  return splitAll(first, second)
}

const splitAll = (node: object, { splits, only = true, squeeze = false }: SplitRngsOptions): RngBackups => {
  if (squeeze && splits !== 1)
    throw new RangeError(
      `splitRngs: \`squeeze\` is only supported for splits of 1, got ${JSON.stringify(splits)}; leave it out`,
    )
  const split = (stream: RngStream): RngStream =>
    squeeze ? new RngStream(random.split(stream.next(), 1).slice(0), { tag: stream.tag }) : stream.split(splits)
  return replaceStreams(streamsOf(node, only).map(([, stream]) => replacement(stream, split)))
}

export interface ForkRngsOptions {
  /** How many keys, for all streams or by filter; null, the default, is one key of the old shape. */
  readonly split?: Splits | SplitRules | null
}

/**
 * Gives the streams of a graph fresh keys in place, each from its next key, with counts of zero. Returns what
 * `restoreRngs` takes; with options alone it makes decorators, as `splitRngs`. A stream that no rule names is left alone.
 */
export function forkRngs(node: object, options: ForkRngsOptions): RngBackups
export function forkRngs(options: ForkRngsOptions): Around
export function forkRngs(first: object, second?: ForkRngsOptions): RngBackups | Around {
  if (second === undefined) return during((args) => forkAll(args, first as ForkRngsOptions))
  return forkAll(first, second)
}

const forkAll = (node: object, { split = null }: ForkRngsOptions): RngBackups => {
  const rules: SplitRules = split !== null && isRules(split) ? split : [[rest, split]]
  const predicates = toPredicates(rules.map(([filter]) => filter))
  const found = streamsOf(node, true).flatMap(([path, stream]) => {
    const rule =
      rules[predicates.findIndex((p) => p([...path, 'key'], stream.key) && p([...path, 'count'], stream.count))]
    if (rule === undefined) return []
    const splits = rule[1]
    return [replacement(stream, (copy) => (splits === null ? copy.fork() : copy.split(splits)))]
  })
  return replaceStreams(found)
}
