"""Fills bench/cuda/instructions.tsv from what the assembler made of the kernels.

python3 bench/cuda/count_sass.py BUILD_FOLDER [NVDISASM]

BUILD_FOLDER/cuda/<source>/<source>.sm_*.cubin are read with nvdisasm (CUDA toolkit). Counted is the cheapest way once round
the loop over steps (over rounds, for words and normals): of what the kernels choose between at run time a path without
a reference takes the cheapest. Kernels have a loop for each form of a job (kernels/path.hpp), which nvcc leaves in the
order any, pairs, plain; a table where pairs cost less than plain steps is not written. Innermost loops count with their turns: panels of eight components, or the two
paths of a pair. Where a step's normals are made only every other step they are counted as the row `normals` has them. A
model, good for limits: what was really executed is for a profiler to say.
"""

import glob
import os
import re
import subprocess
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.tsv")
PIPES = ("issue", "fma", "imad_wide", "alu", "mufu", "load")
# Instructions that a multiprocessor of compute capability 9.0 takes per clock, counted in threads; of loads, numbers of four bytes
# that it hands to threads, also where all of them get the same.
CAPACITY = (128, 128, 32, 64, 16, 32)
PIPE_OF = [("imad_wide", r"IMAD\.(WIDE|HI)"), ("fma", r"(FFMA|FMUL|FADD|IMAD|HFMA2)"), ("mufu", r"(MUFU|I2F\b|F2I\b|I2F\.|F2I\.)"),
           ("alu", r"(LOP3|IADD3|VIADD|SHF|ISETP|FSETP|SEL|FSEL|FMNMX|PRMT|LEA|MOV|PLOP3|IABS|VIMNMX|IMNMX|I2FP)")]
GAUSSIAN, SHARED = "GaussianScoreIfLi{}ENS0_4Solo", "MixtureSharedIfLi{}ENS0_4Solo"
ANY, PAIRS, PLAIN = 0, 1, 2
# row, source, kernel, form, turns of innermost loops, items of a turn, normals made apart
ROWS = [("words", "bench_{}_random", "5bench5words", ANY, 1, 8, 0), ("normals", "bench_{}_random", "5bench7normals", ANY, 1, 8, 0),
        ("affine/d2", "{}_paths", GAUSSIAN.format(2), PLAIN, 1, 4, 0), ("affine/d4", "{}_paths", GAUSSIAN.format(4), PLAIN, 1, 4, 0),
        ("affine/d16", "{}_paths", GAUSSIAN.format(16), PLAIN, 1, 16, 0),
        ("affine-antithetic/d16", "{}_paths", GAUSSIAN.format(16), PAIRS, 1, 32, 0),
        ("ensemble/d3-256x8.39e6", "{}_paths", GAUSSIAN.format(3), PLAIN, 1, 12, 0),
        ("paths/K8-d2", "{}_paths", SHARED.format(2) + "ELi1E", PLAIN, 1, 1, 2), ("paths/K16-d8", "{}_paths", SHARED.format(8) + "ELi2E", PLAIN, 1, 1, 0),
        ("paths-antithetic/K8-d2", "{}_paths", SHARED.format(2) + "ELi1E", PAIRS, 2, 1, 2),
        ("paths-antithetic/K16-d8", "{}_paths", SHARED.format(8) + "ELi2E", PAIRS, 2, 1, 0)]


def kernels_of(text):
    """{mangled name: [(opcode, target or None, is conditional)]} with targets as places in the list."""
    kernels = {}
    for part in re.split(r"^\.text\.", text, flags=re.M)[1:]:
        name, body = part.split(":\n", 1)
        labels, code = {}, []
        for line in body.split("\n"):
            if line.strip().startswith(".section"):
                break
            label = re.match(r"(\.L\w+):", line)
            if label:
                labels[label[1]] = len(code)
            found = re.match(r"\s+/\*[0-9a-f]{4,}\*/\s+(@!?\w+\s+)?([A-Z][\w.]*)(.*)", line)
            if found:
                target = re.search(r"\.L\w+", found[3]) if found[2].startswith("BRA") else None
                code.append((found[2], target and target[0], bool(found[1]) or "," in found[3].split(";")[0]))
        kernels[name] = [(op, labels.get(target) if target else None, maybe) for op, target, maybe in code]
    return kernels


def loops_of(code):
    return sorted({(target, at) for at, (_, target, _) in enumerate(code) if target is not None and target < at})


def is_inside(loop, other):
    return loop != other and other[0] <= loop[0] and loop[1] <= other[1]


def step_loops(loops):
    """Of paths: the loops right inside the longest, which is over pieces of work. Else the longest."""
    outer = max(loops, key=lambda loop: loop[1] - loop[0])
    inside = [loop for loop in loops if is_inside(loop, outer)]
    return sorted(loop for loop in inside if not any(is_inside(loop, other) for other in inside)) or [outer]


def cheapest_turn(code, loop, loops, turns):
    """{pipe: instructions} of the cheapest way from the loop's head to its end."""
    first, last = loop
    inner = [l for l in loops if is_inside(l, loop) and not any(is_inside(m, l) for m in loops)]
    weight_at = {at: turns for a, b in inner for at in range(a, b + 1)}
    best = {first: (0, None)}  # place -> cost before it, place before
    for at in range(first, last + 1):
        if at not in best:
            continue
        cost = best[at][0] + weight_at.get(at, 1)
        op, target, maybe = code[at]
        following = [] if op.startswith(("EXIT", "RET")) and not maybe else [at + 1]
        if target is not None:
            following = ([at + 1] if maybe or target <= at else []) + ([target] if target > at else [])
        for place in following:
            if place <= last and (place not in best or cost < best[place][0]):
                best[place] = cost, at
    counts = dict.fromkeys(PIPES, 0)
    at = last
    while at is not None:
        weight = weight_at.get(at, 1)
        counts["issue"] += weight
        for pipe, pattern in PIPE_OF:
            if re.match(pattern, code[at][0]):
                counts[pipe] += weight
                break
        if re.match(r"LD[GSL]", code[at][0]):
            counts["load"] += weight * (4 if ".128" in code[at][0] else 2 if ".64" in code[at][0] else 1)
        at = best[at][1]
    return counts


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tool = sys.argv[2] if len(sys.argv) == 3 else "nvdisasm"
    lines, kernels = [], {}
    for arithmetic in ("fast", "reproducible"):
        normal = None
        for row, source, kernel, form, turns, items, apart in ROWS:
            source = source.format(arithmetic)
            if source not in kernels:
                cubins = glob.glob(f"{sys.argv[1]}/cuda/{source}/{source}.sm_*.cubin")
                if not cubins:
                    sys.exit(f"count_sass.py: no {source}.sm_*.cubin in {sys.argv[1]}/cuda (not built) build bench_cuda first")
                kernels[source] = kernels_of(subprocess.run([tool, "-c", cubins[0]], check=True, capture_output=True, text=True).stdout)
            code = next((code for name, code in kernels[source].items() if kernel in name), None)
            loops = loops_of(code or [])
            forms = [cheapest_turn(code, loop, loops, turns) for loop in (step_loops(loops) if loops else [])]
            if form >= len(forms) or len(forms) > PLAIN and forms[PAIRS]["issue"] < forms[PLAIN]["issue"]:
                sys.exit(f"count_sass.py: {row} in {source} ({arithmetic}): no such loop (nvcc ordered them anew?) look at its code")
            counts = forms[form]
            per_item = {pipe: (counts[pipe] + apart * (normal[pipe] if normal else 0)) / items for pipe in PIPES}
            normal = per_item if row == "normals" else normal
            lines.append("\t".join([row, arithmetic] + [f"{per_item[pipe]:.4g}" for pipe in PIPES]))
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("# Instructions of one thread for one item of a row, by the unit that takes them: made by count_sass.py, nvcc's code\n"
                   "# for sm_90. capacity: what a multiprocessor takes per clock, in threads; `issue` is every instruction, `load` numbers of four bytes.\n")
        file.write("\t".join(["work", "arithmetic", *PIPES]) + "\n" + "\t".join(["capacity", "-", *map(str, CAPACITY)]) + "\n")
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
