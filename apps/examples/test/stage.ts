import { PassThrough } from 'node:stream'
import { type Examples, splitDigits } from 'digits/dataset'
import { screenOn } from 'digits/program'
import { syntheticDigits } from '../../digits/test/synthetic-digits.js'
import type { Stage, Watch } from '../src/example.js'

/** Eight digits of every class to learn from, two for the test. */
export const digits: { readonly train: Examples; readonly test: Examples } = splitDigits(
  syntheticDigits(10),
  // 37 has no common factor with 100, so this is a permutation.
  Array.from({ length: 100 }, (_, i) => (i * 37) % 100),
)

/** A training that nobody sees and nothing ends. */
export const unwatched: Watch = {
  progress: { start: () => undefined, update: () => undefined, finish: () => undefined, stop: () => undefined },
  signal: new AbortController().signal,
}

/** A stage without an audience, and what was shown on it. */
export const rehearsal = (): { readonly stage: Stage; readonly shown: () => string } => {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const chunks: Buffer[] = []
  out.on('data', (chunk: Buffer) => chunks.push(chunk))
  return {
    stage: { screen: screenOn(out, err, {}), signal: unwatched.signal },
    shown: () => Buffer.concat(chunks).toString('utf8'),
  }
}

/** Whether the last values are together below the first. */
export const falls = (losses: readonly number[]): boolean => {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  return mean(losses.slice(-4)) < 0.9 * mean(losses.slice(0, 4))
}
