"""Writes what scipy makes of 1,000 random counts: what the formulas of the statistics are held to in Go and TypeScript."""
import json
import random

from scipy import __version__
from scipy.stats import binomtest

chance = random.Random(14)
vectors = []
for i in range(1000):
    # As many small counts as large ones, and the edges.
    n = max(1, int(10 ** chance.uniform(0, 6)))
    k = [0, n, int(n * chance.random()), int(n * 10 ** chance.uniform(-4, 0))][i % 4]
    interval = binomtest(k, n).proportion_ci(confidence_level=0.95, method="wilson")
    vectors.append([k, n, float(interval.low), float(interval.high)])
lines = ",\n".join(json.dumps(v) for v in vectors)
print(f'{{"of": "scipy {__version__}, binomtest(k, n).proportion_ci(0.95, wilson)", "rates": [\n{lines}\n]}}')
