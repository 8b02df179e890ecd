import { specs } from '../../dist/rivals/specs.js'
import { gptLoss } from './gpt.mjs'

/**
 * What the seven workloads are in jax-js: the whole step in one jit, which is the fastest the library has. Every use of an
 * array but the last takes a reference, as its rules of ownership say.
 */
export const workloads = (jax) => {
  const { jit, lax, nn, numpy: np, valueAndGrad } = jax
  const arraysOf = (workload, arrays, kind) =>
    Object.fromEntries(
      specs[workload][kind].map(({ name, shape }) => [name, np.array(arrays.get(name), { shape: [...shape] })]),
    )
  const zerosLike = (params) =>
    Object.fromEntries(Object.entries(params).map(([name, value]) => [name, np.zeros(value.shape)]))
  const referenced = (arrays) => Object.fromEntries(Object.entries(arrays).map(([name, value]) => [name, value.ref]))

  /** Steps that minimize loss(params, x, y) by Adam, or AdamW where there is a decay. */
  const training = (params, loss, x, y, decay = 0) => {
    const step = jit((params, first, second, count, x, y) => {
      const [value, grads] = valueAndGrad(loss)(referenced(params), x, y)
      const next = count.add(1)
      const correction1 = np.subtract(1, np.exp(next.ref.mul(Math.log(0.9))))
      const correction2 = np.subtract(1, np.exp(next.ref.mul(Math.log(0.999))))
      const [newParams, newFirst, newSecond] = [{}, {}, {}]
      for (const name of Object.keys(params)) {
        const grad = grads[name]
        const m = first[name].mul(0.9).add(grad.ref.mul(0.1))
        const v = second[name].mul(0.999).add(np.square(grad).mul(0.001))
        newFirst[name] = m.ref
        newSecond[name] = v.ref
        let update = m.div(correction1.ref).div(np.sqrt(v.div(correction2.ref)).add(1e-8))
        if (decay !== 0) update = update.add(params[name].ref.mul(decay))
        newParams[name] = params[name].sub(update.mul(1e-3))
      }
      correction1.dispose()
      correction2.dispose()
      return [newParams, newFirst, newSecond, next, value]
    })
    let state = [params, zerosLike(params), zerosLike(params), np.array(0)]
    return () => {
      const [newParams, first, second, count, value] = step(...state, x.ref, y.ref)
      state = [newParams, first, second, count]
      return value.item()
    }
  }
  const dense = (p, name, x) => np.matmul(x, p[`${name}.kernel`]).add(p[`${name}.bias`])
  const classify = (p, x) => dense(p, 'l3', nn.relu(dense(p, 'l2', nn.relu(dense(p, 'l1', x)))))
  const crossEntropy = (logits, labels) => nn.logSoftmax(logits).mul(labels).sum(-1).mean().neg()
  const oneHot = (y, classes) => nn.oneHot(y, classes).astype(np.float32)

  const mlp = (arrays) => {
    const { x, y } = arraysOf('mlp', arrays, 'inputs')
    const loss = (p, x, y) => crossEntropy(classify(p, x), y)
    return training(arraysOf('mlp', arrays, 'params'), loss, x, oneHot(y, 10))
  }
  const cnn = (arrays) => {
    const { x, y } = arraysOf('cnn', arrays, 'inputs')
    // Its convolutions take features first; 2 by 2 windows that do not overlap are an axis of their own.
    const pool = (h) => {
      const [n, c, height, width] = h.shape
      return h.reshape([n, c, height / 2, 2, width / 2, 2]).max([3, 5])
    }
    const block = (p, name, h) => {
      const bias = p[`${name}.bias`]
      const kernel = p[`${name}.kernel`].transpose([3, 2, 0, 1])
      return pool(nn.relu(lax.conv(h, kernel, [1, 1], 'SAME').add(bias.reshape([1, bias.shape[0], 1, 1]))))
    }
    const loss = (p, x, y) => {
      const h = block(p, 'conv2', block(p, 'conv1', x))
        .transpose([0, 2, 3, 1])
        .reshape([32, 3136])
      return crossEntropy(dense(p, 'dense2', nn.relu(dense(p, 'dense1', h))), y)
    }
    return training(arraysOf('cnn', arrays, 'params'), loss, x.reshape([32, 1, 28, 28]), oneHot(y, 10))
  }
  const gpt = (arrays) => {
    const { x, y } = arraysOf('gpt', arrays, 'inputs')
    return training(arraysOf('gpt', arrays, 'params'), gptLoss(jax, crossEntropy, dense), x, y, 0.01)
  }
  const inference = (arrays) => {
    const params = arraysOf('inference', arrays, 'params')
    const row = arrays.get('x')
    const infer = jit((p, x) => nn.softmax(classify(p, x)))
    return () => infer(referenced(params), np.array(row, { shape: [1, 784] })).dataSync()[0]
  }
  const elementwise = (arrays) => {
    const { a, b } = arraysOf('elementwise', arrays, 'inputs')
    const chain = jit((a, b) => {
      const inner = np.tanh(a.ref.mul(b.ref).add(a)).mul(0.5).sub(b)
      return np.exp(np.sqrt(np.square(inner).add(1)).neg())
    })
    return () => chain(a.ref, b.ref).dataSync()[0]
  }
  const matmul = (arrays) => {
    const { a, b } = arraysOf('matmul', arrays, 'inputs')
    const multiply = jit((a, b) => np.matmul(a, b))
    return () => multiply(a.ref, b.ref).slice(0, 0).item()
  }
  const tiny = (arrays) => {
    const { x, y } = arraysOf('tiny', arrays, 'inputs')
    const loss = (p, x, y) => np.square(dense(p, 'l2', np.tanh(dense(p, 'l1', x))).sub(y)).mean()
    return training(arraysOf('tiny', arrays, 'params'), loss, x, y)
  }
  return Object.fromEntries(
    Object.entries({ mlp, cnn, gpt, inference, elementwise, matmul, tiny }).map(([name, prepare]) => [
      name,
      () => prepare,
    ]),
  )
}
