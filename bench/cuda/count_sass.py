"""Fills bench/cuda/instructions.tsv from what the assembler made of the kernels.

python3 bench/cuda/count_sass.py BUILD_FOLDER [NVDISASM]

BUILD_FOLDER/cuda/<source>/<source>.sm_*.cubin are read with nvdisasm (CUDA toolkit). Counted is the cheapest way once round
the loop over steps (over rounds, for words and normals): of the variants that the kernels choose between at run time
(reference, mirror, inexact transition) a bare path takes the cheapest. Innermost loops count with their turns: panels
of eight components, or the two paths of a pair. Where a step's normals are made only every other step they are counted
as the row `normals` has them. A model, good for limits: what was really executed is for a profiler to say.
"""

import glob
import os
import re
import subprocess
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.tsv")
PIPES = ("issue", "fma", "imad_wide", "alu", "mufu")
# Instructions that a multiprocessor of compute capability 9.0 takes per clock, counted in threads.
CAPACITY = (128, 128, 32, 64, 16)
PIPE_OF = [("imad_wide", r"IMAD\.(WIDE|HI)"), ("fma", r"(FFMA|FMUL|FADD|IMAD|HFMA2)"), ("mufu", r"(MUFU|I2F\b|F2I\b|I2F\.|F2I\.)"),
           ("alu", r"(LOP3|IADD3|VIADD|SHF|ISETP|FSETP|SEL|FSEL|FMNMX|PRMT|LEA|MOV|PLOP3|IABS|VIMNMX|IMNMX|I2FP)")]
GAUSSIAN, SHARED = "GaussianScoreIfLi{}ENS0_4Solo", "MixtureSharedIfLi{}ENS0_4Solo"
# row, source, kernel, turns of innermost loops, how many of them a step must meet, items of a turn, normals made apart
ROWS = [("words", "bench_{}_random", "5bench5words", 1, 0, 8, 0), ("normals", "bench_{}_random", "5bench7normals", 1, 0, 8, 0),
        ("affine/d2", "{}_paths", GAUSSIAN.format(2), 1, 1, 2, 2), ("affine/d4", "{}_paths", GAUSSIAN.format(4), 1, 1, 4, 0),
        ("affine/d16", "{}_paths", GAUSSIAN.format(16), 1, 1, 16, 0),
        ("affine-antithetic/d16", "{}_paths", GAUSSIAN.format(16), 2, 1, 32, 0),
        ("ensemble/d3-256x8.39e6", "{}_paths", GAUSSIAN.format(3), 1, 1, 3, 3),
        ("paths/K8-d2", "{}_paths", SHARED.format(2) + "ELi1E", 1, 1, 1, 2), ("paths/K16-d8", "{}_paths", SHARED.format(8) + "ELi2E", 1, 1, 1, 0)]


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


def step_loop(loops):
    """Of paths: the longest loop inside the longest (over pieces of work). Else the longest."""
    def length(loop):
        return loop[1] - loop[0]
    outer = max(loops, key=length)
    inside = [loop for loop in loops if outer[0] < loop[0] and loop[1] < outer[1]]
    return max(inside, key=length) if inside else outer


def cheapest_turn(code, loop, loops, turns, required):
    """{pipe: instructions} of the cheapest way from the loop's head to its end that meets `required` innermost loops."""
    first, last = loop
    inner = [l for l in loops if first < l[0] and l[1] < last and not any(l != m and l[0] <= m[0] and m[1] <= l[1] for m in loops)]
    loop_at = {at: i for i, (a, b) in enumerate(inner) for at in range(a, b + 1)}
    best = {(first, 0): (0, ())}  # (place, loops met) -> (cost, (place before))
    for at in range(first, last + 1):
        for met in range(required + 1):
            if (at, met) not in best:
                continue
            cost = best[at, met][0] + (turns if at in loop_at else 1)
            op, target, maybe = code[at]
            following = [] if op.startswith(("EXIT", "RET")) and not maybe else [at + 1]
            if target is not None:
                following = ([at + 1] if maybe or target <= at else []) + ([target] if target > at else [])
            for place in following:
                enters = place in loop_at and loop_at.get(at) != loop_at[place]
                state = place, min(met + enters, required)
                if place <= last and (state not in best or cost < best[state][0]):
                    best[state] = cost, (at, met)
    counts = dict.fromkeys(PIPES, 0)
    state = last, required
    if state not in best:
        return None
    while state:
        op, weight = code[state[0]][0], turns if state[0] in loop_at else 1
        counts["issue"] += weight
        for pipe, pattern in PIPE_OF:
            if re.match(pattern, op):
                counts[pipe] += weight
                break
        state = best[state][1]
    return counts


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tool = sys.argv[2] if len(sys.argv) == 3 else "nvdisasm"
    lines, kernels = [], {}
    for arithmetic in ("fast", "reproducible"):
        normal = None
        for row, source, kernel, turns, required, items, apart in ROWS:
            source = source.format(arithmetic)
            if source not in kernels:
                cubins = glob.glob(f"{sys.argv[1]}/cuda/{source}/{source}.sm_*.cubin")
                if not cubins:
                    sys.exit(f"count_sass.py: no {source}.sm_*.cubin in {sys.argv[1]}/cuda (not built) build bench_cuda first")
                kernels[source] = kernels_of(subprocess.run([tool, "-c", cubins[0]], check=True, capture_output=True, text=True).stdout)
            code = next((code for name, code in kernels[source].items() if kernel in name), None)
            loops = [l for l in loops_of(code or [])]
            counts = loops and cheapest_turn(code, step_loop(loops), loops, turns, required)
            if not counts:
                print(f"{row}, {arithmetic}: no such loop in {source}", file=sys.stderr)
                continue
            per_item = {pipe: (counts[pipe] + apart * (normal[pipe] if normal else 0)) / items for pipe in PIPES}
            normal = per_item if row == "normals" else normal
            lines.append("\t".join([row, arithmetic] + [f"{per_item[pipe]:.4g}" for pipe in PIPES]))
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("# Instructions of one thread for one item of a row, by the unit that takes them: made by count_sass.py, nvcc's code\n"
                   "# for sm_90. capacity: what a multiprocessor takes per clock, in threads; `issue` is every instruction.\n")
        file.write("\t".join(["work", "arithmetic", *PIPES]) + "\n" + "\t".join(["capacity", "-", *map(str, CAPACITY)]) + "\n")
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
