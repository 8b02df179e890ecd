/// <reference types="vite/types/importMeta.d.ts" />
// The program that a page runs on one device: the cases of the fixtures, as they are and compiled, counted by function.
import { devices, type GpuMode, init, setDefaultDevice } from '@linum/tensor'
import { type Reason, reasonOf } from '../../packages/tensor/test/refusals.js'
import { deliver, pause, progress, version } from './host.js'
import { readQuery } from './options.js'
import { type Check, draw, type Item, itemsOf, spread } from './suites.js'

/** What the program is asked to do. */
export interface FunctionOptions {
  readonly device: string
  /** How the gpu is opened; null for the other devices. */
  readonly mode: GpuMode | null
  /** Cases to draw over all fixtures; null for every one. */
  readonly cases: number | null
  /** Instead, cases of every function; drawn, if left out. */
  readonly each?: number
  readonly seed: number
  /** Fixtures to keep to; all if there is none. */
  readonly fixtures: readonly string[]
}

/** How the checks of one function went. */
export interface Count {
  passed: number
  /** Of those that passed, the ones whose case is no call that must throw. */
  worked: number
  failed: number
  /** Calls that the device says it cannot do, and is known not to. */
  refused: number
  /** How many were refused for each reason. */
  readonly reasons: Partial<Record<Reason, number>>
}

/** What a run found. */
export interface FunctionReport {
  readonly version: string
  readonly description: string
  readonly cases: number
  /** By fixture and function. */
  readonly functions: Readonly<Record<string, Count>>
  /** The first failures and refusals of each function. */
  readonly told: readonly string[]
}

const files = import.meta.glob<string>('../../packages/tensor/test/fixtures/*.json', {
  eager: true,
  query: '?raw',
  import: 'default',
})

/** Failures and refusals of one function that are told in words. */
const most = 2

const outcome = async ({ run }: Check): Promise<string | null> => {
  try {
    return await run()
  } catch (error) {
    return `threw ${String(error)}`
  }
}

const chosen = (all: readonly Item[], { cases, each, seed }: FunctionOptions): readonly Item[] =>
  each !== undefined ? spread(all, each) : cases === null ? all : draw(all, cases, seed)

/** Counts how a check went and says whether it is one to be told. */
const counted = (count: Count, throws: boolean, failure: string | null, reason: Reason | null): boolean => {
  if (failure === null) {
    count.passed++
    if (!throws) count.worked++
    return false
  }
  if (reason === null) return count.failed++ < most
  count.reasons[reason] = (count.reasons[reason] ?? 0) + 1
  return count.refused++ < most
}

const perform = async (options: FunctionOptions): Promise<FunctionReport> => {
  const { device, mode, fixtures } = options
  await init(device, mode === null ? {} : { mode, software: true })
  setDefaultDevice(device)
  const all = itemsOf(files).filter(({ fixture }) => fixtures.length === 0 || fixtures.includes(fixture))
  const items = chosen(all, options)
  const functions: Record<string, Count> = {}
  const told: string[] = []
  let [shown, paused] = ['', performance.now()]
  for (const { fixture, fn, checks } of items) {
    if (fixture !== shown) await progress(fixture)
    shown = fixture
    const count = (functions[`${fixture} ${fn}`] ??= { passed: 0, worked: 0, failed: 0, refused: 0, reasons: {} })
    for (const check of checks) {
      const failure = await outcome(check)
      const reason = failure === null ? null : reasonOf(device, fn, failure)
      if (counted(count, check.throws === true, failure, reason))
        told.push(`${reason === null ? 'FAILED' : 'refused'} ${check.label}: ${failure}`)
      if (performance.now() - paused < 50) continue
      await pause()
      paused = performance.now()
    }
  }
  const description = devices().find(({ name }) => name === device)?.description ?? ''
  return { version: version(), description, cases: items.length, functions, told }
}

let report: FunctionReport | { readonly error: string }
try {
  report = await perform(readQuery<FunctionOptions>())
} catch (error) {
  report = { error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) }
}
await deliver(report)
