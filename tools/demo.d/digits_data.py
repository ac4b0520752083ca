"""Prepares the demo: the split, the bandwidth, the corrupted copies and the model file. Usage: digits_data.py DATA OUT

Split: rows in the order of the data set (writer after writer), 0..1499 for the model, the next 128 held out. The bandwidth
is chosen on training rows alone: the kernel density of rows 0..1199 is judged on rows 1200..1499. Pixels stay as shipped,
0..16, not dequantised.
"""

import math
import sys

import numpy as np

TRAINING, VALIDATION, HELD_OUT = 1500, 300, 128
NOISE = 4.0  # standard deviation, grey levels
GROUPS = ("held-out", "noise", "blank", "shuffle")


def exact_log_density(points, data, bandwidth):
    """log of the mean over data of N(point; datum, bandwidth^2 I), plainly; the demo's own oracle. [n] nats"""
    dim = data.shape[1]
    squares = np.array([((data - point) ** 2).sum(axis=1) for point in points])
    logits = -squares / (2 * bandwidth**2)
    top = logits.max(axis=1)
    return (top + np.log(np.exp(logits - top[:, None]).mean(axis=1))
            - 0.5 * dim * math.log(2 * math.pi * bandwidth**2))


def choose_bandwidth(train):
    """The bandwidth on a grid of quarters of a grey level under which the validation rows are likeliest."""
    known, judged = train[:-VALIDATION], train[-VALIDATION:]
    grid = [0.25 * k for k in range(4, 17)]
    means = [exact_log_density(judged, known, h).mean() for h in grid]
    best = max(range(len(grid)), key=means.__getitem__)
    return grid[best], means[best]


def corrupted_copies(digits):
    """{name: copies}; the random numbers are those of a frozen generator with a fixed seed."""
    random = np.random.RandomState(1)
    noise = np.clip(np.rint(digits + random.normal(0.0, NOISE, digits.shape)), 0, 16)
    blank = digits.reshape(-1, 8, 8).copy()
    blank[:, 2:6, 2:6] = 0
    return {"noise": noise, "blank": blank.reshape(-1, 64), "shuffle": digits[:, random.permutation(64)]}


def main():
    folder, out = sys.argv[1:3]
    digits = np.load(f"{folder}/digits_x.npy").astype(float)
    labels = np.load(f"{folder}/digits_y.npy")
    train, held_out = digits[:TRAINING], digits[TRAINING:TRAINING + HELD_OUT]
    bandwidth, validation = choose_bandwidth(train)
    print(f"   Bandwidth {bandwidth} grey levels: mean log-density {validation:.2f} nat of {VALIDATION} validation digits, "
          "the best of 13 bandwidths.")
    groups = {"held-out": held_out, **corrupted_copies(held_out)}
    points = np.concatenate([groups[name] for name in GROUPS])
    np.save(f"{out}/train.npy", train)
    np.save(f"{out}/points.npy", points)
    np.save(f"{out}/labels.npy", labels[TRAINING:TRAINING + HELD_OUT])
    np.save(f"{out}/oracle.npy", exact_log_density(points, train, bandwidth))
    with open(f"{out}/model.toml", "w", encoding="utf-8") as file:
        file.write("# The kernel density of 1500 digits, pixels 0..16, seen through the usual diffusion schedule.\n"
                   "[schedule]\nkind = \"vp-linear\"\n\n"
                   f"[score]\nkind = \"data-set\"\ndata = \"train.npy\"\nbandwidth = {bandwidth}\n")


if __name__ == "__main__":
    main()
