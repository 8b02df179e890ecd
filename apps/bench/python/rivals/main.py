"""Answers requests as src/rivals/serve.ts does: python main.py jax|nnx|torch."""
import importlib
import json
import resource
import statistics
import sys
import time

from data import draw_arrays


def prepare(step):
    start = time.perf_counter()
    first = step()
    return {'firstCallMs': (time.perf_counter() - start) * 1000, 'losses': [first, step(), step()]}


def run(step, milliseconds):
    times = []
    start = time.perf_counter()
    end = start + milliseconds / 1000
    while not times or start < end:
        step()
        now = time.perf_counter()
        times.append((now - start) * 1000)
        start = now
    return {'steps': len(times), 'best': min(times), 'median': statistics.median_high(times)}


def memory():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {'peakBytes': peak if sys.platform == 'darwin' else peak * 1024}


def main(library):
    module = importlib.import_module(f'with_{library}')
    answers = sys.stdout
    sys.stdout = sys.stderr

    def say(answer):
        print(json.dumps(answer), file=answers, flush=True)

    say({'version': module.VERSION, 'workloads': list(module.WORKLOADS)})
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request['call'] == 'prepare':
                step = None
                step = module.WORKLOADS[request['workload']](draw_arrays(request['arrays']))
                say(prepare(step))
            elif request['call'] == 'run':
                say(run(step, request['milliseconds']))
            else:
                say(memory())
        except Exception as error:
            say({'error': str(error).split('\n')[0]})


main(sys.argv[1])
