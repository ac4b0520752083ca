"""JAX on the CPU: jit and lax.scan, arrays with the paths last; threefry noise."""

from common import STEPS, check, digits, emit, mixtures, pin, row, seconds_of

import jax
import jax.numpy as jnp
import numpy as np

PEER = f"jax {jax.__version__}"


def normals():
    rows = []
    for kind in ("threefry2x32", "rbg"):
        draw = jax.jit(lambda key: jax.random.normal(key, (1 << 18,), jnp.float32))
        key = jax.random.key(1, impl=kind)
        rows.append(row(PEER, kind, "normals", "normals/s", (1 << 18) / seconds_of(lambda: draw(key).block_until_ready(), 1.0)))
    return rows


def paths(mixture, count, unrolled):
    f = mixture.frame()
    c = mixture.means.astype(np.float32)
    half = (0.5 * (c**2).sum(1))[:, None]
    square = jnp.asarray((c**2).sum(1))
    log_w = mixture.log_weights.astype(np.float32)[:, None]
    decay, kick = np.float32(np.expm1(-0.5 * f["step"])), np.float32(np.sqrt(-np.expm1(-f["step"])))
    dim = mixture.dim

    def score_arrays(delta, inverse, scale):
        logits = log_w + (c @ delta - half) * inverse
        p = jnp.exp(logits - logits.max(0))
        p = p / p.sum(0)
        mean = c.T @ p
        spread = square @ p - (mean * mean).sum(0)
        return (mean - delta) * (inverse * scale), (spread * inverse - dim) * (inverse * scale * scale)

    def score_unrolled(delta, inverse, scale):
        logits = [log_w[k, 0] + (sum(c[k, j] * delta[j] for j in range(dim)) - half[k, 0]) * inverse for k in range(len(c))]
        top = logits[0]
        for l in logits[1:]:
            top = jnp.maximum(top, l)
        p = [jnp.exp(l - top) for l in logits]
        normal = 1 / sum(p)
        mean = [sum(p[k] * c[k, j] for k in range(len(c))) * normal for j in range(dim)]
        spread = sum(p[k] * float((c[k]**2).sum()) for k in range(len(c))) * normal - sum(m * m for m in mean)
        s = jnp.stack([(mean[j] - delta[j]) * (inverse * scale) for j in range(dim)])
        return s, (spread * inverse - dim) * (inverse * scale * scale)

    score = score_unrolled if unrolled else score_arrays
    table = (jnp.asarray(1 / (mixture.variance + f["r"]), jnp.float32), jnp.asarray(f["scale"], jnp.float32))

    @jax.jit
    def run(key):
        z = jnp.zeros((dim, count), jnp.float32)
        s, first = score(z, table[0][0], table[1][0])
        term = first + (s * s).sum(0)

        def step(carry, level):
            z, s, work, drift, _, _ = carry
            key, inverse, scale = level
            change = kick * jax.random.normal(key, (dim, count), jnp.float32) + decay * z
            z = z + change
            new, divergence = score(z * scale, inverse, scale)
            work = work + ((s + new) * change).sum(0)
            term = divergence + (new * (z + new)).sum(0)
            return (z, new, work, drift + term, divergence, term), None

        start = (z, s, jnp.zeros(count), 0.5 * term, first, term)
        (z, s, work, drift, last, term), _ = jax.lax.scan(step, start, (jax.random.split(key, STEPS), table[0][1:], table[1][1:]))
        total = 0.5 * (work + f["step"] * (drift - 0.5 * term)) + 0.25 * f["step"] * (first - last)
        end = ((z - f["end_mean"].astype(np.float32)[:, None]) ** 2).sum(0) / (2 * f["end_variance"])
        return f["offset"] - total - end

    key = jax.random.key(3)
    facts = check(mixture, run(key))
    form = f"scan, {'components unrolled' if unrolled else 'arrays'} (d, {count})"
    return row(PEER, form, f"pathwise/{mixture.name}", "path-steps/s",
               count * STEPS / seconds_of(lambda: run(key).block_until_ready()), **facts)


def data_set(count=4096):
    data, bandwidth = digits()
    half = 0.5 * (data**2).sum(1)
    inverse = np.float32(1 / (bandwidth**2 + 1))
    y = jax.random.normal(jax.random.key(1), (count, 64), jnp.float32)

    @jax.jit
    def run(y):
        return (jax.nn.softmax((y @ data.T - half) * inverse, axis=1) @ data - y) * inverse

    return row(PEER, "softmax", "data-set/K1500-d64", "components/s",
               count * 1500 / seconds_of(lambda: run(y).block_until_ready()))


if __name__ == "__main__":
    pin()
    sizes = {"K8-d2": 4096, "K16-d8": 1024}
    emit(normals() + [paths(m, sizes[m.name], unrolled) for m in mixtures() for unrolled in (False, True)] + [data_set()])
