import { gptSizes } from '../../dist/rivals/specs.js'

const { vocabulary, width, layers, heads, time, batch } = gptSizes

/** The loss of the transformer. Products are of two axes wherever they can be: the backend is faster at them. */
export const gptLoss = (tf, p, x, y) => {
  const rows = batch * time
  const tokens = tf.cast(tf.oneHot(x.reshape([rows]), vocabulary), 'float32')
  const labels = tf.cast(tf.oneHot(y.reshape([rows]), vocabulary), 'float32')
  const masked = tf.keep(
    tf.tidy(() =>
      tf
        .sub(tf.linalg.bandPart(tf.ones([time, time]), -1, 0), 1)
        .mul(1e30)
        .reshape([1, 1, time, time]),
    ),
  )
  const dense = (name, h) => tf.fused.matMul({ a: h, b: p[`${name}.kernel`], bias: p[`${name}.bias`] })
  const norm = (name, h) => {
    const centered = h.sub(h.mean(-1, true))
    const scale = centered.square().mean(-1, true).add(1e-5).rsqrt()
    return centered.mul(scale).mul(p[`${name}.scale`]).add(p[`${name}.bias`])
  }
  const gelu = (h) =>
    h.mul(0.5).mul(
      h
        .add(h.square().mul(h).mul(0.044715))
        .mul(Math.sqrt(2 / Math.PI))
        .tanh()
        .add(1),
    )
  const split = (h) => h.reshape([batch, time, heads, width / heads]).transpose([0, 2, 1, 3])
  const attention = (name, h) => {
    const q = split(dense(`${name}.query`, h)).mul(1 / Math.sqrt(width / heads))
    const scores = tf.matMul(q, split(dense(`${name}.key`, h)), false, true)
    const mixed = tf.matMul(tf.softmax(scores.add(masked)), split(dense(`${name}.value`, h)))
    return dense(`${name}.out`, mixed.transpose([0, 2, 1, 3]).reshape([rows, width]))
  }
  return () => {
    // The gradient of a gather is a kernel that the backend lacks, that of a product is not.
    let h = tf.matMul(tokens, p['token']).reshape([batch, time, width]).add(p['position']).reshape([rows, width])
    for (let i = 0; i < layers; i++) {
      const name = `block${i}`
      h = h.add(attention(name, norm(`${name}.norm1`, h)))
      h = h.add(dense(`${name}.down`, gelu(dense(`${name}.up`, norm(`${name}.norm2`, h)))))
    }
    return tf.losses.softmaxCrossEntropy(labels, tf.matMul(norm('norm', h), p['head.kernel']))
  }
}
