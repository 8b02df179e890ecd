export { constant, ones, onesInit, zeros, zerosInit } from './constant.js'
export type { Initializer, InitializerOptions } from './initializer.js'
export { deltaOrthogonal, orthogonal, type OrthogonalOptions } from './orthogonal.js'
export {
  normal,
  type NormalOptions,
  truncatedNormal,
  type TruncatedNormalOptions,
  uniform,
  type UniformOptions,
} from './random.js'
export {
  type Distribution,
  type FanMode,
  type FanOptions,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
  xavierNormal,
  xavierUniform,
} from './variance-scaling.js'
