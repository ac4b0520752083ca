"""No file names a folder of one machine: such a path means nothing to anyone else."""

import re

import tree

# First folders of absolute paths that belong to one machine, and the temporary build folders of one developer.
PLACES = re.compile(r"(?<![\w.$}\])/-])/(?:work|home|root|Users|mnt)/|(?<![\w.])/tmp/" + r"build")


def rule(root):
    violations = []
    for file in tree.project_files(root):
        for number, line in enumerate(tree.read_lines(root, file), 1):
            match = PLACES.search(line)
            if match:
                violations.append(f"{file}:{number}: names {match.group(0)} (a path of one machine) "
                                  "write it relative to the repository")
    return violations


if __name__ == "__main__":
    tree.main(rule)
