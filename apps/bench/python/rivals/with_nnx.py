"""The workloads that have a model, in Flax NNX: modules, nnx.value_and_grad, nnx.Optimizer, nnx.jit around the step."""
import flax
import jax
import jax.numpy as jnp
import optax
from flax import nnx

VERSION = flax.__version__
HEADS, WIDTH = 4, 128


def load(variable, arrays, name):
    variable[...] = jnp.asarray(arrays[name])


def load_layer(layer, arrays, name):
    load(layer.kernel, arrays, f'{name}.kernel')
    if layer.bias is not None:
        load(layer.bias, arrays, f'{name}.bias')


def training(model, loss, transformation, arrays):
    optimizer = nnx.Optimizer(model, transformation, wrt=nnx.Param)
    x, y = jnp.asarray(arrays['x']), jnp.asarray(arrays['y'])

    @nnx.jit
    def step(model, optimizer, x, y):
        value, grads = nnx.value_and_grad(lambda m: loss(m(x), y))(model)
        optimizer.update(model, grads)
        return value

    return lambda: float(step(model, optimizer, x, y))


def cross_entropy(logits, y):
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


class Mlp(nnx.Module):
    def __init__(self, rngs):
        self.l1 = nnx.Linear(784, 256, rngs=rngs)
        self.l2 = nnx.Linear(256, 128, rngs=rngs)
        self.l3 = nnx.Linear(128, 10, rngs=rngs)

    def __call__(self, x):
        return self.l3(nnx.relu(self.l2(nnx.relu(self.l1(x)))))


def loaded_mlp(arrays):
    model = Mlp(nnx.Rngs(0))
    for name in ('l1', 'l2', 'l3'):
        load_layer(getattr(model, name), arrays, name)
    return model


def mlp(arrays):
    return training(loaded_mlp(arrays), cross_entropy, optax.adam(1e-3), arrays)


def inference(arrays):
    model, row = loaded_mlp(arrays), arrays['x']
    infer = nnx.jit(lambda m, x: nnx.softmax(m(x)))
    return lambda: float(jax.device_get(infer(model, row))[0, 0])


class Cnn(nnx.Module):
    def __init__(self, rngs):
        self.conv1 = nnx.Conv(1, 32, (3, 3), rngs=rngs)
        self.conv2 = nnx.Conv(32, 64, (3, 3), rngs=rngs)
        self.dense1 = nnx.Linear(3136, 128, rngs=rngs)
        self.dense2 = nnx.Linear(128, 10, rngs=rngs)

    def __call__(self, x):
        for conv in (self.conv1, self.conv2):
            x = nnx.max_pool(nnx.relu(conv(x)), (2, 2), (2, 2))
        return self.dense2(nnx.relu(self.dense1(x.reshape(x.shape[0], -1))))


def cnn(arrays):
    model = Cnn(nnx.Rngs(0))
    for name in ('conv1', 'conv2', 'dense1', 'dense2'):
        load_layer(getattr(model, name), arrays, name)
    return training(model, cross_entropy, optax.adam(1e-3), arrays)


class Attention(nnx.Module):
    def __init__(self, rngs):
        self.query, self.key, self.value, self.out = (nnx.Linear(WIDTH, WIDTH, rngs=rngs) for _ in range(4))

    def __call__(self, x):
        batch, time, _ = x.shape
        q, k, v = (
            part(x).reshape(batch, time, HEADS, WIDTH // HEADS) for part in (self.query, self.key, self.value)
        )
        mask = jnp.tril(jnp.ones((time, time), bool))
        return self.out(nnx.dot_product_attention(q, k, v, mask=mask).reshape(batch, time, WIDTH))


class Block(nnx.Module):
    def __init__(self, rngs):
        self.norm1 = nnx.LayerNorm(WIDTH, epsilon=1e-5, rngs=rngs)
        self.attention = Attention(rngs)
        self.norm2 = nnx.LayerNorm(WIDTH, epsilon=1e-5, rngs=rngs)
        self.up = nnx.Linear(WIDTH, 4 * WIDTH, rngs=rngs)
        self.down = nnx.Linear(4 * WIDTH, WIDTH, rngs=rngs)

    def __call__(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.down(nnx.gelu(self.up(self.norm2(x))))


class Gpt(nnx.Module):
    def __init__(self, rngs):
        self.token = nnx.Embed(65, WIDTH, rngs=rngs)
        self.position = nnx.Param(jnp.zeros((64, WIDTH)))
        self.blocks = nnx.List([Block(rngs) for _ in range(4)])
        self.norm = nnx.LayerNorm(WIDTH, epsilon=1e-5, rngs=rngs)
        self.head = nnx.Linear(WIDTH, 65, use_bias=False, rngs=rngs)

    def __call__(self, tokens):
        x = self.token(tokens) + self.position[...]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def gpt(arrays):
    model = Gpt(nnx.Rngs(0))
    load(model.token.embedding, arrays, 'token')
    load(model.position, arrays, 'position')
    for i, block in enumerate(model.blocks):
        for part in ('query', 'key', 'value', 'out'):
            load_layer(getattr(block.attention, part), arrays, f'block{i}.{part}')
        for part in ('up', 'down'):
            load_layer(getattr(block, part), arrays, f'block{i}.{part}')
    load_layer(model.head, arrays, 'head')
    return training(model, cross_entropy, optax.adamw(1e-3, weight_decay=0.01), arrays)


class Tiny(nnx.Module):
    def __init__(self, rngs):
        self.l1 = nnx.Linear(2, 32, rngs=rngs)
        self.l2 = nnx.Linear(32, 1, rngs=rngs)

    def __call__(self, x):
        return self.l2(jnp.tanh(self.l1(x)))


def tiny(arrays):
    model = Tiny(nnx.Rngs(0))
    load_layer(model.l1, arrays, 'l1')
    load_layer(model.l2, arrays, 'l2')
    return training(model, lambda out, y: jnp.square(out - y).mean(), optax.adam(1e-3), arrays)


WORKLOADS = {'mlp': mlp, 'cnn': cnn, 'gpt': gpt, 'inference': inference, 'tiny': tiny}
