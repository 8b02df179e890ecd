import { jit } from '@linum/transforms'
import { flatten, flattenAgainst, Module, Param } from '@linum/graph'
import { ones, zeros } from '@linum/tensor'
import { it } from 'vitest'
class L extends Module { w = new Param(ones([4,4])); b = new Param(zeros([4])) }
class M extends Module { layers = Array.from({length:100},()=>new L()) }
it('x', () => {
const m = new M()
const f = jit((_m: M) => {})
const gd = flatten([m]).graphdef
for (const [n, k] of [['noop', () => f(m)], ['against', () => flattenAgainst(gd, [m])]] as const) {
for (let i=0;i<2000;i++) k()
let best = Infinity
for (let r=0;r<400;r++){ const t=performance.now(); for (let i=0;i<50;i++) k(); best=Math.min(best,(performance.now()-t)*20) }
console.log(n, 'us', best.toFixed(1)) }
})
