import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { writeAtomic } from '../src/dataset/write-atomic.js'
import { freshFolder } from './synthetic-digits.js'

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return { ...real, open: vi.fn<typeof real.open>(real.open), rename: vi.fn<typeof real.rename>(real.rename) }
})

const fault = new Error('no space left')

const failIn = (method: 'writeFile' | 'sync' | 'close'): void => {
  const { getMockImplementation } = vi.mocked(open)
  const real = getMockImplementation()
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    const handle = (await real?.(...args)) as FileHandle
    const faulty = vi.spyOn(handle, method)
    if (method === 'close') {
      const close = handle.close.bind(handle)
      faulty.mockRestore()
      vi.spyOn(handle, 'close').mockImplementationOnce(async () => {
        await close()
        throw fault
      })
    } else {
      faulty.mockRejectedValueOnce(fault as never)
    }
    return handle
  })
}

describe('writeAtomic', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await freshFolder()
    path = join(folder, 'digits.bin')
    return () => rm(folder, { recursive: true })
  })

  test('writes a file, and nothing else, into a folder that it makes', async () => {
    const deep = join(folder, 'a', 'b', 'digits.bin')
    await writeAtomic(deep, Buffer.from('new'))
    expect(await readFile(deep, 'utf8')).toBe('new')
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['digits.bin'])
  })

  test('replaces a file', async () => {
    await writeFile(path, 'a longer old content')
    await writeAtomic(path, Buffer.from('new'))
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  test.each([
    ['opening', () => vi.mocked(open).mockRejectedValueOnce(fault)],
    ['writing', () => failIn('writeFile')],
    ['syncing', () => failIn('sync')],
    ['closing', () => failIn('close')],
    ['renaming', () => vi.mocked(rename).mockRejectedValueOnce(fault)],
  ])('keeps the old file and leaves nothing behind when %s fails', async (_, prepare) => {
    await writeFile(path, 'old')
    prepare()
    await expect(writeAtomic(path, Buffer.from('new'))).rejects.toBe(fault)
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['digits.bin'])
  })

  test('shows readers a whole file while several write', async () => {
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000))
    await writeAtomic(path, Buffer.from(contents[0] ?? ''))
    let writing = true
    const written = Promise.all(contents.map((content) => writeAtomic(path, Buffer.from(content)))).finally(() => {
      writing = false
    })
    let reads = 0
    while (writing) {
      expect(contents).toContain(await readFile(path, 'utf8'))
      reads += 1
    }
    await written
    expect(reads).toBeGreaterThan(0)
    expect(await readdir(folder)).toEqual(['digits.bin'])
  })

  test('removes what a killed process left long ago, but no other file', async () => {
    const [abandoned, recent, foreign] = ['digits.bin.1.tmp', 'digits.bin.2.tmp', 'other.bin.3.tmp'].map((name) =>
      join(folder, name),
    )
    for (const file of [abandoned, recent, foreign]) await writeFile(file ?? '', '')
    const hourAgo = Date.now() / 1000 - 3600
    await utimes(abandoned ?? '', hourAgo, hourAgo)
    await utimes(foreign ?? '', hourAgo, hourAgo)
    await writeAtomic(path, Buffer.from('new'))
    expect((await readdir(folder)).sort()).toEqual(['digits.bin', 'digits.bin.2.tmp', 'other.bin.3.tmp'])
  })

  test('does not replace a folder', async () => {
    await mkdir(path)
    await expect(writeAtomic(path, Buffer.from('new'))).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['digits.bin'])
  })
})
