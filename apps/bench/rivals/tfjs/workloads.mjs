import { specs } from '../../dist/rivals/specs.js'
import { gptLoss } from './gpt.mjs'

/** What the seven workloads are in TensorFlow.js: steps of one tidy each, and Adam as the library has it. */
export const workloads = (tf) => {
  const tensors = (workload, arrays, kind) =>
    Object.fromEntries(
      specs[workload][kind].map(({ name, shape }) => [
        name,
        tf.tensor(arrays.get(name), shape, arrays.get(name) instanceof Int32Array ? 'int32' : 'float32'),
      ]),
    )
  const variables = (workload, arrays) =>
    Object.fromEntries(Object.entries(tensors(workload, arrays, 'params')).map(([k, v]) => [k, tf.variable(v)]))
  const read = (scalar) => {
    const value = scalar.dataSync()[0]
    scalar.dispose()
    return value
  }
  /** Steps that minimize a loss by Adam. Decay is of AdamW: of the weights as they were before the step. */
  const training = (params, loss, decay = 0) => {
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8)
    const weights = Object.values(params)
    if (decay === 0) return () => read(optimizer.minimize(loss, true, weights))
    const kept = tf.scalar(1 - 1e-3 * decay)
    return () =>
      read(
        tf.tidy(() => {
          const { value, grads } = tf.variableGrads(loss, weights)
          for (const weight of weights) weight.assign(tf.mul(weight, kept))
          optimizer.applyGradients(grads)
          return value
        }),
      )
  }
  const dense = (p, name, x, activation) =>
    tf.fused.matMul({ a: x, b: p[`${name}.kernel`], bias: p[`${name}.bias`], activation })
  const classify = (p, x) => dense(p, 'l3', dense(p, 'l2', dense(p, 'l1', x, 'relu'), 'relu'), 'linear')

  const mlp = (arrays) => {
    const p = variables('mlp', arrays)
    const { x, y } = tensors('mlp', arrays, 'inputs')
    const labels = tf.oneHot(y, 10)
    return training(p, () => tf.losses.softmaxCrossEntropy(labels, classify(p, x)))
  }
  const cnn = (arrays) => {
    const p = variables('cnn', arrays)
    const { x, y } = tensors('cnn', arrays, 'inputs')
    const labels = tf.oneHot(y, 10)
    const block = (name, h) =>
      tf.maxPool(tf.relu(tf.add(tf.conv2d(h, p[`${name}.kernel`], 1, 'same'), p[`${name}.bias`])), 2, 2, 'valid')
    return training(p, () => {
      const h = block('conv2', block('conv1', x)).reshape([32, 3136])
      return tf.losses.softmaxCrossEntropy(labels, dense(p, 'dense2', dense(p, 'dense1', h, 'relu'), 'linear'))
    })
  }
  const gpt = (arrays) => {
    const p = variables('gpt', arrays)
    const { x, y } = tensors('gpt', arrays, 'inputs')
    return training(p, gptLoss(tf, p, x, y), 0.01)
  }
  const inference = (arrays) => {
    const p = tensors('inference', arrays, 'params')
    const row = arrays.get('x')
    return () => {
      const out = tf.tidy(() => tf.softmax(classify(p, tf.tensor(row, [1, 784]))))
      const [probability] = out.dataSync()
      out.dispose()
      return probability
    }
  }
  const elementwise = (arrays) => {
    const { a, b } = tensors('elementwise', arrays, 'inputs')
    return () => {
      const out = tf.tidy(() => a.mul(b).add(a).tanh().mul(0.5).sub(b).square().add(1).sqrt().neg().exp())
      const [first] = out.dataSync()
      out.dispose()
      return first
    }
  }
  const matmul = (arrays) => {
    const { a, b } = tensors('matmul', arrays, 'inputs')
    return () => read(tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1])))
  }
  const tiny = (arrays) => {
    const p = variables('tiny', arrays)
    const { x, y } = tensors('tiny', arrays, 'inputs')
    return training(p, () => {
      const h = tf.tanh(dense(p, 'l1', x, 'linear'))
      return dense(p, 'l2', h, 'linear').sub(y).square().mean()
    })
  }
  return Object.fromEntries(
    Object.entries({ mlp, cnn, gpt, inference, elementwise, matmul, tiny }).map(([name, prepare]) => [
      name,
      () => prepare,
    ]),
  )
}
