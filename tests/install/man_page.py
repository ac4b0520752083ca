"""The manual page names exactly the commands and flags that --help prints. Usage: man_page.py PREFIX"""

import os
import re
import subprocess
import sys


def help_of(binary, *command):
    return subprocess.run([binary, *command, "--help"], check=True, capture_output=True, text=True).stdout


def flags_in_help(text):
    """The flags that stand first on a line of --help."""
    return set(re.findall(r"^\s+(?:-\w,\s*)?(--[a-z0-9-]+)", text, re.M)) - {"--help", "--version"}


def sections_of(page):
    """{heading: text} of the page, with the escaped hyphens of man pages made plain."""
    parts = re.split(r"^\.SH (.*)$", page.replace("\\-", "-"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def flags_in_section(text):
    return set(re.findall(r"^\.TP\n\.BI? (--[a-z0-9-]+)", text, re.M))


def main():
    prefix = sys.argv[1]
    binary = os.path.join(prefix, "bin", "scorepath")
    with open(os.path.join(prefix, "share", "man", "man1", "scorepath.1"), encoding="utf-8") as stream:
        sections = sections_of(stream.read())
    overview = help_of(binary).partition("Subcommands:\n")[2].partition("\n\n")[0]
    commands = set(re.findall(r"^  ([a-z]+)\s", overview, re.M))
    described = set(re.findall(r"^\.TP\n\.B ([a-z]+)$", sections["COMMANDS"], re.M))
    problems = []
    if not commands or commands != described:
        problems.append(f"docs/scorepath.1 describes the commands {sorted(described)} (scorepath --help has "
                        f"{sorted(commands)}) bring them together")
    for command in sorted(commands & described):
        there = flags_in_help(help_of(binary, command))
        text = sections.get(f"FLAGS OF {command.upper()}")
        here = flags_in_section(text) if text is not None else set(re.findall(
            rf"^\.B scorepath {command}\n\.RB \[ (--[a-z-]+)", sections["SYNOPSIS"], re.M))
        for flag in sorted(there ^ here):
            where = "--help alone" if flag in there else "docs/scorepath.1 alone"
            problems.append(f"{command} {flag} stands in {where} (they must agree) add or remove it")
    print("\n".join(problems) if problems else f"{len(commands)} commands agree")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
