"""Draws a forecast as SVG: the past, the mean to come, and the band from p10 to p90.

    sharebill forecast examples/forecast/usage.csv --horizon 12 > forecast.csv
    python3 docs/figures/fan.py examples/forecast/usage.csv forecast.csv "server hours" > fan.svg
"""
import csv
import sys
from xml.sax.saxutils import escape

history, forecast, series = sys.argv[1:4]


def rows(path):
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row["series"] == series]


past = [(row["time"], float(row["value"])) for row in rows(history)]
future = [(r["time"], float(r["mean"]), float(r["p10"]), float(r["p90"])) for r in rows(forecast)]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 300, 64, 16, 34, 34
times = [time for time, _ in past] + [time for time, *_ in future]
top = max([value for _, value in past] + [high for *_, high in future]) * 1.08


def x(place):
    return LEFT + place * (WIDTH - LEFT - RIGHT) / (len(times) - 1)


def y(value):
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def line(points):
    return " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in points)


step = 10 ** (len(str(int(top))) - 1)
while top / step < 4:
    step /= 2
begin = len(past)
band = [(begin + n, high) for n, (*_, high) in enumerate(future)]
band += [(begin + n, low) for n, (_, _, low, _) in reversed(list(enumerate(future)))]
to_come = [(begin - 1, past[-1][1])] + [(begin + n, mean) for n, (_, mean, *_) in enumerate(future)]
out = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
    f'font-family="sans-serif" font-size="12">',
    f"<title>{escape(series)}: {len(past)} values of the past, {len(future)} to come</title>",
    '<style>text{fill:#57606a}.grid{stroke:#8884;stroke-width:1}.past{stroke:#57606a}'
    ".mean{stroke:#0969da}.band{fill:#0969da;opacity:.2}polyline{fill:none;stroke-width:2}</style>",
    f'<text x="{LEFT}" y="20" font-size="14">{escape(series)}, with p10 to p90</text>',
]
for number in range(int(top / step) + 1):
    value = number * step
    out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
    out.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
for place, time in enumerate(times):
    if place % 12 == 0:
        out.append(f'<text x="{x(place):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(time[:7])}</text>')
out.append(f'<polygon class="band" points="{line(band)}"/>')
out.append(f'<polyline class="past" points="{line(list(enumerate(value for _, value in past)))}"/>')
out.append(f'<polyline class="mean" points="{line(to_come)}"/>')
out.append("</svg>")
print("\n".join(out))
