"""Lengths of files as a smell test: printed, never a failure."""

import re
import sys

import tree

# First match wins.
BUDGETS = [(r"^tests/.*\.(hpp|cpp|cu|py|sh)$", 400), (r"\.(hpp|h|cuh)$", 250), (r"\.(cpp|cu|py|sh|cmake)$", 300),
           (r"(^|/)CMakeLists\.txt$", 200)]


def warnings(root):
    found = []
    for file in tree.project_files(root):
        for pattern, budget in BUDGETS:
            if re.search(pattern, file):
                lines = len(tree.read_lines(root, file)) - 1
                if lines > budget:
                    found.append(f"warning: {file}: {lines} lines (budget {budget}) one idea a file?")
                break
    return found


if __name__ == "__main__":
    over = warnings(sys.argv[1])
    print("\n".join(over) if over else "every file is within its budget")
