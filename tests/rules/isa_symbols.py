"""No object of one instruction set defines a symbol that another object could share.

The linker keeps one definition of an inline function or template that several objects define. If that one was compiled
for AVX-512, the program dies on a processor without it. So every such symbol must name its instruction set, in its
namespace or in a type of its signature.
"""

import re
import subprocess
import sys

OBJECT = re.compile(r"_(baseline|avx2|avx512)\.dir")
SHAREABLE = {"W", "V", "u"}


def symbols(nm, file):
    """(kind, mangled name) of everything that the object defines."""
    output = subprocess.run([nm, "--defined-only", file], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        fields = line.split()
        if len(fields) >= 3:
            yield fields[-2], fields[-1]


def carries(name, isa):
    """Whether the mangled name has `isa` as one of its identifiers (length, then text)."""
    return f"{len(isa)}{isa}" in name


def rule(nm, files):
    violations = []
    for file in files:
        isa = OBJECT.search(file)
        if not isa or isa.group(1) == "baseline":
            continue
        for kind, name in symbols(nm, file):
            if kind in SHAREABLE and not name.startswith("DW.ref") and not carries(name, isa.group(1)):
                plain = subprocess.run(["c++filt", name], capture_output=True, text=True).stdout.strip() or name
                violations.append(f"{file}: defines {plain} (another object may define it for another instruction set) "
                                  f"move it into a namespace named {isa.group(1)}, or make it always inline")
    return violations


def main():
    with open(sys.argv[2], encoding="utf-8") as stream:
        files = [line.strip() for line in stream if line.strip()]
    violations = rule(sys.argv[1], files)
    print("\n".join(violations) if violations else f"{len(files)} objects keep to themselves")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
