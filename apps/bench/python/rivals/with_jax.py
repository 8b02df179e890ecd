"""The workloads in JAX: the whole step in one jit over a dict of arrays, the old ones donated; optax for the optimizers."""
import functools
import math

import jax
import jax.numpy as jnp
import optax

VERSION = jax.__version__
HEADS, WIDTH = 4, 128


def split(arrays):
    values = dict(arrays)
    inputs = [jnp.asarray(values.pop(name)) for name in ('x', 'y') if name in values]
    return {name: jnp.asarray(value) for name, value in values.items()}, inputs


def training(loss, optimizer, arrays):
    params, (x, y) = split(arrays)
    state = optimizer.init(params)

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def step(params, state, x, y):
        value, grads = jax.value_and_grad(loss)(params, x, y)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state, value

    def call():
        nonlocal params, state
        params, state, value = step(params, state, x, y)
        return float(value)

    return call


def dense(p, name, x):
    return x @ p[f'{name}.kernel'] + p[f'{name}.bias']


def classify(p, x):
    return dense(p, 'l3', jax.nn.relu(dense(p, 'l2', jax.nn.relu(dense(p, 'l1', x)))))


def cross_entropy(logits, y):
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


def mlp(arrays):
    return training(lambda p, x, y: cross_entropy(classify(p, x), y), optax.adam(1e-3), arrays)


def cnn_loss(p, x, y):
    def block(name, h):
        h = jax.lax.conv_general_dilated(
            h, p[f'{name}.kernel'], (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', 'NHWC')
        )
        h = jax.nn.relu(h + p[f'{name}.bias'])
        return jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')

    h = block('conv2', block('conv1', x)).reshape(x.shape[0], -1)
    return cross_entropy(dense(p, 'dense2', jax.nn.relu(dense(p, 'dense1', h))), y)


def cnn(arrays):
    return training(cnn_loss, optax.adam(1e-3), arrays)


def layer_norm(p, name, x):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * p[f'{name}.scale'] + p[f'{name}.bias']


def attention(p, name, x):
    batch, time, _ = x.shape
    q, k, v = (
        dense(p, f'{name}.{part}', x).reshape(batch, time, HEADS, WIDTH // HEADS) for part in ('query', 'key', 'value')
    )
    scores = jnp.einsum('bqhd,bkhd->bhqk', q / math.sqrt(WIDTH // HEADS), k)
    scores = jnp.where(jnp.tril(jnp.ones((time, time), bool)), scores, -1e30)
    mixed = jnp.einsum('bhqk,bkhd->bqhd', jax.nn.softmax(scores), v)
    return dense(p, f'{name}.out', mixed.reshape(batch, time, WIDTH))


def gpt_loss(p, x, y):
    h = p['token'][x] + p['position']
    for name in (f'block{i}' for i in range(4)):
        h = h + attention(p, name, layer_norm(p, f'{name}.norm1', h))
        h = h + dense(p, f'{name}.down', jax.nn.gelu(dense(p, f'{name}.up', layer_norm(p, f'{name}.norm2', h))))
    return cross_entropy(layer_norm(p, 'norm', h) @ p['head.kernel'], y)


def gpt(arrays):
    return training(gpt_loss, optax.adamw(1e-3, weight_decay=0.01), arrays)


def tiny(arrays):
    return training(
        lambda p, x, y: jnp.square(dense(p, 'l2', jnp.tanh(dense(p, 'l1', x))) - y).mean(), optax.adam(1e-3), arrays
    )


def inference(arrays):
    params, _ = split(arrays)
    row = arrays['x']
    infer = jax.jit(lambda p, x: jax.nn.softmax(classify(p, x)))
    return lambda: float(jax.device_get(infer(params, row))[0, 0])


def elementwise(arrays):
    a, b = jnp.asarray(arrays['a']), jnp.asarray(arrays['b'])
    chain = jax.jit(lambda a, b: jnp.exp(-jnp.sqrt(jnp.square(jnp.tanh(a * b + a) * 0.5 - b) + 1)))
    return lambda: float(jax.device_get(chain(a, b))[0])


def matmul(arrays):
    a, b = jnp.asarray(arrays['a']), jnp.asarray(arrays['b'])
    multiply = jax.jit(lambda a, b: a @ b)
    return lambda: float(multiply(a, b)[0, 0])


WORKLOADS = {
    'mlp': mlp,
    'cnn': cnn,
    'gpt': gpt,
    'inference': inference,
    'elementwise': elementwise,
    'matmul': matmul,
    'tiny': tiny,
}
