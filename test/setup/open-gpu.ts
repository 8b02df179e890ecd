import { devices, init } from '@linum/tensor'
import { useSoftwareDriver } from '../../scripts/gpu/driver.mjs'

// Tests that run on every device that is open run on the gpu, too. Files of a worker share the library, so all but the
// first find it open.
useSoftwareDriver()
if (!devices().some(({ name }) => name === 'gpu')) await init('gpu', { software: true })
