"""The demo's table, its checks, and the numbers that digits.gp draws. Usage: digits_report.py OUT LARGEST_STANDARD_ERROR"""

import json
import math
import sys

import numpy as np

from digits_data import GROUPS, HELD_OUT

NAMES = {"held-out": "held-out digits", "noise": "+ pixel noise", "blank": "+ blank centre", "shuffle": "+ shuffled pixels"}
# Of 512 sound error bars (some resting on 16 samples: Student's t) the root mean square of (estimate - exact)/error lies in
# the first range and the share of 95% intervals that hold the exact value in the second, with room to spare (ranges chosen by hand).
RMS_Z = (0.85, 1.2)
COVERAGE = (0.91, 0.99)


def read_result(out):
    """(whole result, {column: [groups x held-out]})"""
    with open(f"{out}/result.json", encoding="utf-8") as file:
        result = json.load(file)
    points = result["points"]
    bad = [f"point {p['index']}: {', '.join(p['flags'])}" for p in points if p["flags"]]
    if bad:
        sys.exit("demo: flagged points (no sound error bar) " + "; ".join(bad))
    table = {key: np.array([p[key] for p in points]).reshape(len(GROUPS), HELD_OUT)
             for key in ("log_density", "std_error", "exact_log_density")}
    table["lower"], table["upper"] = (np.array([p["ci95"][i] for p in points]).reshape(len(GROUPS), HELD_OUT) for i in (0, 1))
    table["z"] = (table["log_density"] - table["exact_log_density"]) / table["std_error"]
    table["inside"] = (table["lower"] <= table["exact_log_density"]) & (table["exact_log_density"] <= table["upper"])
    return result, table


def print_table(result, table, dim):
    print("                      mean log-density [nat]  |estimate -          95% intervals    bits per  less likely")
    print("   128 each           estimate       exact     exact|    rms z  that hold exact  dimension  than original")
    for g, name in enumerate(GROUPS):
        estimate, exact = table["log_density"][g], table["exact_log_density"][g]
        below = "" if g == 0 else f"{np.mean(estimate < table['log_density'][0]):13.1%}"
        print(f"   {NAMES[name]:<18} {estimate.mean():9.2f} {exact.mean():11.2f} {np.abs(estimate - exact).mean():10.2f} "
              f"{math.sqrt((table['z'][g] ** 2).mean()):8.2f} {table['inside'][g].mean():16.1%} "
              f"{-estimate.mean() / (dim * math.log(2)):10.3f}  {below}")
    totals = result["totals"]
    print("   Bits per dimension: -log p / (64 ln 2), pixels in grey levels 0..16 (in units of the whole range: 4 less).")
    print(f"   {totals['points']} points, {totals['score_evaluations']:,} score evaluations (1500 components, 64 dimensions each), "
          f"{totals['seconds']:.1f} s on {result['threads']} threads ({result['isa']}): "
          f"{totals['points'] / totals['seconds']:.1f} points/s")
    print(f"   Standard errors: worst {table['std_error'].max():.2f} nat, mean {table['std_error'].mean():.2f} nat")


def failures(table, oracle, largest):
    rms = math.sqrt((table["z"] ** 2).mean())
    coverage = table["inside"].mean()
    gap = np.abs(table["exact_log_density"].ravel() - oracle).max()
    if table["std_error"].max() > largest:
        yield f"a standard error is {table['std_error'].max():.3f} nat (above {largest})"
    if not RMS_Z[0] <= rms <= RMS_Z[1]:
        yield f"rms z over all points is {rms:.3f} (outside {RMS_Z[0]} .. {RMS_Z[1]})"
    if not COVERAGE[0] <= coverage <= COVERAGE[1]:
        yield f"{coverage:.1%} of the intervals hold the exact value (outside {COVERAGE[0]:.0%} .. {COVERAGE[1]:.0%})"
    if gap > 1e-6:
        yield f"the program's exact values differ from NumPy's by {gap:.2g} nat"
    for g, name in enumerate(GROUPS[1:], 1):
        if table["log_density"][g].mean() >= table["log_density"][0].mean():
            yield f"{NAMES[name]}: not less likely than the originals"


def write_mosaic(out, name, tiles, captions, columns):
    """Tiles [n x 64] row by row in `columns` columns, for gnuplot: NAME.matrix (-4 between tiles) and NAME.captions."""
    rows = (len(tiles) + columns - 1) // columns
    canvas = np.full((rows * 12, columns * 10), -4.0)
    with open(f"{out}/{name}.captions", "w", encoding="utf-8") as file:
        for i, (tile, caption) in enumerate(zip(tiles, captions)):
            top, left = i // columns * 12, i % columns * 10
            canvas[top + 1:top + 9, left + 1:left + 9] = tile.reshape(8, 8)
            file.write(f'{left + 4.5} {top + 9.9} "{caption}"\n')
    np.savetxt(f"{out}/{name}.matrix", canvas, fmt="%g")


def write_pictures(out, table):
    points = np.load(f"{out}/points.npy").reshape(len(GROUPS), HELD_OUT, -1)
    estimate = table["log_density"]
    order = np.argsort(-estimate[0], kind="stable")
    write_mosaic(out, "ordered", points[0][order], [f"{estimate[0][i]:.1f}" for i in order], 16)
    labels = np.load(f"{out}/labels.npy")
    # Of each class the held-out digit of middle density, with its copies below it.
    chosen = [min((i for i in order if labels[i] == c), key=lambda i: abs(estimate[0][i] - np.median(estimate[0][labels == c])))
              for c in range(10)]
    write_mosaic(out, "corrupted", [points[g][i] for g in range(len(GROUPS)) for i in chosen],
                 [f"{estimate[g][i]:.1f} ± {table['std_error'][g][i]:.1f}" for g in range(len(GROUPS)) for i in chosen], 10)
    for g, name in enumerate(GROUPS):
        np.savetxt(f"{out}/{name}.accuracy", np.column_stack(
            [table[key][g] for key in ("exact_log_density", "log_density", "lower", "upper")]), fmt="%.6g")
    counts, edges = np.histogram(table["z"], bins=np.arange(-5, 5.01, 0.5))
    np.savetxt(f"{out}/z.histogram", np.column_stack([(edges[:-1] + edges[1:]) / 2, counts]), fmt="%g")


def main():
    out, largest = sys.argv[1], float(sys.argv[2])
    result, table = read_result(out)
    oracle = np.load(f"{out}/oracle.npy")
    print_table(result, table, np.load(f"{out}/points.npy").shape[1])
    wrong = list(failures(table, oracle, largest))
    if wrong:
        sys.exit("demo: the numbers are off: " + "; ".join(wrong))
    write_pictures(out, table)


if __name__ == "__main__":
    main()
