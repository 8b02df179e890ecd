import { BoundedCache } from '../../../core/bounded-cache.js'
import type { Texels } from './textures.js'
import type { LinkedProgram, Translatable, Translator } from './translate.js'

/** Corners of the target, and the texture coordinates there. */
const corners = Float32Array.from([-1, -1, 0, 0, 1, -1, 1, 0, -1, 1, 0, 1, 1, 1, 1, 1])

/** A program of this device. */
export interface Program {
  readonly linked: LinkedProgram
}

/** Draws programs into textures: one fragment per element. */
export class Painter {
  readonly #gl: WebGL2RenderingContext
  readonly #translator: Translator
  readonly #programs = new BoundedCache<string, Program>(2048)
  readonly #corners: WebGLBuffer
  #draws = 0
  readonly #arrays = new Map<string, WebGLVertexArrayObject>()
  /** Programs that no cache and no schedule holds any more. */
  readonly #collected = new FinalizationRegistry<WebGLProgram>((program) => this.#gl.deleteProgram(program))

  constructor(gl: WebGL2RenderingContext, translator: Translator) {
    this.#gl = gl
    this.#translator = translator
    this.#corners = gl.createBuffer()
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#corners)
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STATIC_DRAW)
    gl.disable(gl.BLEND)
    gl.disable(gl.DEPTH_TEST)
  }

  /** Draws since the start. */
  get draws(): number {
    return this.#draws
  }
  /** Programs linked since the start. */
  get linked(): number {
    return this.#programs.misses
  }

  program(source: Translatable): Program {
    const { text, inputs, params, output } = source
    return this.#programs.get(`${output}|${inputs.join()}|${params.join()}|${text}`, () => {
      // gpu.js sets what arrays of vertices say; those of ours are kept apart.
      this.#gl.bindVertexArray(null)
      const program = { linked: this.#translator.link(source) }
      this.#collected.register(program, program.linked.program)
      return program
    })
  }

  #vertices({ corner, coordinate }: LinkedProgram): WebGLVertexArrayObject {
    const key = `${corner} ${coordinate}`
    let array = this.#arrays.get(key)
    if (array === undefined) {
      const gl = this.#gl
      array = gl.createVertexArray()
      gl.bindVertexArray(array)
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#corners)
      for (const [place, offset] of [
        [corner, 0],
        [coordinate, 8],
      ] as const) {
        if (place < 0) continue
        gl.enableVertexAttribArray(place)
        gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 16, offset)
      }
      this.#arrays.set(key, array)
    }
    return array
  }

  /** Writes the first `length` elements of `output`; where the program discards, what is there stays. */
  draw(
    { linked }: Program,
    inputs: readonly { readonly texels: Texels; readonly length: number }[],
    params: readonly number[],
    output: Texels,
    length: number,
  ): void {
    const gl = this.#gl
    gl.useProgram(linked.program)
    inputs.forEach(({ texels, length: extent }, k) => {
      const at = linked.inputs[k]!
      gl.activeTexture(gl.TEXTURE0 + k)
      gl.bindTexture(gl.TEXTURE_2D, texels.texture)
      gl.uniform1i(at.sampler, k)
      gl.uniform2i(at.size, texels.width, texels.height)
      gl.uniform3i(at.extent, extent, 1, 1)
    })
    params.forEach((value, k) => gl.uniform1i(linked.params[k]!, value))
    gl.uniform2f(linked.ratio, 1, 1)
    gl.uniform2i(linked.outputSize, output.width, output.height)
    gl.uniform3i(linked.outputExtent, output.width * output.height, 1, 1)
    gl.bindVertexArray(this.#vertices(linked))
    gl.bindFramebuffer(gl.FRAMEBUFFER, output.framebuffer)
    gl.viewport(0, 0, output.width, output.height)
    // Rows behind the last element are left out.
    gl.enable(gl.SCISSOR_TEST)
    gl.scissor(0, 0, output.width, Math.ceil(length / output.width))
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4)
    this.#draws++
  }
}
