/**
 * Lets Vulkan find a software driver, unless the environment names one or asks for the machine's own with
 * LINUM_GPU_DRIVER=system. Must run before the first adapter is asked for.
 */
export const useSoftwareDriver: () => void

/**
 * Why no GPU can be opened on this machine, or null if one can, hardware or software: asked in a process of its own, because
 * a driver that crashes must not take the tests with it.
 */
export const gpuObstacle: () => string | null
