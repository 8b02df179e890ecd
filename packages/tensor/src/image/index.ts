export type { ResizeMethod } from './kernels.js'
export { resize, type ResizeOptions, scaleAndTranslate } from './resize.js'
