"""The arrays of a workload: the generator of src/rivals/data.ts, many states at a time.

Run by itself it prints test/fixtures/draws.json.
"""
import json

import numpy as np

MULTIPLIER, INCREMENT, BITS = 1664525, 1013904223, 0xFFFFFFFF


def states(seed, length):
    """The first `length` states. Each doubling jumps by as many steps as there are states."""
    result = np.array([(((seed * 2654435761) & BITS) * MULTIPLIER + INCREMENT) & BITS], np.uint64)
    factor, offset = MULTIPLIER, INCREMENT
    while len(result) < length:
        result = np.concatenate([result, (result * np.uint64(factor) + np.uint64(offset)) & np.uint64(BITS)])
        factor, offset = (factor * factor) & BITS, (factor * offset + offset) & BITS
    return result[:length]


def draw(spec, seed):
    shape, how = tuple(spec['shape']), spec['draw']
    if how == 'zeros':
        return np.zeros(shape, np.float32)
    if how == 'ones':
        return np.ones(shape, np.float32)
    fraction = states(seed, int(np.prod(shape))) / 2.0**32
    if isinstance(how, dict):
        return np.floor(fraction * how['below']).astype(np.int32).reshape(shape)
    return ((2 * fraction - 1) * how).astype(np.float32).reshape(shape)


def draw_arrays(specs):
    return {spec['name']: draw(spec, i + 1) for i, spec in enumerate(specs)}


if __name__ == '__main__':
    samples = [
        {'name': 'w', 'shape': [5, 3], 'draw': 0.25},
        {'name': 'z', 'shape': [2], 'draw': 'zeros'},
        {'name': 'tokens', 'shape': [3, 4], 'draw': {'below': 65}},
        {'name': 's', 'shape': [3], 'draw': 'ones'},
        {'name': 'x', 'shape': [7], 'draw': 1},
    ]
    values = {name: value.ravel().tolist() for name, value in draw_arrays(samples).items()}
    print(json.dumps({'specs': samples, 'values': values}))
