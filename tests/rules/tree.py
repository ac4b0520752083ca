"""What the rules share: which files belong to the project, and how a rule reports."""

import os
import subprocess
import sys

NOT_OURS = ("build", ".git", "__pycache__")


def project_files(root):
    """Paths relative to root: what git tracks or would track; without git, everything outside build folders."""
    try:
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True).stdout
        top = subprocess.run(["git", "-C", root, "rev-parse", "--show-toplevel"],
                             check=True, capture_output=True, text=True).stdout.strip()
        if os.path.samefile(top, root):
            return sorted(f for f in listed.split("\0") if f and os.path.isfile(os.path.join(root, f)))
    except (OSError, subprocess.CalledProcessError):
        pass
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in NOT_OURS]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def read_lines(root, file):
    """The lines of a text file; an empty list for a binary one."""
    try:
        with open(os.path.join(root, file), encoding="utf-8") as stream:
            return stream.read().split("\n")
    except UnicodeDecodeError:
        return []


def main(rule):
    """Runs rule(root) -> list of violations, prints them, exits 1 where there are any."""
    violations = rule(sys.argv[1])
    for violation in violations:
        print(violation)
    sys.exit(1 if violations else 0)
