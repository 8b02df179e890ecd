import { datasetPaths, type Examples, loadExamples } from 'digits/dataset'
import { InputError } from 'digits/program'
import type { Stage } from './example.js'

/**
 * The digits to learn from, and those for the test: the split of the app digits.
 *
 * @throws {@link InputError} if they are not installed, or if those to learn from do not fill a batch
 */
export const readDigits = async (
  batch: number,
  { screen, signal }: Stage,
): Promise<{ readonly train: Examples; readonly test: Examples }> => {
  const digits = await loadExamples(datasetPaths(process.env), screen.note, signal)
  const size = digits.train.labels.length
  if (batch <= size) return digits
  throw new InputError(`--batch must be at most ${size}, the digits to learn from, got ${batch}; see --help`)
}
