"""log p along the probability flow by SciPy's DOP853 (rtol 1e-12), for tests/statistics/flow_reference.test.cpp.

flow_scipy.py prints that test's table: for every mixture of data/mixtures, points 0, 5 and 10, log p at the end of the
flow (r = 1e4) less the integral of (1/2) div s on the way. By code of its own: the textbook score in NumPy, the flow in
the plain frame dY/dr = -s/2 over ln(r + 0.01), without a Gaussian reference. The first line names SciPy's version.
"""

import pathlib

import numpy as np
import scipy
from scipy.integrate import solve_ivp

FOLDER = pathlib.Path(__file__).parent.parent.parent / "data" / "mixtures"
MIXTURES = ("ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64")
START, END = 0.01, 1e4


def load(name):
    weights, means, variances, points = (np.load(FOLDER / name / f"{what}.npy")
                                         for what in ("weights", "means", "variances", "points"))
    if variances.ndim == 1:
        variances = np.repeat(variances[:, None], means.shape[1], axis=1)
    return np.log(weights / weights.sum()), means, variances, points


def terms(model, y, r):
    log_weights, means, variances, _ = model
    total = variances + r
    return log_weights - 0.5 * ((y - means) ** 2 / total + np.log(2 * np.pi * total)).sum(axis=1)


def log_density(model, y, r):
    logs = terms(model, y, r)
    return logs.max() + np.log(np.exp(logs - logs.max()).sum())


def score_and_divergence(model, y, r):
    logs = terms(model, y, r)
    posterior = np.exp(logs - logs.max())
    posterior /= posterior.sum()
    pull = (model[1] - y) / (model[2] + r)
    score = posterior @ pull
    return score, posterior @ (pull**2 - 1 / (model[2] + r)).sum(axis=1) - score @ score


def flow_log_density(model, x):
    def rate(u, state):
        r = np.exp(u) - START
        score, divergence = score_and_divergence(model, state[:-1], r)
        return 0.5 * (r + START) * np.append(-score, divergence)

    span = (np.log(START), np.log(END + START))
    solution = solve_ivp(rate, span, np.append(x, 0.0), method="DOP853", rtol=1e-12, atol=1e-12)
    end = solution.y[:, -1]
    return log_density(model, end[:-1], END) - end[-1]


def main():
    print(f"// SciPy {scipy.__version__}, NumPy {np.__version__}")
    for name in MIXTURES:
        model = load(name)
        for point in (0, 5, 10):
            print(f'{{"{name}", {point}, {flow_log_density(model, model[3][point]):.12g}}},')


if __name__ == "__main__":
    main()
