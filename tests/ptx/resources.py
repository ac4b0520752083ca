"""Registers, stack and spills of every kernel, as ptxas reports them, against the reviewed table of this nvcc.

resources.py NVCC LOG... compares the logs of the build with tests/ptx/resources/nvcc-X.Y.tsv; --update writes that table.
A change fails until the table is reviewed and updated. No kernel whose threads have up to 32 coordinates may spill, but for
those of teams of more than 128 threads, which have half the registers, and the weights and carried densities of teams:
five and seven vectors of 32 coordinates in a thread, of which most are read once a step (the latter of 16 coordinates too).
"""

import pathlib
import re
import subprocess
import sys

SKIP = "no table of registers for this nvcc"
SKIPPED = 77
FOLDER = pathlib.Path(__file__).parent / "resources"
ENTRY = re.compile(r"Compiling entry function '(\S+)' for '(\w+)'\n(?:.*\n)*?\s*(\d+) bytes stack frame, (\d+) bytes spill stores, "
                   r"(\d+) bytes spill loads\n.*Used (\d+) registers")
HEADER = "kernel\tarithmetic\tregisters\tstack\tspills"


def demangled(names):
    return subprocess.run(["c++filt", *names], capture_output=True, text=True, check=True).stdout.splitlines()


def short(name):
    """"void ...::paths<...::GaussianScore<float, 2, ...::Solo>, float>(...)" -> "paths GaussianScore 2 Solo"."""
    name = re.sub(r"scorepath::kernels::(cuda::)?", "", re.sub(r"\(.*", "", name)).replace("void ", "")
    words = re.sub(r"[<>,]", " ", name).split()
    return " ".join(word for word in words if word not in ("float", "FastReal"))


def may_spill(kernel):
    carried = kernel.startswith("carried ")
    return ("ThreadTeam 512" in kernel or (carried or kernel.startswith("weights ")) and "ThreadTeam" in kernel
            or carried and " 16 " in kernel)


def measured(logs):
    """{(kernel, arithmetic): (registers, stack, spills)}"""
    rows = {}
    for log in logs:
        entries = ENTRY.findall(pathlib.Path(log).read_text(encoding="utf-8"))
        if not entries:
            sys.exit(f"{log} tells nothing of registers (ptxas was not asked, or speaks otherwise) see cmake/cuda.cmake")
        for (_, _, stack, stores, loads, registers), name in zip(entries, demangled([entry[0] for entry in entries])):
            arithmetic = "fast" if "FastReal" in name else "reproducible"
            rows[short(name), arithmetic] = (int(registers), int(stack), int(stores) + int(loads))
    return rows


def text_of(rows):
    lines = ["\t".join(map(str, key + row)) for key, row in sorted(rows.items())]
    return "\n".join([HEADER, *lines]) + "\n"


def main(nvcc, logs, update):
    release = re.search(r"release (\d+\.\d+)", subprocess.run([nvcc, "--version"], capture_output=True, text=True,
                                                              check=True).stdout).group(1)
    table = FOLDER / f"nvcc-{release}.tsv"
    rows = measured(logs)
    spilling = [key for key, row in rows.items() if row[2] > 0 and not may_spill(key[0])]
    for kernel, arithmetic in spilling:
        print(f"{kernel} ({arithmetic}) spills registers to memory (it has too many live values) make it smaller")
    if update:
        table.write_text(text_of(rows), encoding="utf-8")
    elif not table.exists():
        print(f"skipped: {SKIP}")
        return 1 if spilling else SKIPPED
    wanted = table.read_text(encoding="utf-8").splitlines()
    found = text_of(rows).splitlines()
    changed = [f"-{line}" for line in wanted if line not in found] + [f"+{line}" for line in found if line not in wanted]
    if changed:
        print(f"kernels differ from {table} (kernel, arithmetic, registers, stack, spills):", *changed, sep="\n")
        print(f"review the change, then: {sys.argv[0]} --update {nvcc} {' '.join(logs)}")
    else:
        print(f"{len(rows)} kernels are as reviewed in {table.name}")
    return 1 if changed or spilling else 0


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--update"]
    sys.exit(main(arguments[0], arguments[1:], len(arguments) < len(sys.argv) - 1))
