import { expect, test } from 'vitest'
import { softwareDriver } from '../src/vulkan.js'

const there = (): boolean => true

test("Chromium's driver is added to those that are installed", () => {
  expect(softwareDriver({}, 'linux', there)).toEqual({
    VK_ADD_DRIVER_FILES: '/usr/lib/chromium/vk_swiftshader_icd.json',
  })
})

test('drivers that the user chose are left alone', () => {
  expect(softwareDriver({ VK_ICD_FILENAMES: '/mine.json' }, 'linux', there)).toEqual({})
  expect(softwareDriver({ VK_DRIVER_FILES: '/mine.json' }, 'linux', there)).toEqual({})
})

test('nothing is set where there is no such driver', () => {
  expect(softwareDriver({}, 'linux', () => false)).toEqual({})
  expect(softwareDriver({}, 'darwin', there)).toEqual({})
})
