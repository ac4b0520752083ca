"""The table of a saved run: rates, shares of the goals and of the machine's limits, packs against scalar lanes, cores against one.

python3 bench/summary.py RUN.json [PEERS.json]
RUN.json is of bench_scorepath or of bench_cuda.
"""

import json
import sys

RATES = ("normals/s", "words/s", "path-dim-steps/s", "path-steps/s", "components/s", "slices/s", "evaluations/s", "lane-fma/s", "products/s")


def read(file):
    """{work: {lane: row}} of a Google Benchmark file, medians where a run has repetitions; and its context."""
    with open(file, encoding="utf-8") as stream:
        run = json.load(stream)
    table = {}
    for row in run["benchmarks"]:
        if row.get("error_occurred"):
            print(f"wrong: {row['name']}: {row['error_message']}", file=sys.stderr)
            continue
        if row.get("run_type") == "aggregate" and row.get("aggregate_name") != "median":
            continue
        work, lane = split(row["run_name"])
        kept = table.setdefault(work, {}).get(lane)
        if kept is None or row.get("run_type") == "aggregate" or kept.get("run_type") != "aggregate":
            table[work][lane] = row
    return table, run["context"]


def split(name):
    """"pathwise/K8-d2/avx512/all-cores/real_time/threads:2" -> work "pathwise/K8-d2", lane "avx512/all-cores"."""
    parts = [p for p in name.split("/") if p not in ("real_time", "process_time", "manual_time") and not p.startswith("iterations:")]
    if "all-cores" in parts:
        place = parts.index("all-cores")
        return "/".join(parts[:place - 1]), "/".join(parts[place - 1:place + 1])
    return "/".join(parts[:-1]), parts[-1]


def rate(row):
    for unit in RATES:
        if unit in row:
            return row[unit], unit
    return None, None


def ratio(rows, first, second):
    if first not in rows or second not in rows:
        return ""
    a, b = rate(rows[first])[0], rate(rows[second])[0]
    return f"{a / b:.2f}" if a and b else ""


def print_kernels(table, isas):
    print("| work | instruction set | rate | of goal | of FMA limit | pack / scalar, not vectorised | pack / scalar, vectorised | all cores / one |")
    print("|---|---|---|---|---|---|---|---|")
    for work, rows in table.items():
        for isa in isas:
            if isa not in rows:
                continue
            row = rows[isa]
            value, unit = rate(row)
            share = [f"{row[name]:.2f}" if name in row else "" for name in ("of_goal", "of_fma_limit")]
            print(f"| {work} | {isa} | {value:.3e} {unit} | {share[0]} | {share[1]} | {ratio(rows, isa, isa + '-scalar-plain')} "
                  f"| {ratio(rows, isa, isa + '-scalar-vectorized')} | {ratio(rows, isa + '/all-cores', isa)} |")


def print_cuda(table):
    """Reproducible arithmetic against fast, and both against what the units allow."""
    print("| work | arithmetic | milliseconds | rate | of goal | of the model's limit | fast / reproducible |")
    print("|---|---|---|---|---|---|---|")
    for work, rows in table.items():
        for lane in ("cuda-fast", "cuda-reproducible"):
            if lane not in rows:
                continue
            row = rows[lane]
            value, unit = rate(row)
            share = [f"{row[name]:.2f}" if name in row else "" for name in ("of_goal", "of_limit")]
            limit = f"{share[1]} ({row['label'].removeprefix('limited by ')})" if row.get("label") else share[1]
            gain = ratio(rows, "cuda-fast", "cuda-reproducible") if lane == "cuda-fast" else ""
            milliseconds = row["real_time"] * {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}[row["time_unit"]]
            print(f"| {work} | {lane[5:]} | {milliseconds:.4g} | {value:.3e} {unit} | {share[0]} | {limit} | {gain} |")
    if "ensemble/d3-256x8.39e6" in table:
        print("\nThe ensemble's published peer (three processes of geometric Brownian motion, as many steps and paths) took 716 ms "
              "on a Quadro RTX 5000.")


def print_jobs(table):
    print("\n| job | threads | seconds | evaluations | evaluations/s | one thread's time / this |")
    print("|---|---|---|---|---|---|")
    for work, rows in table.items():
        for lane, row in rows.items():
            if lane.startswith("threads:"):
                seconds = row["real_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[row["time_unit"]]
                one = rows.get("threads:1")
                gain = f"{one['real_time'] / row['real_time']:.2f}" if one else ""
                print(f"| {work} | {lane[8:]} | {seconds:.3e} | {row['evaluations']:.3e} | {row['evaluations/s']:.3e} | {gain} |")


def print_peers(table, isas, file):
    """The best form of each peer beside our widest instruction set."""
    with open(file, encoding="utf-8") as stream:
        rows = json.load(stream)["rows"]
    best = {}
    for row in rows:
        if "missing" in row:
            print(f"\n{row['peer']} is missing: {row['missing']}")
            continue
        key = row["work"], row["peer"]
        if key not in best or row["rate"] > best[key]["rate"]:
            best[key] = row
    print("\n| work | peer, its best form | its rate | ours | ours / its |")
    print("|---|---|---|---|---|")
    for (work, peer), row in best.items():
        # The data-set peers compute no divergence: the row without it is the same work.
        ours = [rate(table[work][isa])[0] for isa in isas if isa in table.get(work, {})]
        if ours:
            print(f"| {work} | {peer}, {row['form']} | {row['rate']:.3e} {row['unit']} | {max(ours):.3e} | {max(ours) / row['rate']:.1f} |")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    table, context = read(sys.argv[1])
    if "cuda_device" in context:
        print(f"{context['cuda_device']}, {context['multiprocessors']} multiprocessors up to {context['clock_mhz']} MHz, commit "
              f"{context.get('commit', 'unknown')}, {context['date']}\n")
        print_cuda(table)
        return
    isas = [isa for isa in ("baseline", "avx2", "avx512") if f"{isa}_lane_fma_per_second" in context]
    load = context.get("load_avg", [])
    print(f"{context.get('processor', 'unknown processor')}, {context.get('compiler', 'unknown compiler')}, commit "
          f"{context.get('commit', 'unknown')}, {context['date']}, load when started {load[0] if load else 'unknown'}\n")
    print_kernels(table, isas)
    print_jobs(table)
    if len(sys.argv) == 3:
        print_peers(table, isas, sys.argv[2])


if __name__ == "__main__":
    main()
