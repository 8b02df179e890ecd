import { random } from 'linum'
import { total } from './digits.js'
import { loadDigits } from './load.js'
import type { DatasetPaths } from './locate.js'
import { type Examples, splitDigits } from './split.js'

/** The test set is the same for every seed of a run, so that runs can be compared. */
const splitSeed = 0

/**
 * The digits to learn from, and those for the test; always the same.
 *
 * @throws {@link InputError} if there is no cache and the source cannot be used
 */
export const loadExamples = async (
  paths: DatasetPaths,
  note: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ readonly train: Examples; readonly test: Examples }> => {
  const digits = await loadDigits(paths, note, signal)
  const permutation = await random.permutation(random.key(splitSeed), total(digits.counts)).data()
  return splitDigits(digits, Int32Array.from(permutation, Number))
}
