import { encodeCache, readCache, type CacheReading } from './cache.js'
import type { Digits } from './digits.js'
import type { DatasetPaths } from './locate.js'
import { readSource, sourceFingerprint } from './source.js'
import { writeAtomic } from './write-atomic.js'

const explain = (reading: Exclude<CacheReading, { kind: 'hit' }>, { source, cacheFile }: DatasetPaths): string => {
  switch (reading.kind) {
    case 'absent':
      return `Converting the digits once, from ${source}`
    case 'stale':
      return `The digits have changed; rebuilding the cache ${cacheFile}`
    case 'damaged':
      return `The cache ${cacheFile} is damaged (${reading.reason}); rebuilding it`
  }
}

/**
 * The digits, from the cache where it is sound and belongs to the source as it is now, else from the source. A cache that
 * cannot be read or written is told through `note` and never fails the run.
 *
 * @throws {@link InputError} if the source is needed and cannot be used
 */
export const loadDigits = async (
  paths: DatasetPaths,
  note: (line: string) => void,
  signal?: AbortSignal,
): Promise<Digits> => {
  const fingerprint = await sourceFingerprint(paths.source)
  const reading = await readCache(paths.cacheFile, fingerprint)
  if (reading.kind === 'hit') return reading.digits
  note(explain(reading, paths))
  const digits = await readSource(paths.source, signal)
  try {
    await writeAtomic(paths.cacheFile, encodeCache(digits, fingerprint))
  } catch (error) {
    note(`Cannot write the cache (${error instanceof Error ? error.message : String(error)}); going on without it`)
  }
  return digits
}
