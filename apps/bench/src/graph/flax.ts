import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Call } from './linum.js'

/** What Flax NNX took, in microseconds per call, and which version it is. */
export interface FlaxTimes {
  readonly version: string
  readonly best: Readonly<Record<string, Readonly<Record<Call, number>>>>
}

const script = fileURLToPath(new URL('../../python/graph.py', import.meta.url))

/** Runs the same calls in Python. Null, with the reason, where that Python has no Flax. */
export const measureFlax = (
  python: string,
  sizes: readonly number[],
  rounds: number,
): { readonly times: FlaxTimes | null; readonly reason: string } => {
  const run = spawnSync(python, [script, String(rounds), ...sizes.map(String)], {
    encoding: 'utf8',
    env: { ...process.env, JAX_PLATFORMS: 'cpu' },
  })
  if (run.error !== undefined) return { times: null, reason: `${python} cannot be run: ${run.error.message}` }
  if (run.status !== 0) return { times: null, reason: `${python}: ${run.stderr.trim().split('\n').at(-1) ?? 'failed'}` }
  return { times: JSON.parse(run.stdout) as FlaxTimes, reason: '' }
}
