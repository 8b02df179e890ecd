import { gptSizes } from '../../dist/rivals/specs.js'

const { vocabulary, width, layers, heads, time, batch } = gptSizes

/** The loss of the transformer on params, tokens and labels. */
export const gptLoss = ({ nn, numpy: np }, crossEntropy, dense) => {
  const rows = batch * time
  const norm = (p, name, h) => nn.standardize(h, -1, { epsilon: 1e-5 }).mul(p[`${name}.scale`]).add(p[`${name}.bias`])
  const split = (h) => h.reshape([batch, time, heads, width / heads]).transpose([0, 2, 1, 3])
  const attention = (p, name, h) => {
    const q = split(dense(p, `${name}.query`, h.ref)).mul(1 / Math.sqrt(width / heads))
    const k = split(dense(p, `${name}.key`, h.ref))
    const v = split(dense(p, `${name}.value`, h))
    const scores = np.matmul(q, k.transpose([0, 1, 3, 2]))
    const allowed = np.tril(np.ones([time, time])).greater(0)
    const mixed = np.matmul(nn.softmax(np.where(allowed, scores, -1e30), -1), v)
    return dense(p, `${name}.out`, mixed.transpose([0, 2, 1, 3]).reshape([rows, width]))
  }
  return (p, x, y) => {
    const tokens = nn.oneHot(x.reshape([rows]), vocabulary).astype(np.float32)
    const labels = nn.oneHot(y.reshape([rows]), vocabulary).astype(np.float32)
    let h = np.matmul(tokens, p['token']).reshape([batch, time, width]).add(p['position']).reshape([rows, width])
    for (let i = 0; i < layers; i++) {
      const name = `block${i}`
      h = h.ref.add(attention(p, name, norm(p, `${name}.norm1`, h)))
      const up = nn.gelu(dense(p, `${name}.up`, norm(p, `${name}.norm2`, h.ref)))
      h = h.add(dense(p, `${name}.down`, up))
    }
    return crossEntropy(np.matmul(norm(p, 'norm', h), p['head.kernel']), labels)
  }
}
