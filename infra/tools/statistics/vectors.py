"""Writes what scipy makes of 1,000 random counts: what the formulas of the statistics are held to in Go and TypeScript."""
import json
import random

from scipy import __version__
from scipy.stats import binom, binomtest

chance = random.Random(14)
vectors = []
for i in range(1000):
    # As many small counts as large ones, and the edges.
    n = max(1, int(10 ** chance.uniform(0, 6)))
    k = [0, n, int(n * chance.random()), int(n * 10 ** chance.uniform(-4, 0))][i % 4]
    interval = binomtest(k, n).proportion_ci(confidence_level=0.95, method="wilson")
    vectors.append([k, n, float(interval.low), float(interval.high)])
tables = []
for i in range(1000):
    # Two rates that are the same, near each other, or far apart.
    n, of = (max(1, int(10 ** chance.uniform(0, 6))) for _ in range(2))
    rate = 10 ** chance.uniform(-4, 0)
    other = min(1, rate * [1, 1.1, 0.8, 3][i % 4])
    k, before = int(n * rate + chance.random()), int(of * other + chance.random())
    k, before = min(k, n), min(before, of)
    share = n / (n + of)
    tails = binom.cdf(k, k + before, share), binom.sf(k - 1, k + before, share)
    p = float(min(1, 2 * min(tails)))
    tables.append([k, n, before, of, p])


def lines(of):
    return ",\n".join(json.dumps(v) for v in of)


of = f"scipy {__version__}, binomtest(k, n).proportion_ci(0.95, wilson)"
test = "twice the smaller tail of binom(k + before, n / (n + of)) at k"
print(f'{{"of": "{of}", "rates": [\n{lines(vectors)}\n],\n"test": "{test}", "tables": [\n{lines(tables)}\n]}}')
