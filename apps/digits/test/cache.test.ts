import { fc, test } from '@fast-check/vitest'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect } from 'vitest'
import { decodeCache, encodeCache, readCache } from '../src/dataset/cache.js'
import { classes, pixels, total, type Digits } from '../src/dataset/digits.js'
import { loadDigits } from '../src/dataset/load.js'
import { freshFolder, syntheticDigits, writeSource } from './synthetic-digits.js'

const fingerprint = new Uint8Array(32).fill(7)
const sound = encodeCache(syntheticDigits(1), fingerprint)

const edited = (edit: (bytes: Buffer) => void): Uint8Array => {
  const bytes = Buffer.from(sound)
  edit(bytes)
  return bytes
}

const resealed = (edit: (bytes: Buffer) => void): Uint8Array =>
  edited((bytes) => {
    edit(bytes)
    bytes.set(createHash('sha256').update(bytes.subarray(0, -32)).digest(), bytes.length - 32)
  })

describe('the cache format', () => {
  test.prop([fc.array(fc.nat(2), { minLength: classes, maxLength: classes }), fc.nat(255)], { numRuns: 50 })(
    'gives back the digits that were put in',
    (counts, start) => {
      const digits: Digits = {
        counts,
        images: Uint8Array.from({ length: total(counts) * pixels }, (_, i) => start + i),
      }
      const reading = decodeCache(encodeCache(digits, fingerprint), fingerprint)
      expect(reading.kind).toBe('hit')
      if (reading.kind === 'hit') {
        expect(reading.digits.counts).toEqual(counts)
        expect(Buffer.from(reading.digits.images).equals(digits.images)).toBe(true)
      }
    },
  )

  test('has a fixed beginning', () => {
    expect(Buffer.from(sound.subarray(0, 28)).toString('hex')).toBe(
      '4c494e554d444947010000001c0000001c0000000a00000001000000',
    )
  })

  test('is stale for another fingerprint', () => {
    expect(decodeCache(sound, new Uint8Array(32))).toEqual({ kind: 'stale' })
  })

  test.prop([fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 })], { numRuns: 200 })(
    'notices any changed byte',
    (at, difference) => {
      const bytes = edited((b) => {
        b[at] = (b[at] ?? 0) ^ difference
      })
      expect(decodeCache(bytes, fingerprint).kind).toBe('damaged')
    },
  )

  test.prop([fc.nat(sound.length - 1)], { numRuns: 200 })('notices a missing end', (length) => {
    expect(decodeCache(sound.subarray(0, length), fingerprint).kind).toBe('damaged')
  })

  test('notices appended bytes', () => {
    expect(decodeCache(Buffer.concat([sound, Buffer.alloc(1)]), fingerprint).kind).toBe('damaged')
  })

  test.each([
    ['magic', (b: Buffer) => b.write('XXXX'), 'it is not a file of this program'],
    ['version', (b: Buffer) => b.writeUInt32LE(2, 8), 'version 2 instead of 1'],
    ['rows', (b: Buffer) => b.writeUInt32LE(27, 12), 'wrong image size'],
    ['counts', (b: Buffer) => b.writeUInt32LE(0xffffffff, 24), 'its length contradicts its header'],
  ])('refuses another %s, even under a right checksum', (_, edit, reason) => {
    expect(decodeCache(resealed(edit), fingerprint)).toEqual({ kind: 'damaged', reason })
  })

  test.prop([fc.uint8Array({ maxLength: 400 })], { numRuns: 200 })('takes no other bytes', (bytes) => {
    expect(decodeCache(bytes, fingerprint).kind).toBe('damaged')
  })
})

describe('loadDigits', () => {
  let folder: string
  let paths: { readonly source: string; readonly cacheFile: string }
  const load = async (): Promise<readonly [images: string, notes: readonly string[]]> => {
    const notes: string[] = []
    const { images } = await loadDigits(paths, (line) => notes.push(line))
    return [Buffer.from(images).toString('hex'), notes]
  }
  const expected = Buffer.from(syntheticDigits(2).images).toString('hex')

  beforeEach(async () => {
    folder = await freshFolder()
    paths = { source: join(folder, 'source'), cacheFile: join(folder, 'cache', 'digits.bin') }
    await writeSource(paths.source, syntheticDigits(2))
    return () => rm(folder, { recursive: true })
  })

  test('converts once, then reads the cache without a word', async () => {
    expect(await load()).toEqual([expected, [`Converting the digits once, from ${paths.source}`]])
    expect(await load()).toEqual([expected, []])
  })

  test('reads the cache alone when there is one', async () => {
    await load()
    // The same size and time, but no digits any more.
    const file = join(paths.source, '4.json')
    const { length } = await readFile(file)
    await utimes(file, 1000, 1000)
    await load()
    await writeFile(file, ' '.repeat(length))
    await utimes(file, 1000, 1000)
    expect(await load()).toEqual([expected, []])
  })

  test('says that the cache is damaged and rebuilds it', async () => {
    await load()
    await truncate(paths.cacheFile, 5000)
    const told = `The cache ${paths.cacheFile} is damaged (its length contradicts its header); rebuilding it`
    expect(await load()).toEqual([expected, [told]])
    expect(await load()).toEqual([expected, []])
  })

  test('rebuilds the cache when the source has changed', async () => {
    await load()
    await writeSource(paths.source, syntheticDigits(3))
    const [images, notes] = await load()
    expect(images).toBe(Buffer.from(syntheticDigits(3).images).toString('hex'))
    expect(notes).toEqual([`The digits have changed; rebuilding the cache ${paths.cacheFile}`])
  })

  test('goes on without a cache that cannot be written, and says so', async () => {
    await writeFile(join(folder, 'cache'), 'a file where the folder should be')
    const [images, notes] = await load()
    expect(images).toBe(expected)
    expect(notes.at(-1)).toMatch(/^Cannot write the cache \(.*\); going on without it$/)
  })

  test('gives the same digits to readers and writers at once', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, load))
    for (const [images] of results) expect(images).toBe(expected)
    expect((await load())[1]).toEqual([])
  })

  test('does not take a folder for a cache', async () => {
    await mkdir(paths.cacheFile, { recursive: true })
    expect(await readCache(paths.cacheFile, fingerprint)).toEqual({ kind: 'damaged', reason: 'is not a file' })
  })
})
