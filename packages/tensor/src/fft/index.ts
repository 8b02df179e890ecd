export { abs, angle, type Complex, type ComplexLike, conj, multiply } from './complex.js'
export type { FftnOptions, FftNorm, FftOptions } from './frame.js'
export { fftfreq, fftshift, type FrequencyOptions, ifftshift, rfftfreq } from './frequencies.js'
export {
  fft,
  fft2,
  fftn,
  hfft,
  ifft,
  ifft2,
  ifftn,
  ihfft,
  irfft,
  irfft2,
  irfftn,
  rfft,
  rfft2,
  rfftn,
} from './transforms.js'
