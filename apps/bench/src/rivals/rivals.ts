import { cpus } from 'node:os'
import { type BundleSize, measureBundles } from './bundle.js'
import { rivalsChart } from './chart.js'
import { compare } from './compare.js'
import { contenders } from './contenders.js'
import { installRivals } from './install.js'
import { writeReport } from './readme.js'
import type { Workload } from './specs.js'
import { measureStarts } from './start.js'
import { type Report, rivalsTables } from './table.js'

export interface RivalsOptions {
  readonly only: readonly Workload[]
  readonly rounds: number
  readonly device: string
  readonly python: string
  readonly write: boolean
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

const machine = (): string => {
  const [cpu] = cpus()
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`
}

/** Runs the comparison, prints the tables, and with `write` puts them into the README. */
export const runRivals = async ({ only, rounds, device, python, write }: RivalsOptions): Promise<void> => {
  const obstacle = installRivals(tell)
  if (obstacle !== null) tell(`jax-js and tfjs: ${obstacle}`)
  const needsInstall = new Set(['jax-js', 'tfjs'])
  const all = contenders(device, python)
  const able = obstacle === null ? all : all.filter(({ name }) => !needsInstall.has(name))
  const comparison = await compare(able, only, rounds, tell)
  const present = new Set(comparison.participants.map(({ name }) => name))
  const starts = measureStarts(
    able.filter(({ name }) => present.has(name)),
    Math.min(rounds, 3),
    tell,
  )
  let bundles: readonly BundleSize[] = []
  if (obstacle === null) {
    tell('bundling the smallest programs')
    bundles = await measureBundles()
  }
  const left = obstacle === null ? [] : [...needsInstall].map((name) => ({ name, reason: obstacle }))
  const report: Report = { ...comparison, absent: [...left, ...comparison.absent], starts, bundles }
  const tables = `One run on ${machine()}.\n\n${rivalsTables(report)}`
  process.stdout.write(`${tables}\n`)
  if (write) writeReport(`${tables}\n\n![Time of one step of each library](chart.svg)`, rivalsChart(report))
}
