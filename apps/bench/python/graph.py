"""The graph calls of Flax NNX on layers of four by four: microseconds per call, the best of the rounds, as JSON."""
import json
import sys
import time

import flax
from flax import nnx


def timed(f, calls):
    start = time.perf_counter()
    for _ in range(calls):
        f()
    return time.perf_counter() - start


def measure(f, rounds):
    calls = 1
    while timed(f, calls) < 0.02:
        calls *= 2
    return min(timed(f, calls) / calls for _ in range(rounds)) * 1e6


def times(layers, rounds):
    rngs = nnx.Rngs(0)
    model = nnx.List([nnx.Linear(4, 4, rngs=rngs) for _ in range(layers)])
    graphdef, state = nnx.split(model)
    nothing = nnx.jit(lambda m: None)
    nothing(model)
    return {
        'split': measure(lambda: nnx.split(model), rounds),
        'merge': measure(lambda: nnx.merge(graphdef, state), rounds),
        'update': measure(lambda: nnx.update(model, state), rounds),
        'jit of a no-op': measure(lambda: nothing(model), rounds),
    }


rounds, *sizes = map(int, sys.argv[1:])
print(json.dumps({'version': flax.__version__, 'best': {str(n): times(n, rounds) for n in sizes}}))
