"""PyTorch on the CPU: torch.compile with unrolled components or arrays, noise by eager normal_; attention for the data set."""

from common import STEPS, check, digits, emit, mixtures, pin, row, seconds_of

import numpy as np
import torch

PEER = f"torch {torch.__version__}"
torch.set_num_threads(1)
torch.manual_seed(1)


def normals():
    out = torch.empty(1 << 14)

    def run():
        for _ in range(16):
            out.normal_()

    return [row(PEER, "normal_", "normals", "normals/s", 16 * out.numel() / seconds_of(run, 1.0))]


def make_step(mixture, form, decay, kick):
    c = mixture.means.tolist()
    dim, components = mixture.dim, mixture.components
    log_w = mixture.log_weights.tolist()
    norms = [sum(x * x for x in mean) for mean in c]
    means = torch.tensor(mixture.means, dtype=torch.float32)
    squares = torch.tensor(norms, dtype=torch.float32)
    weights = torch.tensor(log_w, dtype=torch.float32)[:, None]

    def score_unrolled(delta, inverse, scale):
        d = delta.unbind(0)
        logits = []
        for k in range(components):
            dot = d[0] * c[k][0]
            for j in range(1, dim):
                dot = dot + d[j] * c[k][j]
            logits.append(log_w[k] + (dot - 0.5 * norms[k]) * inverse)
        top = logits[0]
        for l in logits[1:]:
            top = torch.maximum(top, l)
        p = [torch.exp(l - top) for l in logits]
        total = p[0]
        for q in p[1:]:
            total = total + q
        normal = 1 / total
        mean = []
        for j in range(dim):
            m = p[0] * c[0][j]
            for k in range(1, components):
                m = m + p[k] * c[k][j]
            mean.append(m * normal)
        spread = p[0] * norms[0]
        for k in range(1, components):
            spread = spread + p[k] * norms[k]
        spread = spread * normal
        for m in mean:
            spread = spread - m * m
        s = torch.stack([(m - x) * (inverse * scale) for m, x in zip(mean, d)])
        return s, (spread * inverse - dim) * (inverse * scale * scale)

    def score_arrays(delta, inverse, scale):
        p = torch.softmax(weights + (means @ delta - 0.5 * squares[:, None]) * inverse, 0)
        mean = means.T @ p
        spread = squares @ p - (mean * mean).sum(0)
        return (mean - delta) * (inverse * scale), (spread * inverse - dim) * (inverse * scale * scale)

    score = score_unrolled if "unrolled" in form else score_arrays

    def step(z, s, work, drift, noise, inverse, scale):
        change = kick * noise + decay * z
        z = z + change
        new, divergence = score(z * scale, inverse, scale)
        work = work + ((s + new) * change).sum(0)
        term = divergence + (new * (z + new)).sum(0)
        return z, new, work, drift + term, divergence, term

    return score, step


def paths(mixture, count, form):
    f = mixture.frame()
    decay, kick = float(np.expm1(-0.5 * f["step"])), float(np.sqrt(-np.expm1(-f["step"])))
    score, step = make_step(mixture, form, decay, kick)
    if "compile" in form:
        step = torch.compile(step)
    # Tensors, not Python numbers: a number would be compiled in, once for every step.
    inverse = torch.tensor(1 / (mixture.variance + f["r"]), dtype=torch.float32).unbind(0)
    scale = torch.tensor(f["scale"], dtype=torch.float32).unbind(0)
    noise = torch.empty(mixture.dim, count)
    end_mean = torch.tensor(f["end_mean"], dtype=torch.float32)[:, None]

    @torch.no_grad()
    def run():
        z = torch.zeros(mixture.dim, count)
        s, first = score(z, inverse[0], scale[0])
        drift = 0.5 * (first + (s * s).sum(0))
        work = torch.zeros(count)
        for k in range(1, STEPS + 1):
            noise.normal_()
            z, s, work, drift, last, term = step(z, s, work, drift, noise, inverse[k], scale[k])
        total = 0.5 * (work + f["step"] * (drift - 0.5 * term)) + 0.25 * f["step"] * (first - last)
        return f["offset"] - total - ((z - end_mean) ** 2).sum(0) / (2 * f["end_variance"])

    facts = check(mixture, run().numpy())
    return row(PEER, f"{form} (d, {count})", f"pathwise/{mixture.name}", "path-steps/s", count * STEPS / seconds_of(run), **facts)


def data_set(count=4096):
    data, bandwidth = digits()
    data = torch.from_numpy(data)
    half = 0.5 * (data**2).sum(1)
    inverse = 1 / (bandwidth**2 + 1)
    y = torch.randn(count, 64)

    @torch.no_grad()
    def softmax():
        return (torch.softmax((y @ data.T - half) * inverse, 1) @ data - y) * inverse

    bias = (-half * inverse).expand(count, 1500).contiguous()

    @torch.no_grad()
    def attention():
        mean = torch.nn.functional.scaled_dot_product_attention(y[None, None], data[None, None], data[None, None],
                                                                attn_mask=bias[None, None], scale=inverse)
        return (mean[0, 0] - y) * inverse

    assert torch.allclose(softmax(), attention(), atol=1e-3)
    return [row(PEER, name, "data-set/K1500-d64", "components/s", count * 1500 / seconds_of(run))
            for name, run in (("eager softmax", softmax), ("scaled_dot_product_attention", attention))]


if __name__ == "__main__":
    pin()
    rows = normals()
    for m in mixtures():
        for form in ("compile, unrolled", "compile, arrays", "eager, arrays"):
            for count in (4096, 16384):
                rows.append(paths(m, count, form))
    emit(rows + data_set())
