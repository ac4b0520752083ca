"""clang-format leaves every C++ and CUDA source as it is."""

import re
import shutil
import subprocess
import sys

import tree

# Another release formats some lines differently.
RELEASE = "14"
SKIP = "clang-format 14 is not installed"


def find_formatter():
    for name in (f"clang-format-{RELEASE}", "clang-format"):
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {RELEASE}\.", version):
                return path
    return None


def rule(root):
    formatter = find_formatter()
    files = [f for f in tree.project_files(root) if re.search(r"\.(hpp|h|cuh|cpp|cu)$", f)]
    if not files:
        return []
    run = subprocess.run([formatter, "--style=file", "--dry-run", "--ferror-limit=1"] + files, cwd=root,
                         capture_output=True, text=True)
    unformatted = sorted(set(re.findall(r"^([^\s:]+):\d+:\d+: ", run.stderr, re.M)))
    violations = [f"{f}: is not formatted (.clang-format) run clang-format -i {f}" for f in unformatted]
    if run.returncode != 0 and not violations:
        violations.append(run.stderr.strip())
    return violations


if __name__ == "__main__":
    if find_formatter() is None:
        print(f"SKIP: {SKIP}")
        sys.exit(77)
    tree.main(rule)
