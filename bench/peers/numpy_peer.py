"""numpy: normals, paths with pathwise log-density, the data-set score."""

from common import END, STEPS, check, digits, emit, mixtures, pin, row, seconds_of  # noqa: F401 (common comes first)

import numpy as np

PEER = f"numpy {np.__version__}"


def normals():
    rows = []
    for name in ("SFC64", "PCG64", "Philox"):
        generator = np.random.Generator(getattr(np.random, name)(1))
        out = np.empty(4096, np.float32)

        def run():
            for _ in range(64):
                generator.standard_normal(out=out, dtype=np.float32)

        rows.append(row(PEER, name, "normals", "normals/s", 64 * out.size / seconds_of(run, 0.5)))
    return rows


def paths(mixture, count):
    f = mixture.frame()
    c = mixture.means.astype(np.float32)
    half = (0.5 * (c**2).sum(1))[:, None]
    square = (c**2).sum(1)
    log_w = mixture.log_weights.astype(np.float32)[:, None]
    generator = np.random.Generator(np.random.SFC64(3))
    decay, kick = np.float32(np.expm1(-0.5 * f["step"])), np.float32(np.sqrt(-np.expm1(-f["step"])))

    def score(delta, k):
        inverse = np.float32(1 / (mixture.variance + f["r"][k]))
        logits = log_w + (c @ delta - half) * inverse
        logits -= logits.max(0)
        p = np.exp(logits, out=logits)
        p /= p.sum(0)
        mean = c.T @ p
        spread = square @ p - (mean * mean).sum(0)
        scale = np.float32(f["scale"][k])
        return (mean - delta) * (inverse * scale), (spread * inverse - mixture.dim) * (inverse * scale * scale)

    def run():
        z = np.zeros((mixture.dim, count), np.float32)
        s, divergence = score(z, 0)
        first, first_term = divergence, divergence + (s * s).sum(0)
        work, drift = np.zeros(count, np.float32), 0.5 * first_term
        for k in range(1, STEPS + 1):
            change = generator.standard_normal(z.shape, dtype=np.float32)
            change *= kick
            change += decay * z
            z = z + change
            old, (s, divergence) = s, score(z * np.float32(f["scale"][k]), k)
            work += ((old + s) * change).sum(0)
            term = divergence + (s * (z + s)).sum(0)
            drift += term
        total = 0.5 * (work + f["step"] * (drift - 0.5 * term)) + 0.25 * f["step"] * (first - divergence)
        end = ((z - f["end_mean"].astype(np.float32)[:, None]) ** 2).sum(0) / (2 * f["end_variance"])
        return f["offset"] - total - end

    facts = check(mixture, run())
    return row(PEER, f"arrays (d, {count})", f"pathwise/{mixture.name}", "path-steps/s",
               count * STEPS / seconds_of(run), **facts)


def data_set(count=4096):
    data, bandwidth = digits()
    half = 0.5 * (data**2).sum(1)
    y = np.random.default_rng(1).standard_normal((count, 64)).astype(np.float32)
    inverse = np.float32(1 / (bandwidth**2 + 1))

    def run():
        logits = (y @ data.T - half) * inverse
        logits -= logits.max(1, keepdims=True)
        p = np.exp(logits, out=logits)
        p /= p.sum(1, keepdims=True)
        return (p @ data - y) * inverse

    return row(PEER, "softmax", "data-set/K1500-d64", "components/s", count * 1500 / seconds_of(run))


if __name__ == "__main__":
    pin()
    emit(normals() + [paths(m, n) for m in mixtures() for n in (1024, 8192)] + [data_set()])
