"""The model of scenario.toml, vectorised with numpy: what an analyst would write.

Per account: arrivals by a Poisson process, lognormal lifetimes, started hours in each month; one
server that always runs; seven daily images of a size drawn once per run, in tiers of prices.
Prints mean, standard error, p10, p50 and p90 of one account's year and of all accounts' year, and
the CPU seconds it took.

    python3 numpy_projection.py ACCOUNTS RUNS
"""
import sys
import time
import datetime as dt
import numpy as np

accounts, runs = int(sys.argv[1]), int(sys.argv[2])
began = time.process_time()
random = np.random.default_rng(1)
starts = [dt.date(2027, m, 1) for m in range(1, 13)] + [dt.date(2028, 1, 1)]
hours = np.array([(d - starts[0]).days * 24.0 for d in starts])  # month bounds in hours
year = hours[-1]
z95 = 1.6448536269514722
mu, sigma = np.log(6.0), np.log(72.0 / 6.0) / z95
rate = 1.0 / 24.0  # an hour

# The size of images: one draw a run, from each of as many equal parts (Latin hypercube).
from statistics import NormalDist
inverse = np.vectorize(NormalDist().inv_cdf)
uniform = (random.permutation(runs) + random.random(runs)) / runs
s = np.log(90 / 10) / (2 * z95)
size = np.exp(np.log(np.sqrt(10 * 90)) + s * inverse(uniform))  # GiB

# Images of one account in each month, in GiB-months per GiB of size: from the first day on one
# more each day up to 7, and the oldest stays an hour longer.
taken = np.arange(24.0, year, 24.0)
ends = np.full(taken.shape, year)
ends[: len(taken) - 7] = taken[7:] + 1.0
share = np.array([
    (np.minimum(ends, b) - np.maximum(taken, a)).clip(0).sum() / (b - a)
    for a, b in zip(hours[:-1], hours[1:])
])


def tiers(gib):
    cost = np.minimum(gib, 100) * 0.12
    cost += (np.minimum(gib, 400) - 100).clip(0) * 0.10
    cost += (gib - 400).clip(0) * 0.08
    return cost


storage = np.round(tiers(size[:, None] * share[None, :]), 2)  # runs × months
stands = np.diff(hours)

total = np.zeros((runs, 12))
one = None
quantiles = np.zeros((accounts, 12, 5))
for account in range(accounts):
    # Every server of every run of this account.
    count = random.poisson(rate * year, runs)
    run = np.repeat(np.arange(runs, dtype=np.int32), count)
    start = random.random(run.size) * year
    life = np.exp(mu + sigma * random.standard_normal(run.size))
    end = np.minimum(start + life, year)
    used = np.zeros((runs, 12))
    month = np.searchsorted(hours, start, side="right") - 1
    before = np.zeros(run.size)
    while run.size:  # month by month, those that go on
        until = np.minimum(end, hours[month + 1])
        steps = np.ceil(until - start)
        used += np.bincount(run * 12 + month, steps - before, runs * 12).reshape(runs, 12)
        on = end > hours[month + 1]
        run, start, end, month, before = run[on], start[on], end[on], month[on] + 1, steps[on]
    paid = np.round((used + stands) * 0.075, 2) + storage
    quantiles[account] = np.quantile(paid, [0.05, 0.1, 0.5, 0.9, 0.95], axis=0).T
    total += paid
    if one is None:
        one = paid


def told(name, sums):
    error = sums.std(ddof=1) / np.sqrt(runs)
    p10, p50, p90 = np.quantile(sums, [0.1, 0.5, 0.9])
    print(f"{name} mean {sums.mean():.2f} se {error:.3f} p10 {p10:.2f} p50 {p50:.2f} p90 {p90:.2f}")


told("one", one.sum(axis=1))
told("all", total.sum(axis=1))
print(f"cpu {time.process_time() - began:.2f}")
