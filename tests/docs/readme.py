"""Runs the README's examples and compares what they print with what it shows.

readme.py SOURCE shell SCOREPATH_BINARY | readme.py SOURCE cpp CXX LIBRARY [compiler flags]; with --update in front the README's
output blocks are rewritten instead. An example is the code block after <!-- run: NAME -->, its output the one after <!-- shows -->.
A line "..." stands for any lines; a number before " s," and one before "/s" is a time and not compared.
"""

import os
import re
import subprocess
import sys
import tempfile

FENCE = r"```\w+\n(.*?)```"


def find_example(text, name):
    """(code, output, span of the output) of the example `name`."""
    found = re.search(rf"<!-- run: {name} -->\n{FENCE}\n\n<!-- shows -->\n{FENCE}", text, re.S)
    if not found:
        sys.exit(f"README.md: no example <!-- run: {name} --> followed by <!-- shows -->")
    return found.group(1), found.group(2), found.span(2)


def without_times(text):
    text = re.sub(r"[0-9.e+]+ (m?s),", r"# \1,", text)
    return re.sub(r"[0-9.e+]+ ([\w-]+)/s", r"# \1/s", text).strip("\n")


def matches(shown, printed):
    pieces = re.split(r"^\.\.\.$\n?", without_times(shown), flags=re.M)
    return re.fullmatch(r"(?:.*\n)*?".join(re.escape(piece) for piece in pieces), without_times(printed)) is not None


def shortened(printed):
    lines = printed.splitlines(keepends=True)
    return printed if len(lines) <= 8 else "".join(lines[:5]) + "...\n" + lines[-1]


def run(command, folder, **options):
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                          **options)
    if done.returncode != 0:
        sys.exit(f"an example of README.md failed with exit code {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def run_shell(code, source, folder, binary):
    os.symlink(os.path.join(source, "data"), os.path.join(folder, "data"))
    path = os.path.dirname(os.path.abspath(binary)) + os.pathsep + os.environ["PATH"]
    return run(["bash", "-euc", code], folder, env={**os.environ, "PATH": path})


def run_cpp(code, source, folder, compiler, library, *flags):
    with open(os.path.join(folder, "example.cpp"), "w", encoding="utf-8") as file:
        file.write(code)
    run([compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", *flags, "-I", os.path.join(source, "include"), "example.cpp",
         "-o", "example", library, "-Wl,-rpath," + os.path.dirname(library)], folder)
    return run(["./example"], folder)


def main():
    arguments = sys.argv[1:]
    update = arguments[:1] == ["--update"]
    source, name, *rest = filter(None, arguments[1:] if update else arguments)
    source = os.path.abspath(source)
    readme = os.path.join(source, "README.md")
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    code, shown, (begin, end) = find_example(text, name)
    with tempfile.TemporaryDirectory() as folder:
        printed = {"shell": run_shell, "cpp": run_cpp}[name](code, source, folder, *rest)
    if update:
        with open(readme, "w", encoding="utf-8") as file:
            file.write(text[:begin] + shortened(printed) + text[end:])
    elif not shown.strip() or not matches(shown, printed):
        sys.exit(f"README.md shows for its {name} example\n{shown}\nbut it prints\n{printed}\n"
                 "Correct the README (readme.py --update does it) or the program.")


if __name__ == "__main__":
    main()
