export { decode, load, treeMismatch } from '../../tensor/test/fixture.js'
