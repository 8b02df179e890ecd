import { DeviceError } from '../../../core/errors.js'
import type { GpuJs } from '../gpujs.js'
import { WebGl2Device } from './device.js'

const createCanvas = (): OffscreenCanvas | HTMLCanvasElement => {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(1, 1)
  if (typeof document !== 'undefined') return document.createElement('canvas')
  throw new DeviceError("init: 'gpu' needs WebGL2, and there is no canvas outside of browsers")
}

/** Opens WebGL2 in a context of its own, with gpu.js as its compiler. Throws DeviceError where the browser has none. */
export const openWebGl2 = async (library: GpuJs): Promise<WebGl2Device> => {
  const gl = createCanvas().getContext('webgl2', {
    alpha: false,
    depth: false,
    antialias: false,
    powerPreference: 'high-performance',
  }) as WebGL2RenderingContext | null
  if (gl === null) throw new DeviceError("init: the browser gives no WebGL2 context for 'gpu'")
  if (gl.getExtension('EXT_color_buffer_float') === null)
    throw new DeviceError("init: 'gpu' on WebGL2 needs textures of floats (EXT_color_buffer_float)")
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL
  const renderer = String(gl.getParameter(unmasked ?? gl.RENDERER))
  return Promise.resolve(new WebGl2Device(library, gl, `WebGL2 by gpu.js on ${renderer}`))
}
