import { isSoftwareName } from './adapter.js'

/** What draws for WebGL2 here, or why there is none. */
export type Renderer = { readonly description: string; readonly software: boolean } | { readonly reason: string }

const canvas = (): OffscreenCanvas | HTMLCanvasElement | null => {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(1, 1)
  return typeof document === 'undefined' ? null : document.createElement('canvas')
}

/** Looks at what WebGL2 draws with, by a context that is given back at once: browsers have few. */
export const findRenderer = (): Renderer => {
  const surface = canvas()
  if (surface === null) return { reason: 'there is no canvas outside of browsers' }
  const gl = surface.getContext('webgl2') as WebGL2RenderingContext | null
  if (gl === null) return { reason: 'the browser gives no context' }
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL
  const description = String(gl.getParameter(unmasked ?? gl.RENDERER))
  const floats = gl.getExtension('EXT_color_buffer_float') !== null
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  if (!floats) return { reason: `${description} cannot write floats (EXT_color_buffer_float)` }
  return { description, software: isSoftwareName(description) }
}
