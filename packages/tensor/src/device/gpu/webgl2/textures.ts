import { DeviceError } from '../../../core/errors.js'
import type { Form } from './source.js'

/** Elements in a texture, row after row: one texel each. */
export interface Texels {
  readonly texture: WebGLTexture
  readonly framebuffer: WebGLFramebuffer
  readonly form: Form
  readonly width: number
  readonly height: number
}

export const bytesPerElement = ({ form }: { readonly form: Form }): number => (form === 'pair' ? 8 : 4)
const bytesOf = (texels: Omit<Texels, 'texture' | 'framebuffer'>): number =>
  texels.width * texels.height * bytesPerElement(texels)

/** Textures that are free to be used again, most of them of few sizes. */
export class TexturePool {
  readonly #gl: WebGL2RenderingContext
  readonly #largest: number
  readonly #limit: number
  readonly #free = new Map<string, Texels[]>()
  #reserved = 0
  #idle = 0

  constructor(gl: WebGL2RenderingContext, limit: number) {
    this.#gl = gl
    this.#limit = limit
    this.#largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number
  }

  /** Bytes of all textures, in use and free. */
  get reserved(): number {
    return this.#reserved
  }

  /** A square for many elements, a power of two wide, so that few shapes occur. */
  #shape(length: number): readonly [width: number, height: number] {
    const width = Math.min(this.#largest, 2 ** Math.ceil(Math.log2(Math.max(1, Math.sqrt(length)))))
    return [width, Math.max(1, Math.ceil(length / width))]
  }

  /** A texture for `length` elements, whatever it holds. Throws DeviceError where there is no room. */
  take(length: number, form: Form): Texels {
    const [width, height] = this.#shape(length)
    if (height > this.#largest)
      throw new DeviceError(
        `gpu: a tensor of ${length} elements is more than WebGL2 holds here (${this.#largest} by ${this.#largest}); use x.to('wasm')`,
      )
    const free = this.#free.get(`${form} ${width} ${height}`)?.pop()
    if (free !== undefined) {
      this.#idle -= bytesOf(free)
      return free
    }
    return this.#create(width, height, form)
  }

  #create(width: number, height: number, form: Form): Texels {
    const gl = this.#gl
    const bytes = bytesOf({ width, height, form })
    if (this.#reserved + bytes > this.#limit) this.#trim()
    if (this.#reserved + bytes > this.#limit)
      throw new DeviceError(
        `gpu: no room for ${bytes} bytes, ${this.#reserved} of ${this.#limit} are in use; keep fewer tensors, or free them earlier with scope(f)`,
      )
    const texture = gl.createTexture()
    const framebuffer = gl.createFramebuffer()
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, texture)
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE)
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST)
    gl.texStorage2D(gl.TEXTURE_2D, 1, form === 'pair' ? gl.RG32F : gl.R32F, width, height)
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0)
    const made = { texture, framebuffer, form, width, height }
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) {
      this.#delete(made)
      throw new DeviceError(
        `gpu: the driver has no texture of ${width} by ${height} float32; keep fewer tensors, or free them earlier with scope(f)`,
      )
    }
    this.#reserved += bytes
    return made
  }

  /** Takes a texture back. */
  give(texels: Texels): void {
    const key = `${texels.form} ${texels.width} ${texels.height}`
    const free = this.#free.get(key) ?? []
    free.push(texels)
    this.#free.set(key, free)
    this.#idle += bytesOf(texels)
    if (this.#idle > this.#limit / 4) this.#trim()
  }

  #trim(): void {
    for (const free of this.#free.values())
      for (const texels of free) {
        this.#reserved -= bytesOf(texels)
        this.#delete(texels)
      }
    this.#free.clear()
    this.#idle = 0
  }

  #delete({ texture, framebuffer }: Texels): void {
    this.#gl.deleteFramebuffer(framebuffer)
    this.#gl.deleteTexture(texture)
  }

  /** Copies host numbers in: one per element, or two. */
  write(texels: Texels, numbers: Float32Array): void {
    const gl = this.#gl
    const { width, height, form } = texels
    const channels = form === 'pair' ? 2 : 1
    const format = form === 'pair' ? gl.RG : gl.RED
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, texels.texture)
    const whole = Math.min(height, Math.floor(numbers.length / (width * channels)))
    if (whole > 0) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, whole, format, gl.FLOAT, numbers)
    const rest = numbers.length / channels - whole * width
    if (rest > 0)
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, whole, rest, 1, format, gl.FLOAT, numbers, whole * width * channels)
  }
}
