"""Samples by every reverse method: how good at how many score evaluations, and how fast beside JAX and numpy.

sampling.py [--scorepath FILE] [--count N] [--python INTERPRETER] OUT writes OUT.json and OUT.md.

Quality, on shipped mixtures: how far the mean log-density of N samples under the exact density lies from that of exact ones (their entropy; nat), its
standard error beside it. A method that leaves samples too spread is below, one that loses variance above. Speed: a million samples of ring-2, 256 steps, one run after a
warm-up: the command's own clock, without writing; in JAX the same exponential steps (float32, a fori_loop over steps, jit of the whole batch, its fastest
form of two: components unrolled, or arrays), in numpy on a tenth of them. Carried log-densities stand apart: their errors and how they fit their own standard errors.
Needs numpy; jax is run where INTERPRETER (this one by default) has it.
"""

import argparse
import json
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIXTURES = ("ring-2", "cloud-16", "anisotropic-16")
METHODS = (("exponential", 0.0), ("exponential", 1.0), ("euler-maruyama", 0.0), ("ancestral", 0.0), ("ddim", 1.0), ("second-order", 0.0),
           ("second-order", 1.0), ("predictor-corrector", 0.0))
EVALUATIONS = (16, 32, 64, 128, 256, 512)


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    return next((line.split(": ")[1] for line in text.splitlines() if line.startswith("model name")), platform.machine())


class Mixture:
    def __init__(self, name):
        folder = ROOT / "data" / "mixtures" / name
        self.file = folder / "model.toml"
        self.weights, self.means, variances = (np.load(folder / f"{part}.npy") for part in ("weights", "means", "variances"))
        self.variances = variances.reshape(len(variances), -1) * np.ones_like(self.means)

    def log_density(self, points):
        values = np.empty(len(points))
        for first in range(0, len(points), 20000):
            part = points[first:first + 20000]
            squares = ((part[:, None] - self.means) ** 2 / self.variances).sum(axis=2)
            terms = np.log(self.weights) - 0.5 * (squares + np.log(2 * np.pi * self.variances).sum(axis=1))
            top = terms.max(axis=1)
            values[first:first + 20000] = top + np.log(np.exp(terms - top[:, None]).sum(axis=1))
        return values

    def draw(self, number, source):
        component = source.choice(len(self.weights), number, p=self.weights / self.weights.sum())
        return self.means[component] + np.sqrt(self.variances[component]) * source.standard_normal((number, self.means.shape[1]))


def run(scorepath, mixture, arguments):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "s.npz"
        command = [scorepath, "sample", "--model", mixture.file, "--out", out, "--json", "-", "--quiet", *arguments]
        summary = json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout)
        with np.load(out) as arrays:
            return summary, {name: arrays[name] for name in arrays.files if name != "job"}


def evaluations_per_step(method):
    return 2 if method in ("second-order", "predictor-corrector") else 1


def quality(scorepath, mixture, count):
    exact = mixture.log_density(mixture.draw(4 * count, np.random.default_rng(1)))
    rows = []
    for method, lam in METHODS:
        row = {"method": method, "lambda": lam, "errors": {}}
        for evaluations in EVALUATIONS:
            steps = evaluations // evaluations_per_step(method)
            _, arrays = run(scorepath, mixture, ["--count", count, "--sampler", method, "--lambda", lam, "--steps", steps])
            own = mixture.log_density(arrays["samples"])
            row["errors"][evaluations] = [own.mean() - exact.mean(), float(np.hypot(own.std() / count ** 0.5, exact.std() / len(exact) ** 0.5))]
        rows.append(row)
    return rows


def carried(scorepath, mixture):
    rows = []
    for method, lam in METHODS:
        for steps in (128, 512):
            _, a = run(scorepath, mixture, ["--count", 20000, "--sampler", method, "--lambda", lam, "--steps", steps, "--log-density"])
            off = a["log_density"] - a["exact_log_density"]
            z = off / a["std_error"]
            rows.append({"method": method, "lambda": lam, "steps": steps, "rms": float(np.sqrt((off ** 2).mean())), "bias": float(off.mean()),
                         "bias_std_error": float(off.std() / len(off) ** 0.5), "rms_z": float(np.sqrt((z ** 2).mean())),
                         "within_95": float((abs(z) < 1.96).mean())})
    return rows


JAX = r"""
import json, math, sys, time
import numpy as np, jax, jax.numpy as jnp
folder, count, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
weights, means, variances = (np.load(f"{folder}/{n}.npy") for n in ("weights", "means", "variances"))
variances = variances.ravel()
r0, far = variances.min(), math.expm1(10.05)
v = (r0 + far) * np.exp(-math.log1p(far / r0) * np.arange(steps + 1) / steps)
B = jnp.asarray(v[:-1] * (1 - v[1:] / v[:-1]), jnp.float32)
C = jnp.asarray(np.sqrt(v[1:] * (1 - v[1:] / v[:-1])), jnp.float32)
R = jnp.asarray(v[:-1] - r0, jnp.float32)
def arrays(y0, y1, r):
    inverse = (1.0 / (jnp.asarray(variances, jnp.float32) + r))[:, None]
    u0, u1 = (means[:, 0:1].astype(np.float32) - y0) * inverse, (means[:, 1:2].astype(np.float32) - y1) * inverse
    logit = jnp.log(jnp.asarray(weights, jnp.float32))[:, None] + jnp.log(inverse) - 0.5 * (u0 * u0 + u1 * u1) / inverse
    share = jax.nn.softmax(logit, axis=0)
    return (share * u0).sum(0), (share * u1).sum(0)
def unrolled(y0, y1, r):
    terms, offs = [], []
    for (m0, m1), variance, weight in zip(means.tolist(), variances.tolist(), weights.tolist()):
        inverse = 1.0 / (variance + r)
        u0, u1 = (m0 - y0) * inverse, (m1 - y1) * inverse
        terms.append(math.log(weight) + jnp.log(inverse) - 0.5 * (variance + r) * (u0 * u0 + u1 * u1))
        offs.append((u0, u1))
    top = terms[0]
    for term in terms[1:]: top = jnp.maximum(top, term)
    shares = [jnp.exp(term - top) for term in terms]
    total = 1.0 / sum(shares)
    return sum(s * o[0] for s, o in zip(shares, offs)) * total, sum(s * o[1] for s, o in zip(shares, offs)) * total
def sampler(score):
    def step(k, state):
        y0, y1, key = state
        key, one, two = jax.random.split(key, 3)
        s0, s1 = score(y0, y1, R[k])
        return (y0 + B[k] * s0 + C[k] * jax.random.normal(one, y0.shape), y1 + B[k] * s1 + C[k] * jax.random.normal(two, y0.shape), key)
    @jax.jit
    def draw(key):
        key, one, two = jax.random.split(key, 3)
        start = [math.sqrt(far) * jax.random.normal(k, (count,)) for k in (one, two)]
        return jax.lax.fori_loop(0, steps, step, (start[0], start[1], key))[:2]
    return draw
best = {}
for name, score in (("arrays", arrays), ("unrolled", unrolled)):
    draw = sampler(score)
    jax.block_until_ready(draw(jax.random.PRNGKey(0)))
    start = time.perf_counter()
    y0, y1 = jax.block_until_ready(draw(jax.random.PRNGKey(1)))
    best[name] = time.perf_counter() - start
print(json.dumps({"seconds": best, "version": jax.__version__}))
"""


def numpy_seconds(mixture, count, steps):
    variances = mixture.variances[:, 0]
    r0, far = variances.min(), np.expm1(10.05)
    v = (r0 + far) * np.exp(-np.log1p(far / r0) * np.arange(steps + 1) / steps)
    source = np.random.default_rng(0)
    y = np.sqrt(far) * source.standard_normal((count, 2), dtype=np.float32)
    start = time.perf_counter()
    for above, below in zip(v[:-1], v[1:]):
        inverse = (1.0 / (variances + above - r0)).astype(np.float32)
        pull = (mixture.means.astype(np.float32) - y[:, None]) * inverse[:, None]
        logit = np.log(mixture.weights).astype(np.float32) + np.log(inverse) - 0.5 * (pull ** 2).sum(2) / inverse
        share = np.exp(logit - logit.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        score = (share[:, :, None] * pull).sum(1)
        y = y + np.float32(above - below) * score + np.float32(np.sqrt(below * (1 - below / above))) * source.standard_normal((count, 2), dtype=np.float32)
    return time.perf_counter() - start


def speed(scorepath, python):
    mixture, count, steps = Mixture("ring-2"), 1_000_000, 256
    rows = []
    for method, lam in METHODS:
        for density in (False, True):
            arguments = ["--count", count, "--sampler", method, "--lambda", lam, "--steps", steps] + (["--log-density"] if density else [])
            seconds = min(run(scorepath, mixture, arguments)[0]["seconds"] for _ in range(2))
            rows.append({"who": "scorepath", "method": method, "lambda": lam, "density": density, "seconds": seconds})
    folder = mixture.file.parent
    peer = subprocess.run([python, "-c", JAX, str(folder), str(count), str(steps)], capture_output=True, text=True)
    if peer.returncode == 0:
        told = json.loads(peer.stdout)
        rows.append({"who": f"jax {told['version']}", "method": "exponential", "lambda": 0.0, "density": False,
                     "seconds": min(told["seconds"].values()), "forms": told["seconds"]})
    rows.append({"who": f"numpy {np.__version__}", "method": "exponential", "lambda": 0.0, "density": False,
                 "seconds": 10 * numpy_seconds(mixture, count // 10, steps)})
    return {"count": count, "steps": steps, "rows": rows}


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def report(result):
    name = lambda row: f"`{row['method']}`, lambda {row['lambda']:g}"
    text = f"# Samples of the reverse methods\n\n{result['machine']}, commit {result['commit']}, {result['count']} samples; `bench/sampling.py`.\n"
    for mixture, rows in result["quality"].items():
        text += f"\n## {mixture}: mean log-density of samples minus that of exact ones [nat], by score evaluations of a path\n\n"
        text += table(["method", *map(str, EVALUATIONS)],
                      [[name(row)] + [f"{error:+.4f} ({se:.4f})" for error, se in row["errors"].values()] for row in rows])
    text += "\n## Carried log-densities on ring-2\n\n" + table(
        ["method", "steps", "rms error [nat]", "mean error", "rms error in standard errors", "within 1.96 of them"],
        [[name(r), str(r["steps"]), f"{r['rms']:.2e}", f"{r['bias']:+.1e} ({r['bias_std_error']:.1e})", f"{r['rms_z']:.2f}", f"{100 * r['within_95']:.1f}%"]
         for r in result["carried"]])
    speeds = result["speed"]
    fastest = next(r["seconds"] for r in speeds["rows"] if r["who"] == "scorepath")
    text += f"\n## {speeds['count']} samples of ring-2, {speeds['steps']} steps\n\n" + table(
        ["who", "method", "log-densities", "seconds", "path-steps/s", "over scorepath's exponential"],
        [[r["who"], name(r), "yes" if r["density"] else "no", f"{r['seconds']:.2f}", f"{speeds['count'] * speeds['steps'] / r['seconds']:.2e}",
          f"{r['seconds'] / fastest:.2f}"] for r in speeds["rows"]])
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scorepath", default=ROOT / "build/release/bin/scorepath")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("out")
    given = parser.parse_args()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    result = {"machine": processor(), "commit": commit, "count": given.count,
              "speed": speed(given.scorepath, given.python),
              "quality": {name: quality(given.scorepath, Mixture(name), given.count) for name in MIXTURES},
              "carried": carried(given.scorepath, Mixture("ring-2"))}
    pathlib.Path(given.out + ".json").write_text(json.dumps(result, indent=1) + "\n")
    pathlib.Path(given.out + ".md").write_text(report(result))


if __name__ == "__main__":
    main()
