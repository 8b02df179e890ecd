import { existsSync } from 'node:fs'

/** Where Debian's chromium keeps a driver for Vulkan that does its work on the processor. */
const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'

/**
 * The setting that shows the loader of Vulkan Chromium's software driver beside those that are installed, on a Linux machine
 * that has it: WebGPU prefers a GPU. None where the user has chosen drivers.
 */
export const softwareDriver = (
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
  exists: (path: string) => boolean = existsSync,
): Readonly<Record<string, string>> => {
  const chosen = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES'].some((name) => env[name] !== undefined)
  return platform === 'linux' && !chosen && exists(swiftshader) ? { VK_ADD_DRIVER_FILES: swiftshader } : {}
}
