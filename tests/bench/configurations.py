#!/usr/bin/env python3
"""Times how rbuildout reads configurations: many files, a diamond, ten megabytes, a real project beside zc.buildout.

    configurations.py --work DIR [--rbuildout FILE] [--zc FILE] [--project DIR [--entry FILE] [--arguments WORDS]] [--runs N]

DIR gets the files. `--zc` is a `buildout` script of zc.buildout 6.0.1; without it only rbuildout is timed. `--project` is a
directory with a configuration that extends many files; it is copied. What is run is always `annotate`, all sections.

The two programs take turns, and figures are taken as compare.py takes them. Ends with status 1 when a requirement is
missed. Only the standard library is used.
"""
import argparse
import os
import shlex
import shutil
import sys

from compare import REPOSITORY, Side, machine, milliseconds, table


def write(directory, name, text):
    path = os.path.join(directory, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    return text.count("\n")


def many_files(directory, count):
    """A root that extends so many files, each with sections of its own and additions to common ones."""
    names = [f"part{n // 100}/file{n}.cfg" for n in range(count)]
    lines = write(directory, "buildout.cfg", "[buildout]\nparts =\nextends =\n" + "".join(f"    {n}\n" for n in names))
    for n, name in enumerate(names):
        text = f"[section{n}]\nrecipe = zc.recipe.egg\n"
        text += "".join(f"option{k} = a value of file {n}, ${{versions:package{k}}}\n" for k in range(20))
        text += "eggs =\n" + "".join(f"    some.package{k}\n" for k in range(20))
        text += f"[versions]\npackage{n} = 1.{n}\n[common]\neggs += egg{n}\nlast = {n}\n"
        lines += write(directory, name, text)
    return lines


def diamond(directory, levels, width):
    """Each file of a level extends all of the next: width ** levels ways."""
    write(directory, "buildout.cfg", "[buildout]\nparts =\nextends = l0f0.cfg l0f1.cfg l0f2.cfg\n")
    for level in range(levels):
        below = " ".join(f"l{level + 1}f{n}.cfg" for n in range(width))
        for n in range(width):
            extends = f"[buildout]\nextends = {below}\n" if level + 1 < levels else ""
            write(directory, f"l{level}f{n}.cfg", f"{extends}[a]\nx = {level}.{n}\nl{level}f{n} = 1\n")


def options(directory, size):
    """Sections of a hundred short options each."""
    section, text, length = 0, ["[buildout]\nparts =\n"], 0
    while length < size:
        section += 1
        text.append(f"[section-{section}]\n")
        text.extend(f"option-{k} = some value {section} with words\n" for k in range(100))
        length += sum(map(len, text[-101:]))
    write(directory, "buildout.cfg", "".join(text))


def lists(directory, size):
    """Options of a thousand lines each."""
    section, text, length = 0, ["[buildout]\nparts =\n"], 0
    while length < size:
        section += 1
        text.append(f"[section-{section}]\neggs =\n")
        text.extend(f"    some.package{k}\n" for k in range(1000))
        length += sum(map(len, text[-1001:]))
    write(directory, "buildout.cfg", "".join(text))


def main():
    parser = argparse.ArgumentParser(description="Times how configurations are read.")
    parser.add_argument("--work", required=True, help="a directory for everything that is made")
    parser.add_argument("--rbuildout", default=os.path.join(REPOSITORY, "target", "release", "rbuildout"))
    parser.add_argument("--zc", help="the buildout script of zc.buildout 6.0.1")
    parser.add_argument("--project", help="a real project")
    parser.add_argument("--entry", default="buildout.cfg", help="its configuration")
    parser.add_argument("--arguments", default="", help="further arguments for it")
    parser.add_argument("--runs", type=int, default=10, help="runs of zc.buildout; rbuildout has four for each")
    given = parser.parse_args()
    work = os.path.realpath(given.work)
    missed = []

    def environment(name):
        home = os.path.join(work, "home-" + name)
        os.makedirs(home, exist_ok=True)
        return {**os.environ, "HOME": home, "XDG_CACHE_HOME": os.path.join(home, "cache"),
                "RBUILDOUT_CACHE_DIR": os.path.join(home, "cache", "rbuildout")}

    program = os.path.realpath(given.rbuildout)

    def sides(name, make, both=True):
        """Both programs over the same files, in directories of their own."""
        found = []
        for side, command in [("rbuildout", [program]), ("zc.buildout", [given.zc])]:
            directory = os.path.join(work, name, side)
            if command[0] and (both or side == "rbuildout"):
                shutil.rmtree(directory, ignore_errors=True)
                make(directory)
                found.append(Side(f"{name}, {side}", command, directory, environment(side)))
        return found

    def take_turns(pair, arguments, runs):
        for side in pair:
            side.run(*arguments, measure=False)
        for _ in range(runs):
            for side in pair:
                for _ in range(4 if side is pair[0] else 1):
                    side.run(*arguments)
        if len(pair) == 2 and pair[0].said != pair[1].said.replace(pair[1].directory, pair[0].directory):
            if [line for line in pair[0].said.splitlines() if not line.startswith("executable= ")] != [
                    line for line in pair[1].said.replace(pair[1].directory, pair[0].directory).splitlines()
                    if not line.startswith("executable= ")]:
                sys.exit(f"{pair[0].name}: the two do not say the same")

    def require(what, holds):
        print(f"{'ok    ' if holds else 'MISSED'} {what}")
        if not holds:
            missed.append(what)

    machine()
    grown, lines = [], {}
    for count in (10, 100, 1000):
        pair = sides(f"{count} files", lambda d: lines.__setitem__(count, many_files(d, count)))
        take_turns(pair, ["annotate"], given.runs if count < 1000 else min(given.runs, 3))
        grown.append(pair)
    table("10, 100, 1,000 files", [side for pair in grown for side in pair])
    start = min(grown[0][0].times) / 2
    per_line = [(min(pair[0].times) - start) / lines[count] for pair, count in zip(grown[1:], (100, 1000))]
    print("\n" + ", ".join(f"{count} files: {seconds * 1e6:.2f} µs a line" for count, seconds in
                           zip((100, 1000), per_line)))
    require("the time is linear in the number of lines (a line of 1,000 files takes at most 1.5 of one of 100)",
            per_line[1] <= 1.5 * per_line[0])

    pair = sides("20 levels of 3", lambda d: diamond(d, 20, 3), both=False)
    take_turns(pair, ["annotate", "a"], given.runs)
    table("A diamond: each file extends the three of the next level", pair)
    require(f"a diamond: {milliseconds(min(pair[0].times))} (under 50 ms)", min(pair[0].times) < 0.050)

    both = []
    for name, make in (("short options", options), ("long lists", lists)):
        pair = sides(f"10 MB of {name}", lambda d: make(d, 10_000_000), both=False)
        take_turns(pair, ["annotate"], min(given.runs, 3))
        both += pair
    table("A file of 10 MB", both)
    for side in both:
        require(f"{side.name}: {milliseconds(min(side.times))} (under 1 s)", min(side.times) < 1)
        require(f"{side.name}: {max(side.memory):.0f} MB (under 150)", max(side.memory) < 150)

    if given.project:
        pair = sides("project", lambda d: shutil.copytree(given.project, d))
        arguments = ["-c", given.entry, *shlex.split(given.arguments), "annotate"]
        take_turns(pair, arguments, given.runs)
        table("A real project", pair)
        require(f"the project: {milliseconds(min(pair[0].times))} (under 20 ms)", min(pair[0].times) < 0.020)
        if len(pair) == 2:
            ratio = min(pair[1].times) / min(pair[0].times)
            busy = min(pair[1].busy) / min(pair[0].busy)
            require(f"the project: {ratio:.0f} times faster, {busy:.0f} in processor time (50 or more)", ratio >= 50)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
