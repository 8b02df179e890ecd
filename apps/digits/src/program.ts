export {
  defaultsOf,
  deviceOption,
  helpLines,
  type Option,
  type OptionTable,
  parseCommandLine,
  rate,
  seedOption,
  text,
  whole,
} from './command-line.js'
export { selectDevice } from './device.js'
export { Failure, InputError, TrainingError } from './failure.js'
export { launch } from './launch.js'
export { makeMeter, type Meter } from './meter.js'
export { type Progress, type Standing, withProgress } from './report/progress.js'
export { type Screen, screenOn } from './report/screen.js'
export { percent } from './report/summary.js'
