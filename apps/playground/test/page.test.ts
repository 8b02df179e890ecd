import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../../scripts/runtimes/page.mjs'
import {
  allTried,
  buildSite,
  learn,
  reaches,
  readout,
  ready,
  type Server,
  serveSite,
  type Site,
  startBrowser,
  visit,
} from './site.js'

/** The quick run opens the page once; the full run does all that a visitor may do, on every device. */
const full = process.env['LINUM_TEST'] === 'full'

let site: Site
let server: Server
beforeAll(async () => {
  site = await buildSite()
  server = await serveSite(site, { isolated: true })
}, 120_000)
afterAll(async () => {
  await server.close()
  await site.remove()
})

test('the page is built: one document, its scripts, styles and digits', async () => {
  const answer = await fetch(server.address)
  expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin')
  expect(answer.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
  const text = await answer.text()
  expect(text).toContain('<title>linum playground</title>')
  const scripts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!)
  expect(scripts.length).toBeGreaterThan(2)
  // Scripts and styles are beside the page, whatever folder it is served from.
  for (const address of scripts) expect(address).toMatch(/^(\.\/|data:)/)
  const digits = await fetch(new URL('digits.bin', server.address))
  expect((await digits.arrayBuffer()).byteLength).toBeGreaterThan(10_000)
})

const train = (page: Page): Promise<void> => page.click('#train:enabled')

/** How many pictures the page draws while the worker takes so many steps. */
const framesDuring = (page: Page, steps: number): Promise<number> =>
  page.evaluate(
    (steps) =>
      new Promise<number>((resolve) => {
        const taken = (): number =>
          Number.parseInt(document.getElementById('readout-steps')!.textContent.replace(/\D/g, ''))
        const until = taken() + steps
        let frames = 0
        const frame = (): void => {
          frames++
          if (taken() < until) requestAnimationFrame(frame)
          else resolve(frames)
        }
        requestAnimationFrame(frame)
      }),
    steps,
  )

/** Draws lines on the pad, from corner to corner in shares of its side. */
const draw = async (page: Page, corners: readonly (readonly [number, number])[]): Promise<void> => {
  const { x, y, width, height } = (await page.locator('#pad').boundingBox())!
  const [first, ...others] = corners.map(([u, v]) => [x + u * width, y + v * height] as const)
  await page.mouse.move(...first!)
  await page.mouse.down()
  for (const corner of others) await page.mouse.move(...corner, { steps: 5 })
  await page.mouse.up()
}

/** Trains on another device until 97 % are right: 'learned', or what the page said instead. */
const learnMoons = async (page: Page, device: string): Promise<string> => {
  await page.locator(`input[name=device][value=${device}]`).check({ force: true })
  await ready(page)
  await train(page)
  const outcome = await page.waitForFunction(
    () => {
      const text = (id: string): string => document.getElementById(id)?.textContent ?? ''
      return Number.parseFloat(text('readout-accuracy')) >= 97 ? 'learned' : text('message')
    },
    null,
    { timeout: 170_000, polling: 100 },
  )
  return outcome.jsonValue()
}

const { path: chromium, reason } = findChromium()
if (chromium === undefined) console.warn(`Skipped: the page is not opened: ${reason}`)
else {
  describe('in Chromium', () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await startBrowser(chromium, { gpu: 'none' })
    }, 60_000)
    afterAll(() => browser.close())

    test('a network learns two moons to 97 % on wasm, shown with its boundary, its curves and its weights', async () => {
      const { page, errors, requests, close } = await visit(browser, server.address)
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
      expect(await page.isChecked('input[name=device][value=wasm]')).toBe(true)
      const before = await page.locator('#field').screenshot()
      await train(page)
      await reaches(page, 'accuracy', 97, 120)
      expect(await readout(page, 'pace')).toBeGreaterThan(1)
      await train(page)
      await page.waitForFunction(() => document.getElementById('train-label')?.textContent === 'Train')
      expect((await page.locator('#field').screenshot()).equals(before)).toBe(false)
      expect(await readout(page, 'loss')).toBeLessThan(0.3)
      for (const tab of ['text', 'table']) {
        await page.click(`#tab-${tab}`)
        expect(await page.textContent(`#panel-${tab}`)).toContain(tab === 'text' ? '├─ first: Linear' : 'Mlp Summary')
      }
      await page.click('#tab-tree')
      expect(await page.locator('#panel-tree .linum summary').first().textContent()).toContain('Mlp')
      expect(errors).toEqual([])
      const { origin } = new URL(server.address)
      expect(requests.filter((url) => !/^(blob|data):/.test(url) && new URL(url).origin !== origin)).toEqual([])
      expect(requests.length).toBeGreaterThan(3)
      await close()
    })

    if (!full) return

    test('pause stops, step takes one step, reset begins anew, another rate goes on, other sizes set up another model', async () => {
      const { page, errors, close } = await visit(browser, server.address)
      const sizes = (): Promise<string | null> => page.textContent('#parameters')
      expect(await readout(page, 'steps')).toBe(0)
      await page.click('#step')
      await reaches(page, 'steps', 1, 120)
      expect(await readout(page, 'steps')).toBe(1)
      await train(page)
      await reaches(page, 'steps', 10, 120)
      await page.locator('#rate').fill('2')
      expect(await page.textContent('#rate-value')).toBe('0.0005')
      await reaches(page, 'steps', (await readout(page, 'steps')) + 10, 10)
      await page.click('#train')
      await page.waitForFunction(() => document.getElementById('train-label')?.textContent === 'Train')
      const paused = await readout(page, 'steps')
      await page.click('#step')
      await reaches(page, 'steps', paused + 1, 10)
      await page.waitForTimeout(200)
      expect(await readout(page, 'steps')).toBe(paused + 1)
      await page.click('#reset')
      await page.waitForFunction(() => document.getElementById('readout-steps')?.textContent === '0')
      await ready(page)
      const medium = await sizes()
      await page.locator('input[name=width][value="8"]').check({ force: true })
      await page.waitForFunction((text) => document.getElementById('parameters')?.textContent !== text, medium)
      expect(await sizes()).toBe('114 parameters')
      expect(errors).toEqual([])
      await close()
    })

    test('a convolutional network learns to read digits to 93 % on wasm, and reads what is drawn', async () => {
      const { page, errors, close } = await visit(browser, server.address)
      await learn(page, 'digits')
      expect(await page.locator('.sample').count()).toBe(20)
      await train(page)
      await reaches(page, 'accuracy', 93, 120)
      expect(await page.textContent('#answer')).toBe('–')
      await draw(page, [
        [0.55, 0.15],
        [0.5, 0.5],
        [0.45, 0.85],
      ])
      // While it goes on learning, what is on the pad is read again and again.
      const certain = (): Promise<number> =>
        page.evaluate(() => Number.parseFloat(document.querySelector('.bars .best .value')?.textContent ?? ''))
      await page.waitForFunction(() => document.querySelector('.bars .best .value')?.textContent !== undefined)
      expect(await certain()).toBeGreaterThan(10)
      const shares = await page.locator('.bars .value').allTextContents()
      expect(shares.reduce((sum, text) => sum + Number.parseFloat(text), 0)).toBeCloseTo(100, -1)
      expect(await page.textContent('#answer')).toMatch(site.real ? /^1$/ : /^\d$/)
      await page.click('#pad-clear')
      expect(await page.textContent('#answer')).toBe('–')
      // Of 20 unseen digits most are read right, and one can be put on the pad.
      expect(await page.locator('.sample.wrong').count()).toBeLessThan(5)
      await page.locator('.sample:not(.wrong)').first().click()
      const truth = await page.locator('.sample:not(.wrong) .read').first().textContent()
      await page.waitForFunction((text) => document.getElementById('answer')?.textContent === text, truth)
      expect(errors).toEqual([])
      await close()
    })

    test('the page stays responsive while it trains', async () => {
      const { page, close } = await visit(browser, server.address)
      await learn(page, 'digits')
      await train(page)
      await reaches(page, 'steps', 20, 120)
      // A page that trained by itself would draw at most one picture a step.
      expect(await framesDuring(page, 40)).toBeGreaterThan(10)
      await close()
    })

    test('every device is shown, one that cannot be used with the reason, and the js device learns', async () => {
      const { page, errors, close } = await visit(browser, server.address)
      await allTried(page)
      const rows = await page.locator('.device').evaluateAll((labels) =>
        labels.map((label) => ({
          device: label.querySelector('input')!.value,
          disabled: label.querySelector('input')!.disabled,
          note: label.querySelector('.note')!.textContent,
        })),
      )
      expect(rows.map(({ device }) => device)).toEqual(['js', 'wasm', 'gpu-webgpu', 'gpu-webgl2'])
      expect(rows.slice(0, 2).map(({ disabled }) => disabled)).toEqual([false, false])
      for (const { note } of rows) expect(note.length).toBeGreaterThan(5)
      await page.locator('input[name=device][value=js]').check({ force: true })
      await ready(page)
      await train(page)
      await reaches(page, 'accuracy', 97, 120)
      expect(errors).toEqual([])
      await close()
    })

    test('without shared memory it trains with one thread', async () => {
      const alone = await serveSite(site, { isolated: false })
      const { page, errors, close } = await visit(browser, alone.address)
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
      await train(page)
      await reaches(page, 'accuracy', 97, 120)
      expect(errors).toEqual([])
      await close()
      await alone.close()
    })

    test('once visited, it opens and trains without a network', async () => {
      const { page, errors, close } = await visit(browser, server.address, { serviceWorkers: 'allow' })
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await page.context().setOffline(true)
      await page.reload()
      await ready(page)
      await learn(page, 'digits')
      await page.click('#step')
      await reaches(page, 'steps', 1, 120)
      expect(errors).toEqual([])
      await close()
    })

    test.for([
      ['a phone', 390, 844, 'dark'],
      ['a desktop', 1440, 900, 'light'],
    ] as const)('nothing reaches beyond the screen of %s', async ([, width, height, colorScheme]) => {
      const { page, close } = await visit(browser, server.address, {
        serviceWorkers: 'block',
        viewport: { width, height },
        colorScheme,
      })
      for (const task of ['moons', 'digits'] as const) {
        await learn(page, task)
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
        const { y, height: tall } = (await page.locator('#train').boundingBox())!
        expect(y + tall).toBeLessThanOrEqual(height)
      }
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(paper).toBe(colorScheme === 'dark' ? 'rgb(19, 20, 24)' : 'rgb(245, 245, 242)')
      await close()
    })
  })

  if (full)
    describe('in Chromium with a GPU', () => {
      let browser: Browser
      beforeAll(async () => {
        browser = await startBrowser(chromium, { gpu: 'software' })
      }, 60_000)
      afterAll(() => browser.close())

      test.for(['gpu-webgpu', 'gpu-webgl2'])(
        '%s learns two moons to the same accuracy, or says why it cannot be used',
        async (device) => {
          const { page, errors, close } = await visit(browser, server.address)
          await allTried(page)
          const radio = page.locator(`input[name=device][value=${device}]`)
          const usable = await radio.isEnabled()
          const told = usable
            ? await learnMoons(page, device)
            : await page.locator('.device', { has: radio }).locator('.note').textContent()
          expect(usable || process.env['LINUM_GPU'] !== 'required', `${device}: ${told}`).toBe(true)
          expect(told).toMatch(usable ? /^learned$/ : /^.{10}/)
          expect(errors).toEqual([])
          await close()
        },
      )
    })
}
