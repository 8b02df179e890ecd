import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from 'digits/program'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freshFolder, syntheticDigits, writeSource } from '../../digits/test/synthetic-digits.js'
import { play } from '../src/catalogue.js'
import { rehearsal } from './stage.js'

let folder: string

beforeAll(async () => {
  folder = await freshFolder()
  vi.stubEnv('LINUM_DIGITS_DATA', join(folder, 'source'))
  vi.stubEnv('LINUM_DIGITS_CACHE', join(folder, 'cache'))
  await writeSource(join(folder, 'source'), syntheticDigits(5))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const told = async (args: readonly string[]): Promise<string> => {
  const { stage, shown } = rehearsal()
  await play(args, stage)
  return shown()
}

test('lora tells what is trained and that the rest has not changed', async () => {
  const text = await told(['lora', '--epochs', '1', '--batch', '20', '--rank', '2'])
  expect(text).toContain('Upright digits: all 269,322 parameters are trained\n')
  expect(text).toContain('Turned digits: 3,636 parameters of adapters are trained, 269,322 are frozen\n')
  expect(text).toMatch(/\nThe 269,322 frozen parameters are the same as before, bit for bit\n$/)
})

test('vae writes a picture', async () => {
  const file = join(folder, 'new', 'drawn.png')
  expect(await told(['vae', '--epochs', '1', '--batch', '20', '--out', file])).toContain(file)
  const png = await readFile(file)
  expect(png.toString('latin1', 1, 4)).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([336, 336])
})

test('gpt learns a text of your own and goes on with a prompt', async () => {
  const file = join(folder, 'own.txt')
  await writeFile(file, 'to be or not to be, that is the question\r\n'.repeat(60))
  const args = ['gpt', '--file', file, '--steps', '5', '--batch', '2', '--length', '12', '--prompt']
  const text = await told([...args, 'to be'])
  expect(text.match(/^part \d\/5 {2}1 steps {2}loss /gm)).toHaveLength(5)
  expect(text.match(/^Loss on the end of the book, which it has not seen: \d+\.\d{3}$/gm)).toHaveLength(5)
  expect(text.match(/^ {2}to be/gm)).toHaveLength(5)
  await expect(told([...args, 'xyz'])).rejects.toThrow(new InputError('the text has no character "x"'))
})

test.each([
  [() => ['cnn', '--batch', '41'], '--batch must be at most 40, the digits to learn from, got 41; see --help'],
  [
    // A file cannot be a folder.
    () => ['vae', '--epochs', '1', '--batch', '20', '--out', join(folder, 'source', '0.json', 'x.png')],
    /^cannot write .*; name another file with --out$/,
  ],
  [() => ['gpt', '--file', join(folder, 'nothing')], /^cannot read .*nothing: ENOENT/],
])('what cannot be used is told in one line: %#', async (args, message) => {
  const failure = told(args())
  await expect(failure).rejects.toThrow(InputError)
  await expect(failure).rejects.toThrow(message)
})
