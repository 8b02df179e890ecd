import { type Examples, pixels } from 'digits/images'

/** The digits to learn from and those for the test. */
export interface DigitSets {
  readonly train: Examples
  readonly test: Examples
}

/*
 * Layout, before compression: how many there are to learn from and for the test (u32 each, little-endian) · the class of
 * each image (u8) · the images (784 levels each).
 */
const headerBytes = 8

/** The bytes of the file, uncompressed. */
export const encodeDigits = ({ train, test }: DigitSets): Uint8Array => {
  const count = train.labels.length + test.labels.length
  const bytes = new Uint8Array(headerBytes + count * (1 + pixels))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, train.labels.length, true)
  view.setUint32(4, test.labels.length, true)
  bytes.set(train.labels, headerBytes)
  bytes.set(test.labels, headerBytes + train.labels.length)
  bytes.set(train.images, headerBytes + count)
  bytes.set(test.images, headerBytes + count + train.images.length)
  return bytes
}

/** The digits in the bytes of {@link encodeDigits}. Throws RangeError where the length contradicts the header. */
export const decodeDigits = (bytes: Uint8Array): DigitSets => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [train, test] = bytes.length < headerBytes ? [0, 0] : [view.getUint32(0, true), view.getUint32(4, true)]
  const count = train + test
  if (bytes.length !== headerBytes + count * (1 + pixels))
    throw new RangeError(
      `decodeDigits: the length must fit the header, got ${bytes.length} bytes; build the page again`,
    )
  const examples = (from: number, to: number): Examples => ({
    labels: Int32Array.from(bytes.subarray(headerBytes + from, headerBytes + to)),
    images: bytes.subarray(headerBytes + count + from * pixels, headerBytes + count + to * pixels),
  })
  return { train: examples(0, train), test: examples(train, count) }
}

const fetchDigits = async (address: string): Promise<DigitSets> => {
  const response = await fetch(address)
  if (!response.ok || response.body === null)
    throw new Error(`The digits did not arrive: the server answered ${response.status}`)
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'))
  return decodeDigits(new Uint8Array(await new Response(unpacked).arrayBuffer()))
}

let loaded: Promise<DigitSets> | null = null

/** Fetches the digits once; a failure is not kept. */
export const loadDigits = (address: string): Promise<DigitSets> => {
  loaded ??= fetchDigits(address).catch((error: unknown) => {
    loaded = null
    throw error
  })
  return loaded
}
