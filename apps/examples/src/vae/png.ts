import { crc32, deflateSync } from 'node:zlib'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** Length, type, content and checksum of both. */
const chunk = (type: string, content: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(content.length + 12)
  bytes.writeUInt32BE(content.length)
  bytes.write(type, 4, 'latin1')
  bytes.set(content, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}

/** A grey image of `levels`, row by row from the top, 0 for black and 255 for white, as a PNG file. W3C PNG, 3rd edition. */
export const encodePng = (levels: Uint8Array, width: number, height: number): Uint8Array => {
  if (width < 1 || height < 1 || levels.length !== width * height)
    throw new RangeError(`encodePng: expected ${width} x ${height} levels, got ${levels.length}`)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  // Eight bits a pixel; the zeros after it say: grey, deflate, rows with a filter byte, not interlaced.
  header[8] = 8
  const rows = new Uint8Array(height * (width + 1))
  for (let row = 0; row < height; row++) {
    rows.set(levels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1)
  }
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
  ])
}
