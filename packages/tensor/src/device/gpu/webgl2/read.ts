import { DeviceError } from '../../../core/errors.js'
import type { Texels } from './textures.js'

const channelsOf = (texels: Texels): number => (texels.form === 'pair' ? 2 : 1)

/** The first numbers of pixels that were read four at a time. */
const tight = (pixels: Float32Array, length: number, channels: number): Float32Array => {
  const numbers = new Float32Array(length * channels)
  for (let i = 0; i < length; i++) for (let c = 0; c < channels; c++) numbers[i * channels + c] = pixels[i * 4 + c]!
  return numbers
}

/** Rows that hold the first `length` elements. */
const rowsOf = (texels: Texels, length: number): number => Math.ceil(length / texels.width)

/** The first `length` elements, now: it waits for all work before. */
export const readNow = (gl: WebGL2RenderingContext, texels: Texels, length: number): Float32Array => {
  const rows = rowsOf(texels, length)
  const pixels = new Float32Array(texels.width * rows * 4)
  gl.bindFramebuffer(gl.FRAMEBUFFER, texels.framebuffer)
  // The only format that every driver reads floats in.
  gl.readPixels(0, 0, texels.width, rows, gl.RGBA, gl.FLOAT, pixels)
  return tight(pixels, length, channelsOf(texels))
}

/** As `readNow`, when the work before is done. The elements are those of now. */
export const readLater = async (
  gl: WebGL2RenderingContext,
  texels: Texels,
  length: number,
  lost: () => DeviceError | null,
): Promise<Float32Array> => {
  const rows = rowsOf(texels, length)
  const pixels = new Float32Array(texels.width * rows * 4)
  const buffer = gl.createBuffer()
  try {
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer)
    gl.bufferData(gl.PIXEL_PACK_BUFFER, pixels.byteLength, gl.STREAM_READ)
    gl.bindFramebuffer(gl.FRAMEBUFFER, texels.framebuffer)
    gl.readPixels(0, 0, texels.width, rows, gl.RGBA, gl.FLOAT, 0)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null)
    await passed(gl, lost)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer)
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, pixels)
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null)
  } finally {
    gl.deleteBuffer(buffer)
  }
  return tight(pixels, length, channelsOf(texels))
}

/** Resolves when the GPU has done all that was asked for so far. */
const passed = (gl: WebGL2RenderingContext, lost: () => DeviceError | null): Promise<void> => {
  const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
  gl.flush()
  return new Promise((resolve, reject) => {
    // Messages are not held up to 4 ms, as timers are.
    const { port1, port2 } = new MessageChannel()
    const end = (settle: () => void): void => {
      port1.close()
      gl.deleteSync(sync)
      settle()
    }
    port1.onmessage = () => {
      const failure = lost()
      if (failure !== null) return end(() => reject(failure))
      const status = sync === null ? gl.WAIT_FAILED : gl.clientWaitSync(sync, 0, 0)
      if (status === gl.WAIT_FAILED)
        return end(() => reject(lost() ?? new DeviceError('gpu: waiting for the GPU failed')))
      if (status === gl.TIMEOUT_EXPIRED) port2.postMessage(0)
      else end(resolve)
    }
    port2.postMessage(0)
  })
}
