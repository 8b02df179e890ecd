import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { classes, pixels, side, type Digits } from '../src/dataset/digits.js'

/** One image: a class-dependent block of ink, and noise that depends on the seed. */
const image = (label: number, seed: number): Uint8Array => {
  let state = (label * 7919 + seed * 104729 + 1) >>> 0
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  }
  return Uint8Array.from({ length: pixels }, (_, i) => {
    const inBlock =
      Math.floor(Math.floor(i / side) / 6) === label % 5 && Math.floor((i % side) / 14) === Math.floor(label / 5)
    return inBlock ? 255 - (noise() >> 2) : noise() >> 3
  })
}

/** `perClass` images of every digit. */
export const syntheticDigits = (perClass: number): Digits => {
  const counts = Array.from({ length: classes }, () => perClass)
  const parts = counts.flatMap((count, label) => Array.from({ length: count }, (_, seed) => image(label, seed)))
  const images = new Uint8Array(parts.length * pixels)
  parts.forEach((part, i) => images.set(part, i * pixels))
  return { images, counts }
}

/** Writes digits as the package mnist carries them: ten JSON files, levels / 255 with three decimals. */
export const writeSource = async (folder: string, { images, counts }: Digits): Promise<void> => {
  await mkdir(folder, { recursive: true })
  let start = 0
  for (const [label, count] of counts.entries()) {
    const end = start + count * pixels
    const data = Array.from(images.subarray(start, end), (level) => Number((level / 255).toFixed(3)))
    await writeFile(join(folder, `${label}.json`), JSON.stringify({ data }))
    start = end
  }
}

/** A new empty folder. */
export const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'digits-'))
