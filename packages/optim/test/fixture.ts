export {
  decode, type Encoded, first, guarded, labelled, load, mismatch, parity, tensor, type Tolerance, treeMismatch,
} from '../../tensor/test/fixture.js'
