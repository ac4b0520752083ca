"""Every file, folder and equation that a page for people names exists. Usage: names.py SOURCE"""

import glob
import os
import re
import sys

# Named as an output, a placeholder or a flag's value, not as a file of the repository.
NOT_FILES = re.compile(r"[A-Z]{3,}|^(build|demo-output|bench/results)(/|$)|^[\w.-]+/s$|<|\*|\s|=|^--|^https?:")
PATH = re.compile(r"^[\w.-]+(/[\w.-]+)+/?$|^[\w-]+\.(md|hpp|cpp|py|sh|txt|cff|json|toml)$|^(LICENSE)$")
GENERIC = {"model.toml", "result.json", "ring.json"}


def pages(source):
    found = [os.path.join(source, name) for name in ("README.md", "CHANGELOG.md")]
    for folder in ("docs", "kernels", "data", "tests", "bench"):
        found += glob.glob(os.path.join(source, folder, "*.md"))
    return sorted(page for page in found if os.path.isfile(page))


def missing_names(source, page, text):
    """Paths in `code` and in links that exist neither from the page nor from the top (nor, in backticks, from a table's folder)."""
    here = os.path.dirname(page)
    for name in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S)):
        if PATH.match(name) and not NOT_FILES.search(name) and name not in GENERIC:
            if not any(os.path.exists(os.path.join(base, name)) for base in (source, here)):
                yield f"`{name}`"
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        if not link.startswith("http") and not os.path.exists(os.path.join(here, link)):
            yield f"link {link}"


def missing_equations(source, theory):
    """Equations that sources refer to as (docs/theory.md, D1) but that the page does not have."""
    known = set(re.findall(r"\*\*\((D\d+)\)\*\*", theory))
    for folder in ("kernels", "host", "include"):
        for file in glob.glob(os.path.join(source, folder, "**", "*.?pp"), recursive=True):
            with open(file, encoding="utf-8") as stream:
                text = stream.read()
            named = re.findall(r"docs/theory\.md, (D\d+)", text)
            for name in sorted(set(named) - known):
                yield f"{os.path.relpath(file, source)}: names {name}, which docs/theory.md does not have"
    for name in sorted(set(re.findall(r"\((D\d+)\)", theory)) - known):
        yield f"docs/theory.md: refers to {name}, which it does not have"


def main():
    source = sys.argv[1]
    wrong = []
    for page in pages(source):
        with open(page, encoding="utf-8") as file:
            text = file.read()
        wrong += [f"{os.path.relpath(page, source)}: {name} does not exist" for name in missing_names(source, page, text)]
    with open(os.path.join(source, "docs/theory.md"), encoding="utf-8") as file:
        wrong += missing_equations(source, file.read())
    print("\n".join(wrong) if wrong else "every file and equation that the pages name exists")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
