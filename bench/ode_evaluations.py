"""Score evaluations of method ode to 1e-2, 1e-3 and 1e-4 nat, on the shipped mixtures, and of its probe plans.

ode_evaluations.py [--scorepath FILE] OUT writes OUT.json and OUT.md. With the exact divergence: over a sweep of
tolerances, the evaluations of the solution that is reported (solution_evaluations; the coarser ones that check it are
listed apart), at the loosest tolerance from which on the error stays below the target; medians over 16 points. By
probes: root mean square error of one repetition (200 of them, bias included) against its evaluations, the trajectory's
included: 2 for each product.
"""

import argparse
import json
import math
import pathlib
import platform
import subprocess

import numpy as np

import evaluations
from evaluations import MIXTURES, REPEATS, ROOT, TARGETS

ATOLS = [100.0 * 10 ** (-i / 4) for i in range(33)]
# Up to where a plan reaches 1e-2, or shows that it does not.
NODES = {"hadamard": (16, 32, 64, 128, 256, 512, 1024, 2048), "fresh": (64, 256, 1024), "fixed": (64, 256)}


def run(scorepath, mixture, arguments):
    """(points of the JSON, {array}) of one run on all points of a mixture."""
    result, arrays = evaluations.run(scorepath, mixture, ["--method", "ode", *arguments])
    return result["points"], arrays


def exact_divergence(scorepath, mixture):
    """Medians over points at each target of (evaluations of the solution, all evaluations), and the worst error/bound."""
    errors, own, all_of_them, worst = [], [], [], 0.0
    for atol in ATOLS:
        points, _ = run(scorepath, mixture, ["--atol", atol, "--rtol", 1e-12])
        errors.append([abs(p["log_density"] - p["exact_log_density"]) for p in points])
        own.append([p["solution_evaluations"] for p in points])
        all_of_them.append([p["score_evaluations"] for p in points])
        if atol <= 1.0:
            worst = max(worst, max(e / p["discretization_error"] for e, p in zip(errors[-1], points)))
    rows = {}
    for target in TARGETS:
        needed = []
        for point in range(len(errors[0])):
            below = len(ATOLS)
            while below > 0 and errors[below - 1][point] <= target:
                below -= 1
            needed.append((math.inf, math.inf) if below == len(ATOLS) else (own[below][point], all_of_them[below][point]))
        rows[f"{target:g}"] = [float(x) for x in np.median(np.array(needed), axis=0)]
    return {"needed": rows, "worst_error_over_bound": worst}


def default_tolerance(scorepath, mixture):
    points, _ = run(scorepath, mixture, [])
    return {"worst_error": max(abs(p["log_density"] - p["exact_log_density"]) for p in points),
            "worst_bound": max(p["discretization_error"] for p in points),
            "median_evaluations": float(np.median([p["score_evaluations"] for p in points])),
            "median_solution_evaluations": float(np.median([p["solution_evaluations"] for p in points]))}


def by_probes(scorepath, mixture, plan):
    """Evaluations of one repetition at which the median point's error is 1e-2, and the sweep behind it."""
    sweep = []
    for nodes in NODES[plan]:
        points, arrays = run(scorepath, mixture, ["--divergence", "hutchinson", "--probe-plan", plan, "--steps", nodes, "--paths",
                                                  REPEATS, "--keep-samples", "--atol", 1e-2])
        off = arrays["samples"] - arrays["exact_log_density"][:, None]
        error = float(np.median(np.sqrt((off**2).mean(axis=1))))
        trajectory = float(np.median([p["solution_evaluations"] for p in points]))
        sweep.append({"nodes": nodes, "evaluations": trajectory + 2 * nodes, "rmse": error})
        if error <= 0.7e-2:
            break
    needed = None
    for a, b in zip(sweep, sweep[1:]):
        if a["rmse"] > 1e-2 >= b["rmse"]:
            share = math.log(a["rmse"] / 1e-2) / math.log(a["rmse"] / b["rmse"])
            needed = a["evaluations"] * (b["evaluations"] / a["evaluations"]) ** share
    return {"needed": needed, "sweep": sweep}


def provenance():
    git = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    models = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
              if line.startswith("model name")]
    return {"processor": models[0] if models else platform.machine(), "commit": git.stdout.strip(),
            "command": "bench/ode_evaluations.py"}


def table(result):
    lines = ["# Score evaluations of method ode", "",
             "{processor}, commit {commit}, `{command}`. Medians over the 16 points of each mixture.".format(**result["made"]), "",
             "Exact divergence, to an error of 1e-2 / 1e-3 / 1e-4 nat (in brackets: with the coarser solutions that check it), and at the "
             "default tolerance:", "",
             "| mixture | 1e-2 | 1e-3 | 1e-4 | worst error/bound, atol <= 1 | default: worst error, worst bound | evaluations |",
             "|---|---|---|---|---|---|---|"]
    for name, row in result["exact"].items():
        cells = ["{:.0f} ({:.0f})".format(*row["needed"][f"{t:g}"]) for t in TARGETS]
        d = result["default"][name]
        lines.append(f"| {name} | {' | '.join(cells)} | {row['worst_error_over_bound']:.2f} | {d['worst_error']:.1e}, "
                     f"{d['worst_bound']:.1e} | {d['median_solution_evaluations']:.0f} ({d['median_evaluations']:.0f}) |")
    lines += ["", "By probes, to a root mean square error of 1e-2 nat (one repetition, trajectory included; `>` not reached):", "",
              "| mixture | hadamard | fresh | fixed |", "|---|---|---|---|"]
    for name, plans in result["probes"].items():
        cells = [f"{p['needed']:.0f}" if p["needed"] else f"> {p['sweep'][-1]['evaluations']:.0f} (rmse {p['sweep'][-1]['rmse']:.2g})"
                 for p in plans.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scorepath", default=ROOT / "build" / "release" / "bin" / "scorepath")
    parser.add_argument("out")
    arguments = parser.parse_args()
    scorepath = arguments.scorepath
    result = {"made": provenance(), "exact": {m: exact_divergence(scorepath, m) for m in MIXTURES},
              "default": {m: default_tolerance(scorepath, m) for m in MIXTURES},
              "probes": {m: {plan: by_probes(scorepath, m, plan) for plan in NODES} for m in MIXTURES}}
    pathlib.Path(arguments.out + ".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    pathlib.Path(arguments.out + ".md").write_text(table(result), encoding="utf-8")


if __name__ == "__main__":
    main()
