import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { helpText } from '../src/options.js'
import { build, compiled, runNode, runProgram } from './built-program.js'
import { freshFolder, syntheticDigits, writeSource } from './synthetic-digits.js'

const tiny = ['--epochs', '2', '--batch', '20', '--hidden', '16', '--device', 'js']

/** The report without what depends on the clock. */
const timeless = (text: string): string => text.replace(/ in [\d.]+ s,| *[\d.]+ steps\/s/g, '')

describe('the program', () => {
  let folder: string
  let env: { readonly LINUM_DIGITS_DATA: string; readonly LINUM_DIGITS_CACHE: string }

  beforeAll(async () => {
    await build()
    folder = await freshFolder()
    env = { LINUM_DIGITS_DATA: join(folder, 'source'), LINUM_DIGITS_CACHE: join(folder, 'cache') }
    await writeSource(env.LINUM_DIGITS_DATA, syntheticDigits(30))
    await runProgram(tiny, env)
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true }))

  test('trains, tests and reports; the same seed gives the same report', async () => {
    const first = await runProgram(tiny, { ...env, LINUM_DIGITS_CACHE: join(folder, 'first') })
    expect(first).toMatchObject({ code: 0, stderr: `Converting the digits once, from ${env.LINUM_DIGITS_DATA}\n` })
    const lines = first.stdout.split('\n')
    expect(lines[0]).toBe(
      '240 digits to learn from, 60 for the test; layers 784-16-10, 12,762 parameters; device js, seed 0',
    )
    expect(lines[1]).toMatch(/^epoch 1\/2 {2}12 steps {2}loss \d+\.\d{4} {2}accuracy +\d+\.\d % +[\d.]+ steps\/s$/)
    expect(lines[2]).toMatch(/^epoch 2\/2 {2}12 steps {2}loss /)
    expect(lines).toContain('Loss per step')
    expect(first.stdout).toMatch(
      /\nTest accuracy (\d+\.\d\d) % \(\d+ of 60\); 24 steps in [\d.]+ s, [\d.]+ steps\/s\n$/,
    )
    expect(Number(/Test accuracy ([\d.]+)/.exec(first.stdout)?.[1])).toBeGreaterThan(90)
    expect(first.stdout).not.toContain('\x1b')

    const second = await runProgram(tiny, env)
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(timeless(second.stdout)).toBe(timeless(first.stdout))
    const other = await runProgram([...tiny, '--seed', '1'], env)
    expect(timeless(other.stdout)).not.toBe(timeless(first.stdout))
  })

  test('shows its help', async () => {
    expect(await runProgram(['--help'])).toMatchObject({ code: 0, stdout: helpText, stderr: '' })
  })

  test.each([
    [['--epochs', 'x'], {}, 'digits: --epochs must be a whole number from 1 to 1000, got "x"; see --help\n'],
    [
      ['--nonsense'],
      {},
      'digits: unknown option "--nonsense"; the options are --epochs --batch --lr --hidden --seed --device --help\n',
    ],
    [['a\nb'], {}, 'digits: takes options only, got "a\\nb"; see --help\n'],
    [['--batch', '241'], {}, 'digits: --batch must be at most 240, the digits to learn from, got 241; see --help\n'],
    [
      [],
      { LINUM_DIGITS_DATA: '/no/such\nfolder' },
      /^digits: cannot use the digits in \/no\/such folder\/0\.json: ENOENT.*\n$/,
    ],
    [['--device', 'abacus'], {}, /^digits: .*"abacus".*js.*\n$/],
  ])('ends with code 2 and one line for %j %j', async (args, extra, line) => {
    const { code, stdout, stderr } = await runProgram(args, { ...env, ...extra })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(line)
    expect(stderr.split('\n')).toHaveLength(2)
  })

  test('ends with code 2 and one line for spoilt data', async () => {
    const source = join(folder, 'spoilt')
    await writeSource(source, syntheticDigits(1))
    await truncate(join(source, '5.json'), 100)
    const { code, stderr } = await runProgram(tiny, {
      LINUM_DIGITS_DATA: source,
      LINUM_DIGITS_CACHE: join(folder, 'none'),
    })
    expect(code).toBe(2)
    expect(stderr.split('\n').at(-2)).toMatch(/^digits: cannot use the digits in .*5\.json: .*JSON/)
  })

  test('says that the cache is damaged and goes on', async () => {
    const cacheFolder = join(folder, 'damaged')
    await mkdir(cacheFolder)
    await writeFile(join(cacheFolder, 'digits.bin'), 'nonsense')
    const damaged = { ...env, LINUM_DIGITS_CACHE: cacheFolder }
    const { code, stderr } = await runProgram(['--help', ...tiny], damaged)
    expect([code, stderr]).toEqual([0, ''])
    expect(await runProgram(tiny, damaged)).toMatchObject({
      code: 0,
      stderr: `The cache ${join(cacheFolder, 'digits.bin')} is damaged (8 bytes are too few); rebuilding it\n`,
    })
    expect(await runProgram(tiny, damaged)).toMatchObject({ code: 0, stderr: '' })
  })

  test.runIf(process.platform !== 'win32').each([
    ['SIGINT', 130, 'digits: interrupted\n'],
    ['SIGTERM', 143, 'digits: terminated\n'],
  ] as const)('ends cleanly on %s with code %i', async (signal, code, line) => {
    let sent = false
    const ending = await runProgram([...tiny, '--epochs', '1000'], env, (child, stdout) => {
      if (sent || !stdout.includes('epoch    3/1000')) return
      sent = true
      child.kill(signal)
    })
    expect(ending).toMatchObject({ code, signal: null, stderr: line })
    expect(ending.stdout.endsWith('\n')).toBe(true)
  })

  test.runIf(process.platform !== 'win32')('a writer killed at any moment leaves one whole file', async () => {
    const path = join(folder, 'killed', 'digits.bin')
    const script = `
      import { writeAtomic } from ${JSON.stringify(pathToFileURL(compiled('dataset/write-atomic.js')).href)}
      for (let i = 0; ; i++) {
        await writeAtomic(${JSON.stringify(path)}, Buffer.alloc(2_000_000, i % 250))
        process.stdout.write('.')
      }`
    for (let round = 0; round < 12; round++) {
      const ending = await runNode(['--input-type=module', '--eval', script], {}, (child, stdout) => {
        if (stdout.length === 1) setTimeout(() => child.kill('SIGKILL'), 3 * round)
      })
      expect(ending.signal).toBe('SIGKILL')
      const bytes = await readFile(path)
      expect(bytes.length).toBe(2_000_000)
      expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]))).toBe(true)
    }
    expect((await readdir(join(folder, 'killed'))).filter((name) => !name.endsWith('.tmp'))).toEqual(['digits.bin'])
  })
})
