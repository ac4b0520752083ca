"""Score evaluations to a root mean square error of 1e-2, 1e-3 and 1e-4 nat, for every method, on the shipped mixtures.

evaluations.py [--scorepath FILE] [--methods a,b] OUT writes OUT.json and OUT.md; methods: density-formula, pathwise,
path-weights (all of them). An error is that of ONE randomisation (a path of N
steps, a ray of N nodes; of slices as many as it takes), bias included, over 200 of them; how many evaluations a point
needs is read off between sizes, on log axes; the table has medians over the 16 points of a mixture. Where the longest path is not enough, several
of them are averaged, their number by the median error. Of path weights, whose estimate is no mean of paths, the number of paths is that
which variance and bias of a long run ask for, at the best number of steps. What error bars take beside (repetitions, checks, the handful of evaluations that prepare a point) is not in it.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).parent.parent
MIXTURES = ("ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64")
TARGETS = (1e-2, 1e-3, 1e-4)
REPEATS = 200
BROWNIAN = tuple(64 * 2**i for i in range(11))
WEIGHT_STEPS = (16, 32, 64, 128, 256, 512, 1024, 2048)
WEIGHT_EVALUATIONS = 1 << 23
FORMS = {"stratonovich": BROWNIAN, "forward-ito": BROWNIAN, "backward-ito": BROWNIAN,
         "ray": (8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128)}


def run(scorepath, mixture, arguments):
    """(result, {array}) of one run on all points of a mixture."""
    folder = ROOT / "data" / "mixtures" / mixture
    with tempfile.TemporaryDirectory() as place:
        out = pathlib.Path(place)
        command = [scorepath, "density", "--model", folder / "model.toml", "--points", folder / "points.npy", "--backend", "cpu",
                   "--quiet", "--json", out / "r.json", "--out", out / "r.npz", *arguments]
        ran = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
        if ran.returncode not in (0, 6):
            sys.exit(ran.stderr)
        with np.load(out / "r.npz") as arrays:
            return json.loads((out / "r.json").read_text(encoding="utf-8")), dict(arrays)


def errors(scorepath, mixture, form, size):
    """Root mean square error of a path or ray at each point."""
    _, arrays = run(scorepath, mixture, ["--method", "pathwise", "--form", form, "--steps", size, "--antithetic", "off",
                                         "--paths", REPEATS, "--keep-samples"])
    off = arrays["samples"] - arrays["exact_log_density"][:, None]
    return np.sqrt((off**2).mean(axis=1))


def needed(sizes, error, target):
    """The size at which `error` falls below `target` for good, between sizes on log axes; infinity where it does not."""
    below = len(sizes)
    while below > 0 and error[below - 1] <= target:
        below -= 1
    if below == len(sizes):
        return math.inf
    if below == 0:
        return float(sizes[0])
    x0, x1 = math.log(sizes[below - 1]), math.log(sizes[below])
    y0, y1 = math.log(error[below - 1]), math.log(error[below])
    return math.exp(x0 + (x1 - x0) * (y0 - math.log(target)) / (y0 - y1))


def finite(number):
    return float(number) if math.isfinite(number) else None


def weights(scorepath, mixture, form):
    """Row of path weights: at each point the least evaluations over the number of steps."""
    least = {target: np.full(16, math.inf) for target in TARGETS}
    bias_of, variance_of = [], []
    for steps in WEIGHT_STEPS:
        result, _ = run(scorepath, mixture, ["--method", "path-weights", "--form", form, "--steps", steps, "--paths",
                                             WEIGHT_EVALUATIONS // steps])
        points = result["points"]
        variance = np.array([p["path_variance"] for p in points]) * steps  # [nat^2 x evaluations]
        off = np.array([p["log_density"] - p["exact_log_density"] for p in points])
        square_bias = np.maximum(off**2 - np.array([p["std_error"] ** 2 for p in points]), 0.0)
        for target in TARGETS:
            room = target**2 - square_bias
            least[target] = np.minimum(least[target], np.where(room > 0.0, np.maximum(variance / np.maximum(room, 1e-30), steps), math.inf))
        bias_of.append(float(np.median(np.sqrt(square_bias))))
        variance_of.append(float(np.median(variance)))
    return {"mixture": mixture, "method": f"path-weights, {form}",
            "evaluations": {f"{t:g}": finite(np.median(least[t])) for t in TARGETS}, "sizes": list(WEIGHT_STEPS),
            "median_bias": bias_of, "median_variance_times_evaluations": variance_of}


def measure_weights(scorepath):
    rows = []
    for mixture in MIXTURES:
        for form in ("chain", "extrapolated"):
            rows.append(weights(scorepath, mixture, form))
            print(mixture, form, rows[-1]["evaluations"], flush=True)
    return rows


def measure(scorepath, methods, forms):
    rows = measure_weights(scorepath) if "path-weights" in methods else []
    for mixture in MIXTURES:
        if "density-formula" in methods:
            result, _ = run(scorepath, mixture, ["--method", "density-formula", "--paths", 1 << 18])
            variance = np.array([p["path_variance"] for p in result["points"]])
            rows.append({"mixture": mixture, "method": "density-formula, slices",
                         "evaluations": {f"{t:g}": float(np.median(variance / t**2)) for t in TARGETS}})
        for form in forms if "pathwise" in methods else ():
            sizes = FORMS[form]
            table = np.array([errors(scorepath, mixture, form, size) for size in sizes])  # [sizes x points]
            evaluations = {}
            for target in TARGETS:
                each = [needed(sizes, table[:, p], target) for p in range(table.shape[1])]
                median = float(np.median(each))
                averaged = float(sizes[-1] * (np.median(table[-1]) / target) ** 2)
                evaluations[f"{target:g}"] = median if math.isfinite(median) else averaged
            rows.append({"mixture": mixture, "method": f"pathwise, {form}", "evaluations": evaluations,
                         "sizes": list(sizes), "median_error": np.median(table, axis=1).tolist(),
                         "largest_error": table.max(axis=1).tolist()})
            print(mixture, form, evaluations, flush=True)
    return rows


def text_of(number):
    if number is None:
        return "never"
    return f"{number:.0f}" if number < 1e4 else f"{number:.1e}".replace("e+0", "e").replace("e+", "e")


def markdown(rows, device):
    lines = ["# Score evaluations to an error", "",
             f"Median over the 16 points of each mixture in `data/mixtures`, {REPEATS} repeats, bias included, one randomisation (`bench/evaluations.py`; {device}).",
             f"Paths of up to {BROWNIAN[-1]} steps, and means of such where one is not enough. Slices: from their measured variance.", "",
             "| mixture | method | 1e-2 nat | 1e-3 nat | 1e-4 nat |", "|---|---|---|---|---|"]
    for row in rows:
        cells = " | ".join(text_of(row["evaluations"][f"{t:g}"]) for t in TARGETS)
        lines.append(f"| {row['mixture']} | {row['method']} | {cells} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scorepath", default=ROOT / "build/release/bin/scorepath")
    parser.add_argument("--methods", default="density-formula,pathwise,path-weights")
    parser.add_argument("--forms", default=",".join(FORMS), help="of pathwise")
    parser.add_argument("out")
    arguments = parser.parse_args()
    rows = measure(arguments.scorepath, arguments.methods.split(","), arguments.forms.split(","))
    info = json.loads(subprocess.run([arguments.scorepath, "info", "--json"], capture_output=True, text=True, check=True).stdout)
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False).stdout.strip()
    context = {"device": info.get("processor", info.get("cpu", "")), "isa": info["isa"].get("active", ""), "commit": commit,
               "command": f"python3 bench/evaluations.py --methods {arguments.methods} --forms {arguments.forms}", "repeats": REPEATS}
    pathlib.Path(arguments.out + ".json").write_text(json.dumps({"context": context, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    pathlib.Path(arguments.out + ".md").write_text(markdown(rows, context["device"]), encoding="utf-8")


if __name__ == "__main__":
    main()
