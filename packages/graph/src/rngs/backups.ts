import { toPredicate, type Filter, type Path } from '@linum/filters'
import type { Tensor } from '@linum/tensor'
import { iterGraph } from '../traverse/iterate.js'
import { checkMutable } from '../variable/variable.js'
import { RngStream } from './stream.js'

/** A stream and what it goes back to. */
export interface RngBackup {
  readonly stream: RngStream
  readonly key: Tensor
  readonly count: Tensor
}

/** What `splitRngs` and `forkRngs` changed; `using` restores it at the end of the block. */
export class RngBackups implements Iterable<RngBackup>, Disposable {
  readonly entries: readonly RngBackup[]

  constructor(entries: readonly RngBackup[]) {
    this.entries = entries
  }

  [Symbol.iterator](): Iterator<RngBackup> {
    return this.entries[Symbol.iterator]()
  }

  [Symbol.dispose](): void {
    restoreRngs(this)
  }
}

/**
 * Gives the streams the keys and counts that they had, counting the draw that the change took. Throws TraceError in
 * another transform than the one that changed them.
 */
export const restoreRngs = (backups: Iterable<RngBackup>): void => {
  const all = [...backups]
  for (const { stream } of all) checkStream(stream)
  for (const { stream, key, count } of all) {
    stream.key.value = key
    stream.count.value = count
  }
}

const checkStream = (stream: RngStream): void => {
  checkMutable(stream.key)
  checkMutable(stream.count)
}

/** The streams of a graph whose key and count both match, with their paths. */
export const streamsOf = (node: unknown, only: Filter): readonly (readonly [Path, RngStream])[] => {
  const selects = toPredicate(only)
  return [...iterGraph(node)].filter(
    (entry): entry is readonly [Path, RngStream] =>
      entry[1] instanceof RngStream &&
      selects([...entry[0], 'key'], entry[1].key) &&
      selects([...entry[0], 'count'], entry[1].count),
  )
}

/** What a stream becomes. */
export interface Replacement {
  readonly stream: RngStream
  readonly made: RngStream
  /** Its count once the key has been drawn that it was made from. */
  readonly drawn: Tensor
}

/** Writes the replacements into their streams. Everything is checked before the first of them changes. */
export const replaceStreams = (replacements: readonly Replacement[]): RngBackups => {
  for (const { stream } of replacements) checkStream(stream)
  const backups = replacements.map(({ stream, drawn }) => ({ stream, key: stream.key.value, count: drawn }))
  for (const { stream, made } of replacements) {
    stream.key.value = made.key.value
    stream.count.value = made.count.value
  }
  return new RngBackups(backups)
}

/** `f` on a copy of the stream, so that a call that throws has drawn nothing. */
export const replacement = (stream: RngStream, f: (copy: RngStream) => RngStream): Replacement => {
  const copy = stream.copy()
  const made = f(copy)
  return { stream, made, drawn: copy.count.value }
}

/** A function whose arguments' streams are changed while it runs. */
export const during =
  (change: (args: readonly unknown[]) => RngBackups) =>
  <A extends readonly unknown[], R>(f: (...args: A) => R): ((...args: A) => R) =>
  (...args) => {
    const backups = change(args)
    try {
      return f(...args)
    } finally {
      restoreRngs(backups)
    }
  }

/** Makes a function of the same parameters and result. */
export type Around = <A extends readonly unknown[], R>(f: (...args: A) => R) => (...args: A) => R
