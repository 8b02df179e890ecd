import { crc32, inflateSync } from 'node:zlib'
import { fc, test } from '@fast-check/vitest'
import { random, Rngs } from 'linum'
import { describe, expect } from 'vitest'
import { gridOf } from '../src/vae/grid.js'
import { Vae } from '../src/vae/model.js'
import { encodePng } from '../src/vae/png.js'
import { sample, train } from '../src/vae/train.js'
import { digits, falls, unwatched } from './stage.js'

/** The chunks of a PNG, each with a right checksum. */
const chunksOf = (png: Uint8Array): readonly (readonly [type: string, content: Buffer])[] => {
  const bytes = Buffer.from(png)
  const chunks: (readonly [string, Buffer])[] = []
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(bytes.subarray(at + 4, at + 8 + length)))
    chunks.push([bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length)])
    at += 12 + length
  }
  return chunks
}

describe('encodePng', () => {
  test.prop([fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(255)], { numRuns: 30 })(
    'writes a file from which the levels come back',
    (width, height, first) => {
      const levels = Uint8Array.from({ length: width * height }, (_, i) => first + 31 * i)
      const png = encodePng(levels, width, height)
      expect(Buffer.from(png.subarray(0, 8)).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
      const [header, data, end, ...rest] = chunksOf(png)
      expect([header?.[0], data?.[0], end?.[0], rest.length]).toEqual(['IHDR', 'IDAT', 'IEND', 0])
      expect([header?.[1].readUInt32BE(0), header?.[1].readUInt32BE(4)]).toEqual([width, height])
      expect([...(header?.[1].subarray(8) ?? [])]).toEqual([8, 0, 0, 0, 0])
      const rows = inflateSync(data?.[1] ?? new Uint8Array())
      expect(rows.length).toBe(height * (width + 1))
      expect(rows.filter((_, i) => i % (width + 1) === 0)).toEqual(Buffer.alloc(height))
      expect(rows.filter((_, i) => i % (width + 1) > 0)).toEqual(Buffer.from(levels))
    },
  )

  test('refuses levels that are no such image', () => {
    expect(() => encodePng(new Uint8Array(5), 2, 3)).toThrow('encodePng: expected 2 x 3 levels, got 5')
    expect(() => encodePng(new Uint8Array(0), 0, 3)).toThrow(RangeError)
  })
})

describe('gridOf', () => {
  test('puts images side by side, black on white', () => {
    const images = new Float32Array(3 * 784)
    images[784 + 2 * 28 + 1] = 1
    images[2 * 784] = 0.5
    const { levels, width, height } = gridOf(images, 2)
    expect([width, height]).toEqual([56, 56])
    expect([...levels.entries()].filter(([, level]) => level < 255)).toEqual([
      [2 * 56 + 29, 0],
      [28 * 56, 128],
    ])
  })
})

describe('vae', () => {
  test('learns to draw, and draws the same for the same seed', async () => {
    const once = async (seed: number): Promise<readonly [readonly number[], Float32Array]> => {
      const model = new Vae({ hidden: 16, latent: 4 }, { rngs: new Rngs(seed) })
      const losses = await train(model, digits.train, { epochs: 4, batch: 16, lr: 0.01, seed }, unwatched)
      return [losses, await sample(model, 3, random.key(seed))]
    }
    const [losses, images] = await once(0)
    expect(losses).toHaveLength(20)
    expect(falls(losses)).toBe(true)
    expect(images).toHaveLength(3 * 784)
    expect(images.every((level) => level >= 0 && level <= 1)).toBe(true)
    expect(await once(0)).toEqual([losses, images])
  })
})
