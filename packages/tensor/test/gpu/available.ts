export { gpuObstacle, useSoftwareDriver } from '../../../../scripts/gpu/driver.mjs'
