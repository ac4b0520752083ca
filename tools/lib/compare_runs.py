"""Prints old time / new time for each benchmark of two Google Benchmark JSON files: above 1 is faster now."""

import json
import math
import sys

NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


def times_of(file):
    """{name: real time [ns]}: the median where a run has repetitions, else the mean of the rows of one name."""
    with open(file, encoding="utf-8") as stream:
        rows = json.load(stream)["benchmarks"]
    medians, singles = {}, {}
    for row in rows:
        if row.get("error_occurred"):
            continue
        time = row["real_time"] * NANOSECONDS[row["time_unit"]]
        if row.get("run_type") == "aggregate":
            if row.get("aggregate_name") == "median":
                medians[row["run_name"]] = time
        else:
            singles.setdefault(row.get("run_name", row["name"]), []).append(time)
    return {**{name: sum(values) / len(values) for name, values in singles.items()}, **medians}


def main():
    old, new = times_of(sys.argv[1]), times_of(sys.argv[2])
    both = [name for name in new if name in old]
    width = max([len(name) for name in set(old) | set(new)] + [9])
    print(f"{'benchmark':<{width}}  {'old [ns]':>12}  {'new [ns]':>12}  old/new")
    for name in both:
        print(f"{name:<{width}}  {old[name]:12.4g}  {new[name]:12.4g}  {old[name] / new[name]:7.3f}")
    for name in old:
        if name not in new:
            print(f"{name:<{width}}  {old[name]:12.4g}  {'absent':>12}")
    for name in new:
        if name not in old:
            print(f"{name:<{width}}  {'absent':>12}  {new[name]:12.4g}")
    if both:
        mean = math.exp(sum(math.log(old[name] / new[name]) for name in both) / len(both))
        print(f"geometric mean of {len(both)} ratios: {mean:.3f}")


if __name__ == "__main__":
    main()
