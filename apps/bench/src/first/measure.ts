import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Breakdown } from './breakdown.js'

/** The breakdowns of a workload's first call in fresh processes, the quickest call first. */
export const measureFirst = (workload: 'mlp' | 'gpt', device: string, rounds: number): readonly Breakdown[] => {
  const script = fileURLToPath(new URL('./main.js', import.meta.url))
  const once = (): Breakdown =>
    JSON.parse(execFileSync(process.execPath, [script, workload, device], { encoding: 'utf8' })) as Breakdown
  return Array.from({ length: rounds }, once).sort((a, b) => a.total - b.total)
}
