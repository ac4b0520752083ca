"""Every reason for which a test may be skipped stands in tests/skips.txt, and every line there is still used."""

import re

import tree

LIST = "tests/skips.txt"
# GTEST_SKIP() << "reason" (the literals up to the first value) or << constant; in scripts: SKIP = "reason".
CPP_SKIP = re.compile(r'GTEST_SKIP\(\)\s*(?:<<\s*(?:((?:"(?:[^"\\]|\\.)*"\s*)+)|(\w+)))?')
CPP_CONSTANT = r'\b{}\s*=\s*((?:"(?:[^"\\]|\\.)*"\s*)+);'
SCRIPT_SKIP = re.compile(r'^\s*SKIP\s*=\s*"([^"]+)"', re.M)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
DISABLED = re.compile(r"\bTEST(?:_F|_P)?\([^)]*\bDISABLED_")


def constant(name, texts):
    """The text literals that some test source gives to the constant `name`."""
    for text in texts:
        match = re.search(CPP_CONSTANT.format(re.escape(name)), text)
        if match:
            return match.group(1)
    return ""


def reasons(root, file, texts):
    """(line, reason) for every skip in a file; the reason is None where none is given."""
    text = "\n".join(tree.read_lines(root, file))

    def line_of(match):
        return text.count("\n", 0, match.start()) + 1

    if file.endswith((".cpp", ".hpp", ".cu")):
        for match in CPP_SKIP.finditer(text):
            literals = match.group(1) or (constant(match.group(2), texts) if match.group(2) else "")
            parts = LITERAL.findall(literals)
            yield line_of(match), "".join(parts).strip() or None
        for match in DISABLED.finditer(text):
            yield line_of(match), None
    elif file.endswith((".py", ".sh")):
        for match in SCRIPT_SKIP.finditer(text):
            yield line_of(match), match.group(1).strip()


def rule(root):
    files = tree.project_files(root)
    allowed = [line.strip() for line in tree.read_lines(root, LIST)] if LIST in files else []
    allowed = [line for line in allowed if line and not line.startswith("#")]
    violations, used = [], set()
    files = [file for file in files if file.startswith("tests/")]
    texts = ["\n".join(tree.read_lines(root, file)) for file in files if file.endswith((".cpp", ".hpp"))]
    for file in files:
        for number, reason in reasons(root, file, texts):
            if reason is None:
                violations.append(f"{file}:{number}: skips without a reason (nobody can tell when it ends) give one")
                continue
            lines = [line for line in allowed if line.startswith(reason)]
            used.update(lines)
            if not lines:
                violations.append(f'{file}:{number}: skip "{reason}" is not listed (a skip must be known) '
                                  f"add it to {LIST}")
    violations += [f'{LIST}: "{line}" is used by no test (the list must be true) remove it' for line in allowed
                   if line not in used]
    return violations


if __name__ == "__main__":
    tree.main(rule)
