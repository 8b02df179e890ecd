"""The workloads in PyTorch, eager, on the CPU, with all the threads it takes by itself."""
import math

import torch
from torch.nn import functional as F

VERSION = torch.__version__
HEADS, WIDTH = 4, 128


def split(arrays):
    values = {name: torch.from_numpy(value) for name, value in arrays.items()}
    x, y = values.pop('x'), values.pop('y', None)
    return values, x.long() if not x.is_floating_point() else x, y if y is None or y.is_floating_point() else y.long()


def training(loss, arrays, decay=None):
    params, x, y = split(arrays)
    leaves = [p.requires_grad_() for p in params.values()]
    if decay is None:
        optimizer = torch.optim.Adam(leaves, lr=1e-3)
    else:
        optimizer = torch.optim.AdamW(leaves, lr=1e-3, weight_decay=decay)

    def call():
        optimizer.zero_grad()
        value = loss(params, x, y)
        value.backward()
        optimizer.step()
        return value.item()

    return call


def dense(p, name, x):
    return x @ p[f'{name}.kernel'] + p[f'{name}.bias']


def classify(p, x):
    return dense(p, 'l3', F.relu(dense(p, 'l2', F.relu(dense(p, 'l1', x)))))


def mlp(arrays):
    return training(lambda p, x, y: F.cross_entropy(classify(p, x), y), arrays)


def cnn(arrays):
    # Channels first with weights to match is what its convolutions are fast at.
    arrays = dict(arrays)
    arrays['x'] = arrays['x'].transpose(0, 3, 1, 2).copy()
    for name in ('conv1', 'conv2'):
        arrays[f'{name}.kernel'] = arrays[f'{name}.kernel'].transpose(3, 2, 0, 1).copy()

    def loss(p, x, y):
        for name in ('conv1', 'conv2'):
            x = F.max_pool2d(F.relu(F.conv2d(x, p[f'{name}.kernel'], p[f'{name}.bias'], padding=1)), 2)
        h = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
        return F.cross_entropy(dense(p, 'dense2', F.relu(dense(p, 'dense1', h))), y)

    return training(loss, arrays)


def norm(p, name, x):
    return F.layer_norm(x, (WIDTH,), p[f'{name}.scale'], p[f'{name}.bias'], 1e-5)


def attention(p, name, x):
    batch, time, _ = x.shape
    q, k, v = (
        dense(p, f'{name}.{part}', x).view(batch, time, HEADS, WIDTH // HEADS).transpose(1, 2)
        for part in ('query', 'key', 'value')
    )
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=1 / math.sqrt(WIDTH // HEADS))
    return dense(p, f'{name}.out', mixed.transpose(1, 2).reshape(batch, time, WIDTH))


def gpt_loss(p, x, y):
    h = p['token'][x] + p['position']
    for name in (f'block{i}' for i in range(4)):
        h = h + attention(p, name, norm(p, f'{name}.norm1', h))
        up = F.gelu(dense(p, f'{name}.up', norm(p, f'{name}.norm2', h)), approximate='tanh')
        h = h + dense(p, f'{name}.down', up)
    logits = norm(p, 'norm', h) @ p['head.kernel']
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())


def gpt(arrays):
    return training(gpt_loss, arrays, decay=0.01)


def tiny(arrays):
    return training(
        lambda p, x, y: torch.square(dense(p, 'l2', torch.tanh(dense(p, 'l1', x))) - y).mean(), arrays
    )


def inference(arrays):
    params, _, _ = split(arrays)
    row = arrays['x']

    @torch.inference_mode()
    def call():
        return float(torch.softmax(classify(params, torch.from_numpy(row.copy())), -1).numpy()[0, 0])

    return call


def elementwise(arrays):
    a, b = torch.from_numpy(arrays['a']), torch.from_numpy(arrays['b'])

    @torch.inference_mode()
    def call():
        return float(torch.exp(-torch.sqrt(torch.square(torch.tanh(a * b + a) * 0.5 - b) + 1)).numpy()[0])

    return call


def matmul(arrays):
    a, b = torch.from_numpy(arrays['a']), torch.from_numpy(arrays['b'])

    @torch.inference_mode()
    def call():
        return (a @ b)[0, 0].item()

    return call


WORKLOADS = {
    'mlp': mlp,
    'cnn': cnn,
    'gpt': gpt,
    'inference': inference,
    'elementwise': elementwise,
    'matmul': matmul,
    'tiny': tiny,
}
