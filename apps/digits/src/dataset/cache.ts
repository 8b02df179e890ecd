import { createHash } from 'node:crypto'
import { classes, maxImages, pixels, side, total, type Digits } from './digits.js'
import { readBounded } from './read-bounded.js'

/*
 * Layout, little-endian: magic (8 bytes) · version, rows, columns, classes (u32 each) · images per class (u32 each) ·
 * fingerprint of the source (32 bytes) · images (rows x columns bytes each) · SHA-256 of all before (32 bytes).
 */
const magic = Buffer.from('LINUMDIG', 'latin1')
const version = 1
const digest = 32
const shape = [version, side, side, classes] as const
const countsAt = magic.length + 4 * shape.length
const fingerprintAt = countsAt + 4 * classes
const imagesAt = fingerprintAt + digest
const maxBytes = imagesAt + maxImages * pixels + digest

/** What a cache file turned out to hold. */
export type CacheReading =
  | { readonly kind: 'hit'; readonly digits: Digits }
  | { readonly kind: 'absent' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'damaged'; readonly reason: string }

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

const damaged = (reason: string): CacheReading => ({ kind: 'damaged', reason })

/** The content of a cache file. `fingerprint` has 32 bytes. */
export const encodeCache = (digits: Digits, fingerprint: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(imagesAt + digits.images.length + digest)
  bytes.set(magic)
  shape.forEach((value, i) => bytes.writeUInt32LE(value, magic.length + 4 * i))
  digits.counts.forEach((count, i) => bytes.writeUInt32LE(count, countsAt + 4 * i))
  bytes.set(fingerprint, fingerprintAt)
  bytes.set(digits.images, imagesAt)
  bytes.set(sha256(bytes.subarray(0, -digest)), bytes.length - digest)
  return bytes
}

/** `decodeCache(encodeCache(digits, f), f)` is a hit with equal digits; with any byte changed or missing it is no hit. */
export const decodeCache = (bytes: Uint8Array, fingerprint: Uint8Array): CacheReading => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < imagesAt + digest) return damaged(`${view.length} bytes are too few`)
  if (!view.subarray(0, magic.length).equals(magic)) return damaged('it is not a file of this program')
  if (view.readUInt32LE(magic.length) !== version) {
    return damaged(`version ${view.readUInt32LE(magic.length)} instead of ${version}`)
  }
  if (!shape.every((value, i) => view.readUInt32LE(magic.length + 4 * i) === value)) return damaged('wrong image size')
  const counts = Array.from({ length: classes }, (_, i) => view.readUInt32LE(countsAt + 4 * i))
  if (view.length !== imagesAt + total(counts) * pixels + digest) return damaged('its length contradicts its header')
  if (!sha256(view.subarray(0, -digest)).equals(view.subarray(-digest))) return damaged('the checksum differs')
  if (!view.subarray(fingerprintAt, imagesAt).equals(fingerprint)) return { kind: 'stale' }
  return { kind: 'hit', digits: { images: view.subarray(imagesAt, -digest), counts } }
}

/** Reads a cache file; never throws, since the digits can always be read from their source instead. */
export const readCache = async (path: string, fingerprint: Uint8Array): Promise<CacheReading> => {
  try {
    return decodeCache(await readBounded(path, maxBytes), fingerprint)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'absent' }
    return damaged(error instanceof Error ? error.message : String(error))
  }
}
