"""Scores of correlated mixtures: what covariances cost beside diagonal variances, and beside JAX.

covariances.py [--scorepath FILE] [--python INTERPRETER] OUT writes OUT.json and OUT.md.

Mixtures of 8 random components in 2 to 64 dimensions, with full covariances, with 2 factors on isotropic variances, and with the diagonals alone; one thread.
Score evaluations with their divergence, per second, along Stratonovich paths (`density --method pathwise --form stratonovich`), the median of five runs that take
turns; multiply-adds per second from 2 dim multiply-adds for each axis and component (4 dim for a component with diagonal variances). JAX: score and divergence
of 16384 points at one noise level, jit, float32, from the same eigenvectors, on as many threads as XLA takes; the faster of two forms, points by rows with
contractions component by component, or coordinates by rows with one matrix product for all components' axes and one back. Needs numpy; jax is run where INTERPRETER has it.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPONENTS, DIMENSIONS, PATHS = 8, (2, 4, 8, 16, 32, 64), 1 << 19

JAX = """
import json, sys, time
import numpy as np, jax, jax.numpy as jnp
folder, dim = sys.argv[1], int(sys.argv[2])
means, covariances = (jnp.asarray(np.load(f"{folder}/{name}{dim}.npy"), jnp.float32) for name in ("means", "covariances"))
values, vectors = jnp.linalg.eigh(covariances)

@jax.jit
def by_points(y, r):
    along = jnp.einsum("kij,nki->nkj", vectors, means - y[:, None])
    inverse = 1.0 / (values + r)
    logits = 0.5 * (jnp.log(inverse).sum(1) - (along**2 * inverse).sum(2))
    weights = jax.nn.softmax(logits, axis=1)
    pulls = jnp.einsum("kij,nkj->nki", vectors, along * inverse)
    score = (weights[:, :, None] * pulls).sum(1)
    second = (weights * ((pulls**2).sum(2) - inverse.sum(1))).sum(1)
    return score, second - (score**2).sum(1)

axes = vectors.transpose(1, 0, 2).reshape(dim, -1)
offsets = jnp.einsum("ki,kij->kj", means, vectors).reshape(-1, 1)

@jax.jit
def by_coordinates(y, r):
    inverse = 1.0 / (values + r)
    along = (offsets - axes.T @ y).reshape(len(means), dim, -1)
    pulls = along * inverse[:, :, None]
    logits = 0.5 * (jnp.log(inverse).sum(1)[:, None] - (along * pulls).sum(1))
    weights = jax.nn.softmax(logits, axis=0)
    score = axes @ (weights[:, None] * pulls).reshape(len(means) * dim, -1)
    second = (weights * ((pulls**2).sum(1) - inverse.sum(1)[:, None])).sum(0)
    return score, second - (score**2).sum(0)

y = jnp.asarray(np.random.default_rng(0).normal(size=(16384, dim)), jnp.float32)
first, second = by_points(y, 0.1), by_coordinates(y.T, 0.1)
assert jnp.allclose(first[0], second[0].T, atol=1e-2) and jnp.allclose(first[1], second[1], atol=0.1 * dim)

def rate(form, points):
    rates = []
    for _ in range(5):
        start, calls = time.perf_counter(), 0
        while time.perf_counter() - start < 0.5:
            jax.block_until_ready(form(points, 0.1))
            calls += 1
        rates.append(calls * 16384 / (time.perf_counter() - start))
    return sorted(rates)[2]

print(json.dumps(max(rate(by_points, y), rate(by_coordinates, y.T))))
"""


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return next((line.split(": ")[1] for line in text.splitlines() if line.startswith("model name")), "unknown")


def write_models(folder):
    source = np.random.default_rng(1)
    np.save(folder / "weights.npy", np.full(COMPONENTS, 1.0 / COMPONENTS))
    for dim in DIMENSIONS:
        roots = 0.4 * source.normal(size=(COMPONENTS, dim, dim)) / np.sqrt(dim)
        covariances = roots @ roots.transpose(0, 2, 1) + 0.02 * np.eye(dim)
        arrays = {"means": source.normal(size=(COMPONENTS, dim)), "covariances": covariances,
                  "diagonals": np.stack([np.diag(c) for c in covariances]), "across": np.full(COMPONENTS, 0.05),
                  "factors": 0.4 * source.normal(size=(COMPONENTS, dim, min(2, dim - 1)))}
        arrays["points"] = arrays["means"][:2] + 0.1
        for name, array in arrays.items():
            np.save(folder / f"{name}{dim}.npy", array)
        kinds = {"diagonal": f"variances = 'diagonals{dim}.npy'", "full": f"covariances = 'covariances{dim}.npy'",
                 "factors": f"variances = 'across{dim}.npy'\nfactors = 'factors{dim}.npy'"}
        for kind, keys in kinds.items():
            (folder / f"{kind}{dim}.toml").write_text(
                f"[schedule]\nkind = 'vp-linear'\n[score]\nkind = 'gaussian-mixture'\nweights = 'weights.npy'\n"
                f"means = 'means{dim}.npy'\n{keys}\n", encoding="utf-8")


def rate_of(scorepath, folder, kind, dim):
    out = subprocess.run([scorepath, "density", "--model", folder / f"{kind}{dim}.toml", "--points", folder / f"points{dim}.npy", "--method", "pathwise",
                          "--form", "stratonovich", "--paths", str(PATHS // dim), "--threads", "1", "--json", "-", "--quiet"],
                         capture_output=True, text=True, check=False)
    totals = json.loads(out.stdout)["totals"]
    return totals["score_evaluations"] / totals["seconds"]


def multiply_adds(kind, dim):
    axes = {"diagonal": 2, "full": dim - 1, "factors": min(2, dim - 1)}[kind]
    return 2 * COMPONENTS * dim * axes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scorepath", default=ROOT / "build/release/bin/scorepath")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("out")
    arguments = parser.parse_args()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    result = {"processor": processor(), "commit": commit, "threads": 1, "rows": []}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_models(folder)
        for dim in DIMENSIONS:
            rates = {kind: [] for kind in ("diagonal", "full", "factors")}
            for _ in range(5):
                for kind, values in rates.items():
                    values.append(rate_of(arguments.scorepath, folder, kind, dim))
            jax = subprocess.run([arguments.python, "-c", JAX, name, str(dim)], capture_output=True, text=True, check=False)
            row = {"dim": dim, "jax": json.loads(jax.stdout) if jax.returncode == 0 else None}
            for kind, values in rates.items():
                row[kind] = {"evaluations_per_second": statistics.median(values), "all": values,
                             "multiply_adds_per_second": statistics.median(values) * multiply_adds(kind, dim)}
            result["rows"].append(row)
    pathlib.Path(arguments.out + ".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    lines = ["# Scores of correlated mixtures", "",
             f"{result['processor']}, one thread (JAX: as many as it takes), commit {commit}; 8 components, score and divergence; `bench/covariances.py`.", "",
             "| dim | diagonal [evaluations/s] | 2 factors | covariances | multiply-adds/s of these | JAX, covariances | covariances to JAX |",
             "|---|---|---|---|---|---|---|"]
    for row in result["rows"]:
        full = row["full"]["evaluations_per_second"]
        jax = f"{row['jax']:.2e} | {full / row['jax']:.1f}" if row["jax"] else "- | -"
        lines.append(f"| {row['dim']} | {row['diagonal']['evaluations_per_second']:.2e} | {row['factors']['evaluations_per_second']:.2e} | {full:.2e} | "
                     f"{row['full']['multiply_adds_per_second']:.1e} | {jax} |")
    pathlib.Path(arguments.out + ".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
