import { existsSync } from 'node:fs'
if (existsSync('/usr/lib/chromium/vk_swiftshader_icd.json')) process.env['VK_ICD_FILENAMES'] ??= '/usr/lib/chromium/vk_swiftshader_icd.json'
import * as L from '@linum/tensor'
import { addDevice } from '@linum/tensor/core'
import { WebGpuDevice } from '../../src/device/gpu/webgpu/device.js'
import { openDevice } from './device.js'

const device = await openDevice()
const gpu = new WebGpuDevice({ device, adapter: null as never, software: true, description: 'x', f16: false, subgroups: false, lost: device.lost } as never, 2 ** 30)
addDevice(gpu)
L.setDefaultDevice('gpu')
const x = L.array([[1, 2, 3], [4, 5, 6]])
const y = x.add(1).mul(2)
console.log(await y.data(), await x.sum().data(), await x.sum({ axis: 0 }).data(), await L.exp(x).data())
const long = L.arange(0, 10000).astype('float32')
console.log(await long.sum().data(), await L.argmax(long).data(), await long.mean().data())
const f = L.jit((a: L.Tensor) => L.softmax(a, { axis: -1 }))
console.log(await f(x).data())
console.log(await L.matmul(x, x.transpose()).data())
console.log(gpu.stats())
const s = L.jit((a: L.Tensor) => L.scan((c: any, z: any) => [c.add(z), c.mul(z)] as any, a.sum({ axis: 0 }), a))
console.log((await Promise.all(s(x).map(async (t) => (await (t as L.Tensor).data()).join()))))
const w = L.jit((a: L.Tensor) => L.whileLoop((v: any) => v.sum().lt(1000), (v: L.Tensor) => v.mul(2), a))
const r = w(x)
const r2 = r.add(1)
console.log(await r2.data(), await r.data())
const c = L.jit((p: L.Tensor, a: L.Tensor) => L.cond(p, (v: L.Tensor) => v.add(1), (v: L.Tensor) => v.mul(3), a))
console.log(await c(L.array(true), x).data(), await c(L.array(false), x).data())
console.log(await L.random.normal(L.random.key(0), { shape: [4] } as any).data())
console.log(gpu.stats())
process.exit(0)
