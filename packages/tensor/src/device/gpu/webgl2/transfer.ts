import type { Elements } from './buffers.js'
import type { Painter, Program } from './draw.js'
import type { Form } from './source.js'

/** Fills `part` with the elements of `whole` from `offset` on. */
export const copyPart = (painter: Painter, whole: Elements, part: Elements, offset: number): void => {
  if (part.length === 0) return
  const { form } = part.texels
  painter.draw(copying(painter, form), [whole], [offset], part.texels, part.length)
}

const copying = (painter: Painter, form: Form): Program =>
  painter.program({
    text: 'function (a0, p0) { return a0[this.thread.x + p0]; }',
    inputs: [form],
    params: ['p0'],
    output: form,
  })

/** Writes the elements of `part` over those of `whole` from `offset` on; the others stay. */
export const putPart = (painter: Painter, part: Elements, whole: Elements, offset: number): void => {
  if (part.length === 0) return
  const { form } = part.texels
  painter.draw(putting(painter, form), [part], [offset, part.length], whole.texels, whole.length)
}

const putting = (painter: Painter, form: Form): Program =>
  painter.program({
    text: `function (a0, p0, p1) {
  const v0 = a0[this.thread.x - p0];
  const v1 = ${form === 'pair' ? 'l_put_pair' : 'l_put'}(v0, l_in_range(this.thread.x, p0, p1));
  return v1;
}`,
    inputs: [form],
    params: ['p0', 'p1'],
    output: form,
  })
