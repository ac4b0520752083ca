"""Seconds for log p of 10^4 points to 1e-3 nat: scorepath's command line beside an ODE in JAX, diffrax, and score_sde's way.

rivals.py [--points N] [--scorepath FILE] [--quick] OUT writes OUT.json and OUT.md. Points: draws from data/mixtures/ring-2 (8 components in 2
dimensions, vp-linear), of a fixed seed; truth: the mixture's own log-density, in double precision. Needs numpy, scipy, jax; diffrax where it is there.

The rivals get what they can use. All have the closed form of the score and its divergence (or `jacfwd`, timed beside it). The probability-flow ODE in the
canonical frame, dy/dr = -s/2, log p(x) = log p_R(y_R) - int div s / 2 dr, runs in u = ln(1 + r/c); c, the end R (where a Gaussian of the mixture's own mean and
covariance stands for p_R), Runge-Kutta 4 or Tsit5 and the number of steps are those of fewest evaluations whose root mean square error on these very points
is at most 1e-3: an oracle that no user has. Each runs in several forms (components unrolled or arrays, blocks that fit a cache, one call or a
thread for each core), the fastest counts. "rays" is scorepath's own quadrature (docs/theory.md, D21) written in JAX, one ray a point. score_sde's way is
SciPy's RK45 on the whole batch at once, t from 1e-5 to 1, rtol = atol = 1e-5, one Hutchinson probe, a standard normal at the end, in double precision.
Seconds are medians of five runs after a warm-up, from array to array; compiling and, for scorepath, everything outside its own clock (starting, reading,
writing) stand apart. Monte Carlo of scorepath runs on few points, scaled to all; those rows say so.
"""

import argparse
import concurrent.futures
import importlib.metadata
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "data" / "mixtures" / "ring-2"
TARGET = 1e-3
SEED = 20261128
BETA_MIN, BETA_MAX = 0.1, 20.0
CORES = len(os.sched_getaffinity(0))
TUNING_POINTS = 300
R_END = math.expm1((BETA_MIN + BETA_MAX) / 2)  # sigma^2/a^2 at t = 1
SCALES = (0.005, 0.01, 0.02)
ENDS = (60.0, 100.0, 200.0, 1000.0, R_END)
# (stage coefficients, weights, stage times)
TABLEAUS = {
    "RK4": ([[], [0.5], [0.0, 0.5], [0.0, 0.0, 1.0]], [1 / 6, 1 / 3, 1 / 3, 1 / 6], [0.0, 0.5, 0.5, 1.0]),
    "Tsit5": ([[], [0.161], [-0.008480655492356989, 0.335480655492357], [2.8971530571054935, -6.359448489975075, 4.3622954328695815],
               [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525],
               [5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383]],
              [0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774],
              [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0]),
}


class Mixture:
    """The mixture, its moments, and draws from it."""

    def __init__(self):
        self.weights, self.means, self.variances = (np.load(FOLDER / f"{name}.npy") for name in ("weights", "means", "variances"))
        self.weights = self.weights / self.weights.sum()
        self.mean = self.weights @ self.means
        off = self.means - self.mean
        self.covariance = np.einsum("k,ki,kj->ij", self.weights, off, off) + np.eye(2) * (self.weights @ self.variances)

    def draw(self, number):
        source = np.random.default_rng(SEED)
        component = source.choice(len(self.weights), number, p=self.weights)
        return self.means[component] + np.sqrt(self.variances[component])[:, None] * source.standard_normal((number, 2))

    def log_density(self, points):
        squares = ((points[:, None] - self.means) ** 2).sum(axis=2)
        terms = np.log(self.weights) - np.log(2 * np.pi * self.variances) - squares / (2 * self.variances)
        top = terms.max(axis=1)
        return top + np.log(np.exp(terms - top[:, None]).sum(axis=1))

    def end(self, r):
        """Of the Gaussian that stands for p_r: the inverse of its covariance, and its constant."""
        covariance = self.covariance + r * np.eye(2)
        return np.linalg.inv(covariance), -math.log(2 * math.pi) - 0.5 * math.log(np.linalg.det(covariance))


def stages(tableau, steps, scale, end):
    """r and dr/du at each stage [steps x stages], and the step of u."""
    length = math.log1p(end / scale) / steps
    u = (np.arange(steps)[:, None] + np.array(TABLEAUS[tableau][2])) * length
    return scale * np.expm1(u), scale * np.exp(u), length


# The score and its divergence at y + noise of variance r, each coordinate an array of its own; xp is numpy or jax.numpy.

def score_unrolled(xp, mixture, y0, y1, r):
    means, variances = mixture.means, mixture.variances
    terms, offs = [], []
    for (m0, m1), variance, weight in zip(means.tolist(), variances.tolist(), mixture.weights.tolist()):
        inverse = 1.0 / (variance + r)
        u0, u1 = (m0 - y0) * inverse, (m1 - y1) * inverse
        square = u0 * u0 + u1 * u1
        terms.append((math.log(weight) + xp.log(inverse)) - (0.5 * (variance + r)) * square)
        offs.append((u0, u1, square - 2.0 * inverse))
    top = terms[0]
    for term in terms[1:]:
        top = xp.maximum(top, term)
    shares = [xp.exp(term - top) for term in terms]
    total = 1.0 / sum(shares)
    s0, s1, second = (sum(share * off[i] for share, off in zip(shares, offs)) * total for i in range(3))
    return s0, s1, second - (s0 * s0 + s1 * s1)


def score_arrays(xp, mixture, y0, y1, r):
    """The same with the components along the first axis; y0 may have any shape."""
    shape = (-1,) + (1,) * y0.ndim
    means, variances, weights = (xp.asarray(a, dtype=y0.dtype) for a in (mixture.means, mixture.variances, mixture.weights))
    inverse = 1.0 / (variances + r)
    u0 = (means[:, 0].reshape(shape) - y0) * inverse.reshape(shape)
    u1 = (means[:, 1].reshape(shape) - y1) * inverse.reshape(shape)
    square = u0 * u0 + u1 * u1
    terms = (xp.log(weights) + xp.log(inverse)).reshape(shape) - (0.5 * (variances + r)).reshape(shape) * square
    shares = xp.exp(terms - terms.max(axis=0))
    shares = shares / shares.sum(axis=0)
    s0, s1 = (shares * u0).sum(axis=0), (shares * u1).sum(axis=0)
    second = (shares * (square - 2.0 * inverse.reshape(shape))).sum(axis=0)
    return s0, s1, second - (s0 * s0 + s1 * s1)


def score_jacfwd(jax, mixture, y0, y1, r):
    """The score by closed form, its divergence by forward differentiation, point by point under vmap."""
    xp = jax.numpy

    def score(y):
        s0, s1, _ = score_arrays(xp, mixture, y[0], y[1], r)
        return xp.stack([s0, s1])

    points = xp.stack([y0, y1], axis=-1)
    s = jax.vmap(score)(points)
    return s[:, 0], s[:, 1], xp.trace(jax.vmap(jax.jacfwd(score))(points), axis1=1, axis2=2)


def step_of(score, tableau, length):
    """(y0, y1, integral) after a step, given r and dr/du at its stages."""
    matrix, weights, _ = TABLEAUS[tableau]

    def step(y0, y1, integral, r, slope):
        slopes = []
        for i, row in enumerate(matrix):
            z0 = y0 + sum(length * a * k[0] for a, k in zip(row, slopes) if a != 0.0)
            z1 = y1 + sum(length * a * k[1] for a, k in zip(row, slopes) if a != 0.0)
            s0, s1, divergence = score(z0, z1, r[i])
            half = 0.5 * slope[i]
            slopes.append((-half * s0, -half * s1, half * divergence))
        return tuple(v + sum(length * b * k[i] for b, k in zip(weights, slopes)) for i, v in enumerate((y0, y1, integral)))

    return step


def log_end(mixture, end, y0, y1):
    inverse, constant = mixture.end(end)
    e0, e1 = y0 - float(mixture.mean[0]), y1 - float(mixture.mean[1])
    return constant - 0.5 * (float(inverse[0, 0]) * e0 * e0 + 2.0 * float(inverse[0, 1]) * e0 * e1 + float(inverse[1, 1]) * e1 * e1)


def ode_numpy(mixture, points, tableau, steps, scale, end):
    r, slope, length = stages(tableau, steps, scale, end)
    step = step_of(lambda a, b, c: score_arrays(np, mixture, a, b, c), tableau, length)
    state = (points[:, 0], points[:, 1], np.zeros(len(points)))
    for i in range(steps):
        state = step(*state, r[i], slope[i])
    return log_end(mixture, end, state[0], state[1]) - state[2]


def rms(off):
    return float(np.sqrt(np.mean(np.square(off))))


def tune_ode(mixture, points, truth, tableau, target=TARGET, numbers=range(4, 200)):
    """(steps, scale, end) of fewest steps, found on the first points; the smallest error among equals."""
    few, exact = points[:TUNING_POINTS], truth[:TUNING_POINTS]
    for steps in numbers:
        tried = [(rms(ode_numpy(mixture, few, tableau, steps, c, end) - exact), c, end) for c in SCALES for end in ENDS]
        error, scale, end = min(tried)
        if error <= target:
            while rms(ode_numpy(mixture, points, tableau, steps, scale, end) - truth) > target:
                steps += numbers.step
            return steps, scale, end
    sys.exit("no number of steps is enough")


def ode_jax(jax, mixture, form, block, kind, tableau, steps, scale, end):
    """Compiled function [n x 2] -> [n]."""
    xp = jax.numpy
    r, slope, length = stages(tableau, steps, scale, end)
    score = {"unrolled": lambda *a: score_unrolled(xp, mixture, *a), "arrays": lambda *a: score_arrays(xp, mixture, *a),
             "jacfwd": lambda *a: score_jacfwd(jax, mixture, *a)}[form]
    step = step_of(score, tableau, length)

    def solve(points):
        y0, y1 = points[:, 0], points[:, 1]
        table = (xp.asarray(r, dtype=kind), xp.asarray(slope, dtype=kind))
        state, _ = jax.lax.scan(lambda s, t: (step(*s, t[0], t[1]), None), (y0, y1, xp.zeros_like(y0)), table)
        return log_end(mixture, end, state[0], state[1]) - state[2]

    return jax.jit(blocks(jax, solve, block))


def blocks(jax, solve, block):
    """`solve` on blocks of points, one after the other; the last one is filled up."""
    def all_of(points):
        n = points.shape[0]
        if block is None or n <= block:
            return solve(points)
        count = -(-n // block)
        padded = jax.numpy.concatenate([points, points[:count * block - n]]) if count * block > n else points
        return jax.lax.map(solve, padded.reshape(count, block, 2)).reshape(-1)[:n]
    return all_of


def ray_nodes(mixture, nodes):
    """tau and weight of each node of a ray."""
    finest, largest = float(mixture.variances.min()), float(np.linalg.eigvalsh(mixture.covariance).max())
    c = math.log(largest / finest) / 4 + 0.5
    w, weight = np.polynomial.legendre.leggauss(nodes)
    w, weight = (w + 1) / 2, weight / 2
    up, down = np.sinh(c * w), np.sinh(c * (1 - w))
    factor = (finest * largest) ** 0.25
    return factor * up / down, weight * factor * c * (np.cosh(c * w) * down + up * np.cosh(c * (1 - w))) / down**2


def ray_rule(xp, mixture, score):
    """(node, end): what a node adds, and log p from their sum: the integral minus that of a Gaussian (mean, mean variance)."""
    g0, g1 = mixture.mean.tolist()
    v = float(np.trace(mixture.covariance)) / 2

    def node(x, z, t):
        y0, y1 = x[0] + t * z[0], x[1] + t * z[1]
        s0, s1, divergence = score(xp, mixture, y0, y1, t * t)
        inverse = 1.0 / (v + t * t)
        h0, h1 = (g0 - y0) * inverse, (g1 - y1) * inverse
        delta = z[0] * (s0 - h0) + z[1] * (s1 - h1)
        return delta + t * (divergence + s0 * s0 + s1 * s1 + 2.0 * inverse - (h0 * h0 + h1 * h1))

    def end(x, total):
        return -math.log(2 * math.pi * v) - ((x[0] - g0) ** 2 + (x[1] - g1) ** 2) / (2 * v) - total

    return node, end


def rays_numpy(mixture, points, nodes):
    node, end = ray_rule(np, mixture, score_arrays)
    z = np.random.default_rng(SEED + 2).standard_normal((2, len(points)))
    return end(points.T, sum(share * node(points.T, z, t) for t, share in zip(*ray_nodes(mixture, nodes))))


def rays_jax(jax, mixture, form, block, kind, nodes):
    """Compiled function [n x 2] -> [n]: one ray a point."""
    xp = jax.numpy
    tau, weight = ray_nodes(mixture, nodes)
    node, end = ray_rule(xp, mixture, {"unrolled": score_unrolled, "arrays": score_arrays}[form])

    def solve(points):
        x0, x1 = points[:, 0], points[:, 1]
        # of the points' own bits: every block has rays of its own
        key = jax.random.fold_in(jax.random.key(SEED), jax.lax.bitcast_convert_type(x0[0].astype(xp.float32), xp.int32))
        z = jax.random.normal(key, (2, points.shape[0]), dtype=kind)

        table = (xp.asarray(tau, dtype=kind), xp.asarray(weight, dtype=kind))
        total, _ = jax.lax.scan(lambda sofar, at: (sofar + at[1] * node((x0, x1), z, at[0]), None), xp.zeros_like(x0), table)
        return end((x0, x1), total)

    return jax.jit(blocks(jax, solve, block))


def diffrax_solver(jax, mixture, per_point, kind, scale, end):
    """Compiled function ([n x 2], tolerance) -> ([n], steps [n or 1]): Tsit5 with adaptive steps, of each point or of the whole batch."""
    import diffrax
    xp = jax.numpy
    last = math.log1p(end / scale)

    def slope(u, state, _):
        r = scale * xp.expm1(u)
        s0, s1, divergence = score_arrays(xp, mixture, state[0], state[1], r)
        half = 0.5 * (r + scale)
        return xp.stack([-half * s0, -half * s1, half * divergence])

    def solve(state, tolerance):
        found = diffrax.diffeqsolve(diffrax.ODETerm(slope), diffrax.Tsit5(), xp.asarray(0.0, kind), xp.asarray(last, kind), None, state,
                                    stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance), max_steps=4096,
                                    adjoint=diffrax.ForwardMode(), saveat=diffrax.SaveAt(t1=True))
        return found.ys[0], found.stats["num_steps"]

    def all_of(points, tolerance):
        state = xp.concatenate([points, xp.zeros_like(points[:, :1])], axis=1)
        if per_point:
            ends, steps = jax.vmap(solve, in_axes=(0, None))(state, tolerance)
            y0, y1, integral = ends[:, 0], ends[:, 1], ends[:, 2]
        else:
            (y0, y1, integral), steps = solve(state.T, tolerance)
            steps = steps.reshape(1)
        return log_end(mixture, end, y0, y1) - integral, steps

    return jax.jit(all_of)


def threaded(call):
    """The same on a share of the points for each core, a thread for each."""
    pool = concurrent.futures.ThreadPoolExecutor(CORES)

    def all_of(points):
        return np.concatenate(list(pool.map(lambda part: np.asarray(call(part)), np.array_split(points, CORES))))
    return all_of


def timed(call, points, runs):
    """(seconds of the first call, median of `runs` more, last value)."""
    start = time.perf_counter()
    value = call(points)
    first = time.perf_counter() - start
    call(points)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        value = call(points)
        seconds.append(time.perf_counter() - start)
    return first, statistics.median(seconds), value


def row(method, seconds, off, evaluations, apart=None, note="", **more):
    return {"method": method, "seconds": seconds, "apart": apart, "rms_error": rms(off), "max_error": float(np.max(np.abs(off))),
            "evaluations_per_point": evaluations, "note": note, **more}


def fastest(make, forms, kind, points, truth, runs):
    """The form of least time: (compile, seconds, error, its name, all times); forms are (form, block)."""
    data = np.ascontiguousarray(points.astype(kind))
    best, times = None, {}
    for form, block in forms:
        compiled = make(form, block)
        for threads in (1, CORES):
            call = (lambda p, c=compiled: np.asarray(c(p))) if threads == 1 else threaded(compiled)
            first, seconds, value = timed(call, data, runs)
            name = f"{form}{f', blocks of {block}' if block else ''}, {threads} thread{'s' if threads > 1 else ''}"
            times[name] = seconds
            if best is None or seconds < best[1]:
                best = (first, seconds, value.astype(float) - truth, name)
            if threads == CORES:
                break
    return (*best, times)


def forms_of(names, quick):
    sizes = {"unrolled": (None, 1024), "arrays": (None, 1024) if quick else (None, 512, 1024, 2048), "jacfwd": (None,)}
    return [(name, block) for name in names for block in sizes[name]]


def jax_rows(mixture, points, truth, runs, quick):
    import jax
    jax.config.update("jax_enable_x64", True)
    rows = []
    tuned = {tableau: tune_ode(mixture, points, truth, tableau) for tableau in TABLEAUS}
    nodes = next(n for n in range(8, 200) if rms(rays_numpy(mixture, points, n) - truth) <= TARGET)
    for kind in ("float32", "float64"):
        for tableau, (steps, scale, end) in tuned.items():
            while True:
                first, seconds, off, name, times = fastest(
                    lambda form, block: ode_jax(jax, mixture, form, block, kind, tableau, steps, scale, end),
                    forms_of(("unrolled", "arrays", "jacfwd"), quick), kind, points, truth, runs)
                if rms(off) <= TARGET:
                    break
                steps += 1
            rows.append(row(f"JAX, ODE, {tableau}, {steps} steps, {kind}", seconds, off, steps * len(TABLEAUS[tableau][1]), first,
                            f"u = ln(1 + r/{scale:g}), R = {end:.0f}; {name}", forms=times))
            print(rows[-1]["method"], f"{seconds:.4g} s, rms {rms(off):.2g}", flush=True)
        count = nodes
        while True:
            first, seconds, off, name, times = fastest(lambda form, block: rays_jax(jax, mixture, form, block, kind, count),
                                                       forms_of(("unrolled", "arrays"), quick), kind, points, truth, runs)
            if rms(off) <= TARGET:
                break
            count += 1
        rows.append(row(f"JAX, rays, {count} nodes, {kind}", seconds, off, count, first, f"one ray, no error bar; {name}", forms=times))
        print(rows[-1]["method"], f"{seconds:.4g} s, rms {rms(off):.2g}", flush=True)
        rows += diffrax_rows(jax, mixture, points, truth, kind, tuned["Tsit5"], runs)
    steps, scale, end = tune_ode(mixture, points, truth, "Tsit5", 1e-6, range(16, 400, 8))
    first, seconds, off, name, times = fastest(lambda form, block: ode_jax(jax, mixture, form, block, "float64", "Tsit5", steps, scale, end),
                                               forms_of(("unrolled", "arrays"), quick), "float64", points, truth, runs)
    rows.append(row(f"JAX, ODE, Tsit5, to 1e-6 nat, {steps} steps, float64", seconds, off, steps * 6, first,
                    f"u = ln(1 + r/{scale:g}), R = {end:.0f}; {name}", forms=times))
    return rows


def diffrax_rows(jax, mixture, points, truth, kind, tuned, runs):
    try:
        import diffrax  # noqa: F401
    except ImportError as error:
        return [{"method": f"diffrax, {kind}", "missing": str(error)}]
    rows = []
    _, scale, end = tuned
    data = np.ascontiguousarray(points.astype(kind))
    for per_point in (True, False):
        solver = diffrax_solver(jax, mixture, per_point, kind, scale, end)
        start = time.perf_counter()
        solver(data, 0.1)[0].block_until_ready()
        first = time.perf_counter() - start
        for exponent in range(0, 17):
            tolerance = 10.0 ** (-1 - exponent / 3)
            value, steps = solver(data, tolerance)
            if rms(np.asarray(value, dtype=float) - truth) <= TARGET:
                break
        _, seconds, value = timed(lambda p: np.asarray(solver(p, tolerance)[0]), data, runs)
        off = value.astype(float) - truth
        per = 1 + 6 * float(np.mean(steps))
        word = "steps of each point" if per_point else "one step for all"
        rows.append(row(f"diffrax, Tsit5, {word}, {kind}", seconds, off, per, first,
                        f"rtol = atol = {tolerance:.2g}, u = ln(1 + r/{scale:g}), R = {end:.0f}; steps: mean {np.mean(steps):.1f}, most {np.max(steps)}"))
        print(rows[-1]["method"], f"{seconds:.4g} s, rms {rms(off):.2g}", flush=True)
    return rows


def score_sde(mixture, points, probe):
    """(log p, score evaluations): probe [n x 2], or None for the exact divergence."""
    from scipy import integrate
    n = len(points)
    m0, m1 = mixture.means[:, :1], mixture.means[:, 1:]
    log_weights = np.log(mixture.weights)[:, None]

    def slope(t, state):
        beta = BETA_MIN + t * (BETA_MAX - BETA_MIN)
        log_a = -0.5 * (BETA_MIN * t + 0.5 * (BETA_MAX - BETA_MIN) * t * t)
        a, sigma2 = math.exp(log_a), -math.expm1(2 * log_a)
        x0, x1 = state[:n], state[n:2 * n]
        inverse = (1.0 / (a * a * mixture.variances + sigma2))[:, None]
        u0, u1 = (a * m0 - x0) * inverse, (a * m1 - x1) * inverse
        square = u0 * u0 + u1 * u1
        terms = log_weights + np.log(inverse) - 0.5 * square / inverse
        shares = np.exp(terms - terms.max(axis=0))
        shares /= shares.sum(axis=0)
        s0, s1 = (shares * u0).sum(axis=0), (shares * u1).sum(axis=0)
        if probe is None:
            trace, dim = (shares * (square - 2 * inverse)).sum(axis=0) - s0 * s0 - s1 * s1, 2.0
        else:
            e0, e1 = probe[:, 0], probe[:, 1]
            dim = e0 * e0 + e1 * e1
            trace = (shares * (u0 * e0 + u1 * e1) ** 2).sum(axis=0) - (s0 * e0 + s1 * e1) ** 2 - dim * (shares * inverse).sum(axis=0)
        return np.concatenate([-0.5 * beta * (x0 + s0), -0.5 * beta * (x1 + s1), -0.5 * beta * (dim + trace)])

    start = np.concatenate([points[:, 0], points[:, 1], np.zeros(n)])
    found = integrate.solve_ivp(slope, (1e-5, 1.0), start, rtol=1e-5, atol=1e-5, method="RK45")
    x0, x1, change = found.y[:n, -1], found.y[n:2 * n, -1], found.y[2 * n:, -1]
    return -math.log(2 * math.pi) - 0.5 * (x0 * x0 + x1 * x1) + change, found.nfev


def score_sde_rows(mixture, points, truth, runs):
    rows, bias2 = [], 0.0
    source = np.random.default_rng(SEED + 1)
    for kind in ("exact divergence", "Rademacher", "Gaussian"):
        seconds, values = [], []
        for _ in range(max(runs, 2) + 1):
            probe = {"Rademacher": lambda: source.integers(0, 2, points.shape) * 2.0 - 1.0,
                     "Gaussian": lambda: source.standard_normal(points.shape), "exact divergence": lambda: None}[kind]()
            start = time.perf_counter()
            value, evaluations = score_sde(mixture, points, probe)
            seconds.append(time.perf_counter() - start)
            values.append(value - truth)
        off, second = np.array(values), statistics.median(seconds[1:])
        variance = float(off.var(axis=0, ddof=1).mean())
        if kind == "exact divergence":
            bias2 = float((off[-1] ** 2).mean())  # of solver and end: the probe is unbiased
        note, repeats = f"without the probe's noise {math.sqrt(bias2):.1e}", None
        if kind != "exact divergence":
            repeats = max(1.0, variance / TARGET**2)
            if bias2 < TARGET**2:
                repeats = max(1.0, variance / (TARGET**2 - bias2))
                note += f"; {repeats:.2g} repeats would reach {TARGET:g}, {repeats * second:.2g} s"
            else:
                note += f" (no number of repeats reaches {TARGET:g}); {repeats:.2g} for the noise alone, {repeats * second:.2g} s"
        elif bias2 > TARGET**2:
            note += f": does not reach {TARGET:g}"
        name = f"score_sde's way, one {kind} probe" if kind != "exact divergence" else "score_sde's way, exact divergence"
        rows.append(row(name, second, off[-1], evaluations, None, note, bias=math.sqrt(bias2), probe_deviation=math.sqrt(variance), repeats=repeats,
                        seconds_of_repeats=None if repeats is None else repeats * second))
        print(name, f"{second:.4g} s, rms {rms(off[-1]):.2g}", flush=True)
    return rows


class Scorepath:
    def __init__(self, program, place):
        self.program, self.place = program, pathlib.Path(place)

    def run(self, points, arguments):
        """(result, seconds of the wall clock)."""
        np.save(self.place / "points.npy", points)
        command = [self.program, "density", "--model", FOLDER / "model.toml", "--points", self.place / "points.npy", "--backend", "cpu", "--threads", CORES,
                   "--quiet", "--force", "--json", self.place / "r.json", *arguments]
        start = time.perf_counter()
        ran = subprocess.run([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        wall = time.perf_counter() - start
        if ran.returncode not in (0, 6, 7):
            sys.exit(ran.stderr)
        return json.loads((self.place / "r.json").read_text(encoding="utf-8")), wall

    def error(self, points, truth, arguments):
        return np.array([p["log_density"] for p in self.run(points, arguments)[0]["points"]]) - truth

    def row(self, name, points, truth, arguments, runs, of=None):
        """`of`: only so many points run, times scaled to all."""
        all_points = len(points)
        if of is not None and of < all_points:
            points, truth = points[:of], truth[:of]
        self.run(points[:max(1, len(points) // 10)], arguments)  # warm-up
        results = [self.run(points, arguments) for _ in range(runs)]
        scale = all_points / len(points)
        seconds = statistics.median(r["totals"]["seconds"] for r, _ in results)
        outside = statistics.median(wall - r["totals"]["seconds"] for r, wall in results)
        last = results[-1][0]
        off = np.array([p["log_density"] for p in last["points"]]) - truth
        errors = [p["std_error"] for p in last["points"] if p["std_error"] is not None]
        note = " ".join(str(a) for a in arguments) or "no options"
        note += f"; largest standard error {max(errors):.1g}" if errors else "; no standard error"
        if scale > 1:
            note += f"; {len(points)} points took {seconds:.3g} s, scaled"
        made = row(f"scorepath, {name}", seconds * scale, off, last["totals"]["score_evaluations"] / len(points), outside, note,
                   wall_seconds=seconds * scale + outside, measured_points=len(points), flagged=sum(bool(p["flags"]) for p in last["points"]), runs=runs)
        print(made["method"], f"{made['seconds']:.4g} s, rms {made['rms_error']:.2g}", flush=True)
        return made


def scorepath_rows(scorepath, points, truth, runs, quick):
    few, exact = points[:1000], truth[:1000]
    rows = [scorepath.row("rays, defaults", points, truth, [], runs),
            scorepath.row("rays, --target-se 1e-3", points, truth, ["--target-se", TARGET], runs),
            scorepath.row("ode, defaults", points, truth, ["--method", "ode"], runs),
            scorepath.row("ode, --atol 1e-2", points, truth, ["--method", "ode", "--atol", "1e-2"], runs)]
    for name, base in (("rays, fewest with an error bar", ["--paths", 16]), ("rays, one ray", ["--paths", 1, "--antithetic", "off"])):
        nodes = next(n for n in range(8, 256, 2) if rms(scorepath.error(few, exact, ["--steps", n, *base])) <= TARGET)
        while rms(scorepath.error(points, truth, ["--steps", nodes, *base])) > TARGET:
            nodes += 2
        rows.append(scorepath.row(f"{name}, {nodes} nodes", points, truth, ["--steps", nodes, *base], runs))
    short, monte = (20, 4) if quick else (200, 10)
    brownian = ["--method", "pathwise", "--form", "stratonovich"]
    rows.append(scorepath.row("stratonovich, --target-se 1e-3", points, truth, [*brownian, "--target-se", TARGET, "--paths", 1 << 30], runs, short))
    few, exact = points[:short], truth[:short]
    tried = []
    for steps in (512, 1024, 2048, 4096):
        for paths in (8, 16, 32, 64, 128, 256):
            made = [*brownian, "--steps", steps, "--paths", paths]
            if rms(scorepath.error(few, exact, made)) <= TARGET:
                tried.append((scorepath.run(few, made)[0]["totals"]["seconds"], made))
                break
    if tried:
        rows.append(scorepath.row("stratonovich, fewest", points, truth, min(tried, key=lambda pair: pair[0])[1], runs, short))
    rows.append(scorepath.row("density formula, --target-se 1e-3", points, truth,
                              ["--method", "density-formula", "--target-se", TARGET, "--paths", 1 << 30], min(runs, 3), monte))
    return rows


def text_of(number, digits=2):
    return "" if number is None else f"{number:.{digits}g}"


def markdown(result):
    context = result["context"]
    lines = ["# Rivals: 1e-3 nat on a mixture", "",
             f"{context['points']} points drawn from ring-2 (8 components in 2 dimensions), log p to a root mean square error of {TARGET:g} nat; "
             f"{context['device']}, {context['cores']} cores (`bench/rivals.py`; load at the start {context['load']:.1f}).",
             f"Medians of {context['runs']} run{'s' if context['runs'] > 1 else ''} after a warm-up. "
             "*Apart*: compiling and first call; of scorepath starting, reading and writing. "
             "*Ratio*: seconds over those of scorepath's defaults. Steps, variable and end of the ODEs were chosen against the exact values. "
             "What each row is: the script's first lines.", "",
             "| method | seconds | apart [s] | rms error | max error | evaluations a point | ratio | |", "|---|---|---|---|---|---|---|---|"]
    for r in result["rows"]:
        if "missing" in r:
            lines.append(f"| {r['method']} | missing: {r['missing']} |||||||")
            continue
        lines.append(f"| {r['method']} | {text_of(r['seconds'], 3)} | {text_of(r['apart'])} | {r['rms_error']:.1e} | {r['max_error']:.1e} | "
                     f"{text_of(r['evaluations_per_point'], 4)} | {text_of(r['ratio'], 3)} | {r['note']} |")
    versions = ", ".join(f"{k} {v}" for k, v in context["versions"].items())
    return "\n".join(lines) + f"\n\n{versions}; commit {context['commit']}; `{context['command']}`\n"


def context_of(arguments, load, runs):
    info = json.loads(subprocess.run([arguments.scorepath, "info", "--json"], capture_output=True, text=True, check=True).stdout)
    versions = {"scorepath": info["version"], "python": platform.python_version()}
    for name in ("numpy", "scipy", "jax", "jaxlib", "diffrax"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "missing"
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False).stdout.strip()
    return {"device": info["processor"], "isa": info["isa"]["active"], "cores": CORES, "versions": versions, "commit": commit, "load": load, "runs": runs,
            "points": arguments.points, "seed": SEED, "target": TARGET,
            "command": f"python3 bench/rivals.py --points {arguments.points}{' --quick' if arguments.quick else ''}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=10000)
    parser.add_argument("--scorepath", default=str(ROOT / "build/release/bin/scorepath"))
    parser.add_argument("--quick", action="store_true", help="one run of each after the warm-up, fewer forms and points")
    parser.add_argument("out")
    arguments = parser.parse_args()
    load, runs = os.getloadavg()[0], 1 if arguments.quick else 5
    context = context_of(arguments, load, runs)
    mixture = Mixture()
    points = mixture.draw(arguments.points)
    truth = mixture.log_density(points)
    with tempfile.TemporaryDirectory() as place:
        rows = scorepath_rows(Scorepath(arguments.scorepath, place), points, truth, runs, arguments.quick)
    try:
        rows += jax_rows(mixture, points, truth, runs, arguments.quick)
    except ImportError as error:
        rows.append({"method": "JAX", "missing": str(error)})
    try:
        rows += score_sde_rows(mixture, points, truth, runs)
    except ImportError as error:
        rows.append({"method": "score_sde's way", "missing": str(error)})
    default = rows[0]["seconds"]
    for r in rows:
        if "missing" not in r:
            r["ratio"] = r["seconds"] / default
    result = {"context": context, "rows": rows}
    pathlib.Path(arguments.out + ".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    pathlib.Path(arguments.out + ".md").write_text(markdown(result), encoding="utf-8")


if __name__ == "__main__":
    main()
