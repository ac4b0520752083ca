#!/usr/bin/env python3
"""Makes the networks of this folder, with PyTorch, safetensors and SciPy: small denoisers of every parameterisation,
time input, embedding and layer kind, trained for seconds on a ring of eight Gaussians; for each its prediction and the
trace of its Jacobian at some points (autograd, double), and its flow log-likelihood (SciPy's DOP853 at 1e-10, the divergence
by autograd, double; not of ReLU, whose divergence jumps: no solver has many digits there).

    python3 make_networks.py [NAME ..]     # minutes; writes NAME/{model.toml, net.safetensors, points.npy, predictions.npy,
                                 # flow.npy}
"""

import math
import pathlib
import sys

import numpy as np
import scipy.integrate
import torch
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent
DIM = 2


# ---- schedules: a(t), sigma(t), f = a'/a, g^2 ------------------------------------------------------------------------
class VpLinear:
    text, t_min, t_max = 'kind = "vp-linear"\nt_min = 0.01', 0.01, 1.0

    def a(self, t):
        return torch.exp(-0.5 * (0.1 * t + 9.95 * t * t))

    def sigma(self, t):
        return torch.sqrt(-torch.expm1(-(0.1 * t + 9.95 * t * t)))

    def f(self, t):
        return -0.5 * (0.1 + 19.9 * t)

    def g2(self, t):
        return 0.1 + 19.9 * t


class Ve:
    text, t_min, t_max = 'kind = "ve"\nsigma_min = 0.05\nsigma_max = 20.0', 0.0, 1.0

    def a(self, t):
        return torch.ones_like(t)

    def sigma(self, t):
        return 0.05 * torch.exp(t * math.log(400.0))

    def f(self, t):
        return torch.zeros_like(t)

    def g2(self, t):
        return 2.0 * math.log(400.0) * self.sigma(t) ** 2


class Edm(Ve):
    text, t_min, t_max = 'kind = "edm"\nsigma_min = 0.05\nsigma_max = 20.0', 0.05, 20.0

    def sigma(self, t):
        return t

    def g2(self, t):
        return 2.0 * t


class FlowMatching:
    text, t_min, t_max = 'kind = "flow-matching"\nt_min = 0.02\nt_max = 0.98', 0.02, 0.98

    def a(self, t):
        return 1.0 - t

    def sigma(self, t):
        return t

    def f(self, t):
        return -1.0 / (1.0 - t)

    def g2(self, t):
        return 2.0 * t / (1.0 - t)


class DdpmTable:
    """The continuous schedule of a table: ln(sigma^2/a^2) linear in k, X = a (x0 + sqrt(r) eps), a^2 = 1/(1 + r)."""
    T = 200
    text, t_min, t_max = 'kind = "ddpm"\nsteps = 200\nbeta_start = 5e-4\nbeta_end = 0.1', 1.0 / 200, 1.0

    def __init__(self):
        kept = torch.cumprod(1.0 - torch.linspace(5e-4, 0.1, self.T, dtype=torch.float64), 0)
        self.log_r = torch.log((1.0 - kept) / kept)

    def r(self, t):
        k = torch.clamp(t.double() * self.T - 1.0, 0.0, self.T - 1.0)
        i = torch.clamp(k.floor().long(), max=self.T - 2)
        share = k - i
        return torch.exp(self.log_r[i] * (1.0 - share) + self.log_r[i + 1] * share).to(t.dtype)

    def a(self, t):
        return 1.0 / torch.sqrt(1.0 + self.r(t))

    def sigma(self, t):
        r = self.r(t)
        return torch.sqrt(r / (1.0 + r))

    def time_at(self, u):
        return (float(np.interp(u, self.log_r.numpy(), np.arange(self.T))) + 1.0) / self.T


# ---- networks --------------------------------------------------------------------------------------------------------
class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x, e):
        inner = x
        for layer in self.layers:
            inner = layer(inner, e) if isinstance(layer, (Residual, Film)) else layer(inner)
        return x + inner


class Film(nn.Module):
    def __init__(self, embedding, width):
        super().__init__()
        self.linear = nn.Linear(embedding, 2 * width)

    def forward(self, x, e):
        scale, shift = self.linear(e).chunk(2, dim=-1)
        return x * (1.0 + scale) + shift


class Net(nn.Module):
    def __init__(self, layers, embedding):
        super().__init__()
        self.layers, self.embedding = nn.ModuleList(layers), embedding
        self.has_film = any(isinstance(m, Film) for m in self.modules())

    def forward(self, x, time):
        e = self.embedding(time)
        if not self.has_film:
            x = torch.cat([x, e], -1)
        for layer in self.layers:
            x = layer(x, e) if isinstance(layer, (Residual, Film)) else layer(x)
        return x


class Raw(nn.Module):
    text, width = '{kind = "raw", scale = 0.5}', 1

    def forward(self, c):
        return 0.5 * c[:, None]


class Sinusoidal(nn.Module):
    text, width = '{kind = "sinusoidal", dim = 16, max_period = 1000.0}', 16

    def forward(self, c):
        f = torch.exp(-math.log(1000.0) * torch.arange(8, dtype=c.dtype) / 8)
        angle = c[:, None] * f
        return torch.cat([torch.cos(angle), torch.sin(angle)], -1)


class Fourier(nn.Module):
    text, width = '{kind = "fourier", frequencies = "embedding.frequencies", scale = 0.25}', 10

    def __init__(self):
        super().__init__()
        self.register_buffer("frequencies", torch.randn(5))

    def forward(self, c):
        angle = 2.0 * math.pi * 0.25 * c[:, None] * self.frequencies
        return torch.cat([torch.sin(angle), torch.cos(angle)], -1)


KINDS = {nn.SiLU: "silu", nn.Tanh: "tanh", nn.ReLU: "relu", nn.Softplus: "softplus"}


def layer_text(layer, name):
    if isinstance(layer, nn.Linear):
        return f'{{kind = "linear", name = "{name}"}}'
    if isinstance(layer, nn.LayerNorm):
        return f'{{kind = "layer-norm", name = "{name}"}}'
    if isinstance(layer, Film):
        return f'{{kind = "film", name = "{name}.linear"}}'
    if isinstance(layer, nn.GELU):
        return '{kind = "gelu-tanh"}' if layer.approximate == "tanh" else '{kind = "gelu"}'
    if isinstance(layer, Residual):
        inner = ", ".join(layer_text(sub, f"{name}.layers.{i}") for i, sub in enumerate(layer.layers))
        return f'{{kind = "residual", layers = [{inner}]}}'
    return f'{{kind = "{KINDS[type(layer)]}"}}'


# ---- what a prediction means -----------------------------------------------------------------------------------------
SIGMA_DATA = 1.5


def time_of(kind, s, t):
    a, sigma = s.a(t), s.sigma(t)
    return {"t": lambda: t, "log-snr": lambda: torch.log(a * a / (sigma * sigma)),
            "ln-sigma/4": lambda: torch.log(sigma / a) / 4, "sigma": lambda: sigma / a,
            "step": lambda: t * DdpmTable.T - 1.0}[kind]()


def seen(kind, s, x, t):
    """What the network sees of X_t."""
    if kind != "edm-f":
        return x
    ratio = (s.sigma(t) / s.a(t))[:, None]
    return x / s.a(t)[:, None] / torch.sqrt(ratio**2 + SIGMA_DATA**2)


def target(kind, s, x0, eps, t):
    a, sigma = s.a(t)[:, None], s.sigma(t)[:, None]
    if kind == "epsilon":
        return eps
    if kind == "x0":
        return x0
    if kind == "v":
        return a * eps - sigma * x0
    if kind == "velocity":
        return eps - x0
    if kind == "score":  # in units that a network can learn: the loss is weighted by sigma^2
        return -eps / sigma
    y, ratio = x0 + sigma / a * eps, sigma / a
    return (x0 - SIGMA_DATA**2 / (ratio**2 + SIGMA_DATA**2) * y) * torch.sqrt(ratio**2 + SIGMA_DATA**2) / (ratio * SIGMA_DATA)


def score_of(kind, s, net, time_kind, x, t):
    """grad log p_t at x."""
    n = net(seen(kind, s, x, t), time_of(time_kind, s, t))
    a, sigma = s.a(t)[:, None], s.sigma(t)[:, None]
    if kind == "score":
        return n
    if kind == "epsilon":
        return -n / sigma
    if kind == "x0":
        return (a * n - x) / sigma**2
    if kind == "v":
        return -(a * n + sigma * x) / (a * a + sigma * sigma) / sigma
    if kind == "velocity":  # dX/dt = f x - g^2/2 score
        return 2.0 * (s.f(t)[:, None] * x - n) / s.g2(t)[:, None]
    y, ratio = x / a, sigma / a
    denoised = SIGMA_DATA**2 / (ratio**2 + SIGMA_DATA**2) * y + ratio * SIGMA_DATA / torch.sqrt(ratio**2 + SIGMA_DATA**2) * n
    return (denoised - y) / ratio**2 / a


def ring(count):
    angle = 2.0 * math.pi * torch.randint(0, 8, (count,)) / 8
    return 1.5 * torch.stack([torch.cos(angle), torch.sin(angle)], -1) + 0.3 * torch.randn(count, DIM)


def train(kind, s, net, time_kind, steps=1500):
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(steps):
        x0, eps = ring(512), torch.randn(512, DIM)
        if isinstance(s, (Ve, Edm)):
            ratio = torch.exp(math.log(0.05) + torch.rand(512) * math.log(400.0))
            t = ratio if isinstance(s, Edm) else torch.log(ratio / 0.05) / math.log(400.0)
        else:
            t = s.t_min + (s.t_max - s.t_min) * torch.rand(512)
        x = s.a(t)[:, None] * x0 + s.sigma(t)[:, None] * eps
        error = net(seen(kind, s, x, t), time_of(time_kind, s, t)) - target(kind, s, x0, eps, t)
        weight = s.sigma(t)[:, None] if kind == "score" else 1.0
        loss = ((weight * error) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return float(loss.detach())


# ---- references ------------------------------------------------------------------------------------------------------
def prediction_and_trace(net, x, time):
    x = x.clone().requires_grad_(True)
    out = net(x, time)
    trace = sum(torch.autograd.grad(out[:, j].sum(), x, retain_graph=True)[0][:, j] for j in range(DIM))
    return torch.cat([out, trace[:, None]], -1).detach().numpy()


def flow_log_likelihood(kind, s, net, time_kind, point):
    """log p of X_{t_min} = point, the flow started at the prior: in Y = X/a over u = ln r, r = sigma^2/a^2, where
    dY/du = -r s_y/2 and d log p_Y(Y)/du = r div s_y/2, s_y = a s."""
    log_r = lambda t: 2.0 * torch.log(s.sigma(t) / s.a(t))
    begin = float(log_r(torch.tensor([s.t_min], dtype=torch.float64)))
    end = float(log_r(torch.tensor([s.t_max], dtype=torch.float64)))

    def time_at(u):  # bisection, unless the schedule knows it: r rises with t
        if hasattr(s, "time_at"):
            return torch.tensor([s.time_at(u)], dtype=torch.float64)
        low, high = s.t_min, s.t_max
        for _ in range(60):
            middle = 0.5 * (low + high)
            if float(log_r(torch.tensor([middle], dtype=torch.float64))) < u:
                low = middle
            else:
                high = middle
        return torch.tensor([0.5 * (low + high)], dtype=torch.float64)

    def rate(u, state):
        t = time_at(u)
        a, r = float(s.a(t)), math.exp(u)
        y = torch.tensor(state[None, :DIM], dtype=torch.float64, requires_grad=True)
        sy = a * score_of(kind, s, net, time_kind, a * y, t)
        divergence = sum(float(torch.autograd.grad(sy[0, j], y, retain_graph=True)[0][0, j]) for j in range(DIM))
        return np.append(-0.5 * r * sy.detach().numpy()[0], 0.5 * r * divergence)

    a0 = float(s.a(torch.tensor([s.t_min], dtype=torch.float64)))
    start = np.append(np.asarray(point) / a0, 0.0)
    solution = scipy.integrate.solve_ivp(rate, (begin, end), start, method="DOP853", rtol=1e-10, atol=1e-10)
    y, integral = solution.y[:DIM, -1], solution.y[DIM, -1]
    last = torch.tensor([s.t_max], dtype=torch.float64)
    a1 = float(s.a(last))
    # Of X_T: N(0, I), or what noise has reached where a stays 1.
    variance = float(s.sigma(last)) ** 2 if isinstance(s, Ve) else 1.0
    x = a1 * y
    log_prior = -0.5 * (DIM * math.log(2.0 * math.pi * variance) + (x @ x) / variance) + DIM * math.log(a1)
    return log_prior - integral - DIM * math.log(a0)


def make(name, kind, s, time_kind, layers, embedding):
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        return
    torch.manual_seed(sum(name.encode()))
    np.random.seed(1)
    net = Net(layers(embedding.width), embedding)
    loss = train(kind, s, net, time_kind)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tensors = {k: v.contiguous() for k, v in net.state_dict().items()}
    save_file(tensors, folder / "net.safetensors")
    sigma_data = f"sigma_data = {SIGMA_DATA}\n" if kind == "edm-f" else ""
    rows = ",\n  ".join(layer_text(layer, f"layers.{i}") for i, layer in enumerate(net.layers))
    (folder / "model.toml").write_text(
        f'[schedule]\n{s.text}\n\n[score]\nkind = "network"\nweights = "net.safetensors"\nparameterization = "{kind}"\n'
        f'time_input = "{time_kind}"\n{sigma_data}embedding = {embedding.text}\nlayers = [\n  {rows}]\n')
    net.double()
    points = (s.a(torch.tensor([s.t_min])).item() * ring(6)).double()
    np.save(folder / "points.npy", points.numpy())
    times = torch.linspace(0.1, 2.0, 6, dtype=torch.float64)
    np.save(folder / "predictions.npy", np.concatenate(
        [times.numpy()[:, None], prediction_and_trace(net, points, times)], -1))
    if any(isinstance(m, nn.ReLU) for m in net.modules()):
        print(f"{name}: loss {loss:.3f}")
        return
    flow = [flow_log_likelihood(kind, s, net, time_kind, p) for p in points.numpy()]
    np.save(folder / "flow.npy", np.asarray(flow)[:, None])
    print(f"{name}: loss {loss:.3f}, log p {np.round(flow, 3)}", flush=True)


def plain(activation, width=24):
    return lambda e: [nn.Linear(DIM + e, width), activation(), nn.Linear(width, width), activation(), nn.Linear(width, DIM)]


make("epsilon", "epsilon", VpLinear(), "t", plain(nn.SiLU), Fourier())
make("score", "score", Ve(), "ln-sigma/4", plain(nn.Tanh), Sinusoidal())
make("x0", "x0", VpLinear(), "log-snr", plain(nn.GELU, 21), Raw())
make("v", "v", VpLinear(), "t", lambda e: [
    nn.Linear(DIM + e, 17), Residual(nn.LayerNorm(17), nn.Linear(17, 23), nn.GELU(approximate="tanh"), nn.Linear(23, 17)),
    nn.LayerNorm(17), nn.Linear(17, DIM, bias=False)], Fourier())
make("edm-f", "edm-f", Edm(), "ln-sigma/4", lambda e: [
    nn.Linear(DIM, 20), Film(e, 20), nn.SiLU(), Residual(nn.Linear(20, 20), Film(e, 20), nn.SiLU()),
    nn.Linear(20, DIM)], Sinusoidal())
make("velocity", "velocity", FlowMatching(), "t", plain(nn.Softplus), Raw())
make("ddpm", "epsilon", DdpmTable(), "step", plain(nn.SiLU), Sinusoidal())
make("relu", "epsilon", VpLinear(), "sigma", plain(nn.ReLU), Fourier())
