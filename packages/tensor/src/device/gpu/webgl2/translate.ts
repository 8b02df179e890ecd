import { DeviceError } from '../../../core/errors.js'
import type { GpuJs } from '../gpujs.js'
import { nativesOf } from './natives/catalog.js'
import type { Form } from './source.js'

/** A function for gpu.js: texture arguments by form, then whole numbers. */
export interface Translatable {
  readonly text: string
  readonly inputs: readonly Form[]
  /** Names of the whole numbers that follow the textures. */
  readonly params: readonly string[]
  readonly output: Form
}

/** A linked program and where its inputs go. Attributes: corners of the target, and of the texture coordinates. */
export interface LinkedProgram {
  readonly program: WebGLProgram
  readonly corner: number
  readonly coordinate: number
  readonly inputs: readonly {
    readonly sampler: WebGLUniformLocation | null
    readonly size: WebGLUniformLocation | null
    readonly extent: WebGLUniformLocation | null
  }[]
  readonly params: readonly (WebGLUniformLocation | null)[]
  readonly ratio: WebGLUniformLocation | null
  readonly outputSize: WebGLUniformLocation | null
  readonly outputExtent: WebGLUniformLocation | null
}

/** A kernel of gpu.js behind its shortcut function. */
interface Kernel {
  readonly constructor: { readonly mode: string }
  readonly context: unknown
  readonly program: WebGLProgram | null
  readonly framebuffer: WebGLFramebuffer | null
  readonly buffer: WebGLBuffer | null
  readonly fragShader: WebGLShader | null
  readonly vertShader: WebGLShader | null
  readonly texture: { readonly texture: WebGLTexture } | null
  readonly argumentNames: readonly string[]
  readonly fallbackRequested?: boolean
  build(...args: readonly unknown[]): void
}
interface Gpu {
  /** Every kernel that was made, kept until the instance is destroyed. */
  readonly kernels: unknown[]
  createKernel(source: string, settings: Readonly<Record<string, unknown>>): { readonly kernel: Kernel }
}

const argumentType: Readonly<Record<Form, string>> = { single: 'ArrayTexture(1)', pair: 'ArrayTexture(2)' }
const returnType: Readonly<Record<Form, string>> = { single: 'Number', pair: 'Array(2)' }
const typeOf = (glsl: string): string => {
  const type = { float: 'Number', int: 'Integer', vec2: 'Array(2)' }[glsl]
  if (type === undefined) throw new Error(`webgl2: kernels cannot call a function of ${glsl}`)
  return type
}

/** What a kernel is built for: the shape of an argument, without its elements. */
class TextureArgument {
  readonly size: readonly number[] = [1, 1]
  readonly dimensions: readonly number[] = [1, 1, 1]
  readonly texture: null = null
  readonly type: string

  constructor(type: string) {
    this.type = type
  }
}

/**
 * gpu.js 2.24.1 as a compiler: it translates functions to GLSL and links them in our context; textures, uniforms and
 * drawing are ours. All that is used of its insides on WebGL2 is used here.
 */
export class Translator {
  readonly #gpu: Gpu
  readonly #gl: WebGL2RenderingContext

  constructor(library: GpuJs, gl: WebGL2RenderingContext) {
    this.#gl = gl
    this.#gpu = new library.GPU({ mode: 'webgl2', context: gl, canvas: gl.canvas }) as Gpu
  }

  /** Throws DeviceError where gpu.js or the driver refuses. */
  link({ text, inputs, params, output }: Translatable): LinkedProgram {
    const kernel = this.#build(text, inputs, params, output)
    const gl = this.#gl
    const program = kernel.program!
    // Its own target, corners and shaders are not needed to draw.
    gl.deleteFramebuffer(kernel.framebuffer)
    gl.deleteBuffer(kernel.buffer)
    gl.deleteTexture(kernel.texture?.texture ?? null)
    for (const shader of [kernel.fragShader, kernel.vertShader]) gl.deleteShader(shader)
    this.#gpu.kernels.length = 0
    if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true)
      throw new DeviceError(`gpu: the driver could not link a kernel: ${gl.getProgramInfoLog(program)}`)
    const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name)
    const names = kernel.argumentNames
    return {
      program,
      corner: gl.getAttribLocation(program, 'aPos'),
      coordinate: gl.getAttribLocation(program, 'aTexCoord'),
      inputs: names.slice(0, inputs.length).map((name) => ({
        sampler: at(`user_${name}`),
        size: at(`user_${name}Size`),
        extent: at(`user_${name}Dim`),
      })),
      params: names.slice(inputs.length).map((name) => at(`user_${name}`)),
      ratio: at('ratio'),
      outputSize: at('uTexSize'),
      outputExtent: at('uOutputDim'),
    }
  }

  #build(text: string, inputs: readonly Form[], params: readonly string[], output: Form): Kernel {
    const { called, needed } = nativesOf(text)
    const types = [...inputs.map((form) => argumentType[form]), ...params.map(() => 'Integer')]
    try {
      const { kernel } = this.#gpu.createKernel(text, {
        output: [1],
        precision: 'single',
        // The highest that there is.
        tactic: 'precision',
        pipeline: true,
        immutable: true,
        dynamicArguments: true,
        dynamicOutput: true,
        fixIntegerDivisionAccuracy: false,
        loopMaxIterations: 2 ** 31 - 1,
        returnType: returnType[output],
        argumentTypes: Object.fromEntries(types.map((type, k) => [k, type])),
        injectedNative: needed.map((n) => n.source).join('\n'),
        // Their text is injected, in an order that gpu.js does not know; these are the types.
        nativeFunctions: called.map((n) => ({
          name: n.name,
          source: '',
          returnType: typeOf(n.returns),
          argumentTypes: Object.fromEntries(n.takes.map((type, k) => [`x${k}`, typeOf(type)])),
        })),
      })
      // What all of its kernels by WebGL say; the context tells the rest.
      if (kernel.constructor.mode !== 'gpu')
        throw new DeviceError(`gpu: gpu.js made a kernel for '${kernel.constructor.mode}', not for WebGL2`)
      kernel.build(...inputs.map((form) => new TextureArgument(argumentType[form])), ...params.map(() => 0))
      if (kernel.fallbackRequested === true || kernel.program === null || kernel.context !== this.#gl)
        throw new DeviceError(`gpu: gpu.js did not build a kernel for WebGL2`)
      return kernel
    } catch (error) {
      if (error instanceof DeviceError) throw error
      throw new DeviceError(`gpu: gpu.js could not build a kernel: ${(error as Error).message}`, { cause: error })
    }
  }
}
