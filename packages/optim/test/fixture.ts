export {
  decode,
  type Encoded,
  load,
  mismatch,
  tensor,
  type Tolerance,
  treeMismatch,
} from '../../tensor/test/fixture.js'
export { first, guarded, labelled, parity } from '../../tensor/test/parity.js'
