import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { datasetPaths } from 'digits/dataset'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { preview } from 'vite'
import { isolation } from '../build/isolation.js'
import { syntheticDigits, writeSource } from '../../digits/test/synthetic-digits.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The page as it is built, in a folder of its own. */
export interface Site {
  readonly folder: string
  /** Whether the digits are the real ones, which not every install has. */
  readonly real: boolean
  readonly remove: () => Promise<void>
}

const installed = (): boolean => {
  try {
    return existsSync(datasetPaths(process.env).source)
  } catch {
    return false
  }
}

/** The page is bundled by a Node of its own, since its digits are packed by built code. */
const bundle = async (folder: string, env: Readonly<Record<string, string>>): Promise<void> => {
  const vite = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url))
  await promisify(execFile)(process.execPath, [vite, 'build', root, '--outDir', folder, '--logLevel', 'error'], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production', ...env },
  })
}

/** Builds the page: with the real digits where they are installed, else with invented ones. */
export const buildSite = async (): Promise<Site> => {
  const place = await mkdtemp(join(tmpdir(), 'playground-'))
  const [folder, source] = [join(place, 'site'), join(place, 'digits')]
  const real = installed()
  if (!real) await writeSource(source, syntheticDigits(40))
  await bundle(folder, real ? {} : { LINUM_DIGITS_DATA: source, LINUM_DIGITS_CACHE: join(place, 'cache') })
  return { folder, real, remove: () => rm(place, { recursive: true }) }
}

/** A server of the page. */
export interface Server {
  readonly address: string
  readonly close: () => Promise<void>
}

/** Serves a site as `npm run playground -- preview` does, or without what lets threads share memory. */
export const serveSite = async ({ folder }: Site, { isolated }: { readonly isolated: boolean }): Promise<Server> => {
  const server = await preview({
    // The configuration brings what packs the digits, which runs as built code only.
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    build: { outDir: folder },
    preview: { port: 0, headers: isolated ? isolation : {} },
  })
  return { address: server.resolvedUrls!.local[0]!, close: () => server.close() }
}

const quiet = [
  // The page is drawn by the processor, which is faster than a GPU of software.
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // A sandbox cannot be had by root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]
const software = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan,WebGPU',
  '--enable-unsafe-swiftshader',
]

/** Starts a browser, with a GPU of software for programs if asked for. */
export const startBrowser = (
  executablePath: string,
  { gpu }: { readonly gpu: 'none' | 'software' },
): Promise<Browser> =>
  chromium.launch({ executablePath, headless: true, args: gpu === 'none' ? quiet : [...quiet, ...software] })

/** A page, and what went wrong in it so far. */
export interface Visit {
  readonly page: Page
  /** Errors that the page threw or logged. */
  readonly errors: readonly string[]
  /** Where it asked for something. */
  readonly requests: readonly string[]
  readonly close: () => Promise<void>
}

/** Opens the page and waits until it can train. */
export const visit = async (
  browser: Browser,
  address: string,
  options: BrowserContextOptions = { serviceWorkers: 'block' },
): Promise<Visit> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const errors: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  context.on('request', (request) => requests.push(request.url()))
  await page.goto(address)
  await ready(page)
  return { page, errors, requests, close: () => context.close() }
}

/** Waits until a training is set up. */
export const ready = async (page: Page): Promise<void> => {
  await page.waitForSelector('#train:enabled')
}

/** One of the numbers of the training as the page shows it; NaN for a dash. */
export const readout = async (page: Page, name: 'steps' | 'pace' | 'loss' | 'accuracy'): Promise<number> =>
  Number.parseFloat(((await page.textContent(`#readout-${name}`)) ?? '').replaceAll(',', ''))

/** Waits until one of the numbers is high enough. */
export const reaches = async (
  page: Page,
  name: 'steps' | 'accuracy',
  least: number,
  seconds: number,
): Promise<void> => {
  await page.waitForFunction(
    ({ id, least }) => Number.parseFloat((document.getElementById(id)?.textContent ?? '').replaceAll(',', '')) >= least,
    { id: `readout-${name}`, least },
    { timeout: 1000 * seconds, polling: 50 },
  )
}

/** Waits until every device has been tried. */
export const allTried = async (page: Page): Promise<void> => {
  await page.waitForFunction(
    () => ![...document.querySelectorAll('.note')].some((note) => note.textContent === 'Trying …'),
    null,
    { timeout: 60_000 },
  )
}

/** Chooses a task. */
export const learn = async (page: Page, task: 'moons' | 'digits'): Promise<void> => {
  await page.locator(`input[name=task][value=${task}]`).check({ force: true })
  await page.waitForSelector(task === 'digits' ? '.sample' : '#field')
  await ready(page)
}
