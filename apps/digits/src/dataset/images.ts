export { type Arrangement, type Batch, batches } from './batches.js'
export { classes, pixels, side } from './digits.js'
export { shuffled } from './shuffled.js'
export type { Examples } from './split.js'
