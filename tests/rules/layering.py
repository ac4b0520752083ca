"""Includes point one way: include <- host -> kernels/{cpu,cuda} -> kernels/*.hpp -> formulas -> lane."""

import re
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FORMULAS = {"estimator", "score", "schedule", "step", "random", "reduce"}
# Layer -> the layers that it may include. "path" is what stands directly in kernels/.
BELOW_PATH = FORMULAS | {"lane"}
ALLOWED = {
    "include": {"include"},
    "lane": {"lane"},
    "path": BELOW_PATH | {"path"},
    "cpu": BELOW_PATH | {"path", "cpu"},
    "cuda": BELOW_PATH | {"path", "cuda"},
    "host": BELOW_PATH | {"path", "cpu", "cuda", "host", "include"},
    "cli": {"cli", "host", "include"},
    **{formula: BELOW_PATH for formula in FORMULAS},
}
# Kernel headers know no container, no text and no I/O; kernel sources no I/O.
IO = {"iostream", "fstream", "sstream", "ostream", "istream", "cstdio", "stdio.h", "print", "filesystem",
      "fmt/format.h", "fmt/core.h", "nlohmann/json.hpp", "toml++/toml.h"}
NOT_IN_KERNEL_HEADERS = IO | {"vector", "string", "string_view", "map", "unordered_map", "list", "deque", "functional"}
CUDA = re.compile(r"^(cuda|cublas|curand|nvrtc|nccl|thrust|cub/|cooperative_groups)")
SOURCE = re.compile(r"\.(hpp|h|inc|cuh|cpp|cu)$")


def layer_of(path):
    """The layer of a file of the project or of an included name; None outside the layers."""
    parts = path.split("/")
    if path.startswith("include/scorepath/") or parts[0] == "scorepath":
        return "include"
    if parts[0] == "host":
        return "cli" if len(parts) > 2 and parts[1] == "cli" else "host"
    if parts[0] == "kernels":
        return parts[1] if len(parts) > 2 else "path"
    return None


def violation_of(file, layer, bracket, name):
    """Why `file` may not include `name`; None where it may."""
    target = layer_of(name)
    if target is None:
        if layer == "include" and (bracket == '"' or "/" in name or name.endswith(".h")):
            return "public headers stand on the standard library alone"
        if layer != "cuda" and CUDA.match(name):
            return "CUDA stays inside kernels/cuda"
        if file.startswith("kernels/"):
            if file.endswith((".hpp", ".h", ".inc", ".cuh")) and name in NOT_IN_KERNEL_HEADERS:
                return "kernel headers hold formulas: no containers, no text, no I/O"
            if name in IO:
                return "kernels do no I/O"
        return None
    if target not in ALLOWED.get(layer, set()):
        return f"the arrow from {layer} to {target} points the wrong way"
    if target != "include" and bracket == "<":
        return "own headers outside include/ are included in quotes"
    return None


def rule(root):
    violations = []
    for file in tree.project_files(root):
        layer = layer_of(file)
        if layer is None or not SOURCE.search(file):
            continue
        if file.startswith("kernels/") and layer not in ALLOWED:
            violations.append(f"{file}: unknown folder kernels/{layer} (every layer has a place in the order) "
                              "add it to ALLOWED in tests/rules/layering.py")
            continue
        for number, line in enumerate(tree.read_lines(root, file), 1):
            match = INCLUDE.match(line)
            why = match and violation_of(file, layer, match.group(1), match.group(2))
            if why:
                violations.append(f"{file}:{number}: includes {match.group(2)} ({why}) move the code or the include")
    return violations


if __name__ == "__main__":
    tree.main(rule)
