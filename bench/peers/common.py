"""What the peers share: the models, the exact answer, timing on one core, the shape of a row."""

import json
import os
import time
from pathlib import Path

# One thread everywhere, before any library looks.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
STEPS = 256
END = 1e5


def pin():
    """This process on one core: the last it may use, as the first often serves interrupts."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Mixture:
    """Equal spread, weights w [K], means c [K x d] as displacements from the query point, variance v."""

    def __init__(self, name, weights, means, variance, point):
        self.name = name
        self.log_weights = np.log(weights)
        self.means = means - point
        self.variance = float(variance)
        self.components, self.dim = means.shape

    def exact(self):
        """log p_0 at the point [nat], in double."""
        terms = self.log_weights - 0.5 * (self.means**2).sum(1) / self.variance
        terms = terms - 0.5 * self.dim * np.log(2 * np.pi * self.variance)
        return terms.max() + np.log(np.exp(terms - terms.max()).sum())

    def frame(self):
        """Step length, sqrt(r0 + r_k) and noise levels of the stationary frame, r0 = v; mean and variance of Z_N; offset."""
        length = np.log1p(END / self.variance)
        r = self.variance * np.expm1(length * np.arange(STEPS + 1) / STEPS)
        weights = np.exp(self.log_weights)
        mean = weights @ self.means
        spread = self.variance + (weights @ (self.means - mean) ** 2).mean()
        end_variance = (spread + END) / (self.variance + END)
        offset = -0.5 * self.dim * (np.log(2 * np.pi * end_variance) + np.log(self.variance) + length)
        return {"step": length / STEPS, "scale": np.sqrt(self.variance + r), "r": r,
                "end_mean": mean / np.sqrt(self.variance + END), "end_variance": end_variance, "offset": offset}


def mixtures():
    folder = ROOT / "data" / "mixtures" / "ring-2"
    ring = Mixture("K8-d2", np.load(folder / "weights.npy"), np.load(folder / "means.npy"),
                   np.load(folder / "variances.npy").ravel()[0], np.load(folder / "points.npy")[0])
    means = np.random.default_rng(7).standard_normal((16, 8))
    middle = Mixture("K16-d8", np.full(16, 1 / 16), means, 0.09, means[0] + 0.15)
    return [ring, middle]


def digits():
    """Data [1500 x 64] in [0, 1] and the bandwidth of the data-set score."""
    return np.load(ROOT / "data" / "digits" / "digits_x.npy")[:1500].astype(np.float32) / 16, 0.1


def seconds_of(run, budget=2.0):
    """The best of at least three runs: a neighbour only ever slows a core down. `run` has warmed up once."""
    run()
    best, spent, count = float("inf"), 0.0, 0
    while count < 3 or spent < budget:
        start = time.perf_counter()
        run()
        elapsed = time.perf_counter() - start
        best, spent, count = min(best, elapsed), spent + elapsed, count + 1
    return best


def check(mixture, values):
    """The mean of the paths' estimates must be the exact log-density: the work is the same."""
    values = np.asarray(values, dtype=np.float64)
    error = values.mean() - mixture.exact()
    se = values.std(ddof=1) / np.sqrt(values.size)
    assert abs(error) <= 5 * se + 0.03, f"{mixture.name}: off by {error:.4f} nat (standard error {se:.4f})"
    return {"error": error, "std_error": se, "sd_per_path": values.std(ddof=1)}


def row(peer, form, work, unit, rate, **more):
    return {"peer": peer, "form": form, "work": work, "unit": unit, "rate": rate, **more}


def emit(rows):
    print(json.dumps(rows))
