import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { InputError } from '../failure.js'
import { classes, maxImages, pixels, total, type Digits } from './digits.js'
import { readBounded, statBounded } from './read-bounded.js'

/** A file of the real data set has 2.3 MB. */
const maxFileBytes = 32 * 2 ** 20

const filesOf = (folder: string): readonly string[] =>
  Array.from({ length: classes }, (_, label) => join(folder, `${label}.json`))

const attempt = async <T>(file: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InputError(
      `cannot use the digits in ${file}: ${reason}; "npm start" in the project's root installs them`,
      { cause },
    )
  }
}

/** Changes when a source file is replaced; costs no reading. 32 bytes. */
export const sourceFingerprint = async (folder: string): Promise<Uint8Array> => {
  const hash = createHash('sha256')
  for (const file of filesOf(folder)) {
    const { size, mtimeMs } = await attempt(file, () => statBounded(file, maxFileBytes))
    hash.update(`${size} ${mtimeMs}\n`)
  }
  return hash.digest()
}

/** The bytes of the images in one parsed file; a level is stored as level / 255, rounded to three decimals. */
export const imagesFromJson = (parsed: unknown): Uint8Array => {
  const isRecord = typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'data')
  const data: unknown = isRecord ? (parsed as { data: unknown }).data : undefined
  if (!Array.isArray(data)) throw new TypeError('expected an object with an array "data"')
  const values: readonly unknown[] = data
  if (values.length === 0 || values.length % pixels !== 0) {
    throw new RangeError(`expected a multiple of ${pixels} values, got ${values.length}`)
  }
  if (values.length > maxImages * pixels) {
    throw new RangeError(`expected at most ${maxImages} images, got ${values.length / pixels}`)
  }
  const images = new Uint8Array(values.length)
  values.forEach((value, i) => {
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
      throw new RangeError(`expected numbers from 0 to 1, got ${JSON.stringify(value)?.slice(0, 40)} at index ${i}`)
    }
    images[i] = Math.round(value * 255)
  })
  return images
}

/**
 * Reads `0.json` to `9.json`.
 *
 * @throws {@link InputError} naming the file and what is wrong with it.
 */
export const readSource = async (folder: string, signal?: AbortSignal): Promise<Digits> => {
  const parts: Uint8Array[] = []
  for (const file of filesOf(folder)) {
    signal?.throwIfAborted()
    parts.push(
      await attempt(file, async () =>
        imagesFromJson(JSON.parse((await readBounded(file, maxFileBytes)).toString('utf8'))),
      ),
    )
  }
  const counts = parts.map((part) => part.length / pixels)
  if (total(counts) > maxImages) {
    throw new InputError(
      `cannot use the digits in ${folder}: expected at most ${maxImages} images, got ${total(counts)}`,
    )
  }
  const images = new Uint8Array(total(counts) * pixels)
  parts.reduce((offset, part) => {
    images.set(part, offset)
    return offset + part.length
  }, 0)
  return { images, counts }
}
