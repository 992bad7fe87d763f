#!/usr/bin/env python3
"""Installs the distributions of real sites and compares them with what zc.buildout has installed.

    sites.py --work DIR --rbuildout FILE [--python SITE=FILE ...] [--broken SCRIPT ...] [--cache DIR]
             SITE_FOLDER ...

A SITE_FOLDER holds `deploy/` (a buildout with its versions files) and `expected/dists.txt` (lines `NAME VERSION ...`,
made by zc.buildout). The folder is copied to DIR, and there one part of zc.recipe.egg is installed with all that the
site's parts name: their eggs, their recipes, what those recipes install of themselves. Then

- names and versions of the eggs must be those of dists.txt. What zc.buildout needs itself may be there or not: it depends
  on what the interpreter holds;
- each script must start: its file is read by its own interpreter, up to the call, and what it would call must be there.
  Scripts of distributions that lack something, whoever installs them, are named by `--broken`.

The interpreter of a site is the newest of PATH, or that which `--python SITE=FILE` names; SITE is the folder's name. Time
and memory of each installation are told. The first run needs the network, and a compiler where sources have no wheels.
Ends with status 1 if anything differs. Only the standard library is used.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time

# What a running zc.buildout holds: in the eggs directory only if the interpreter has it not.
OWN = {"zc-buildout", "zc-recipe-egg", "setuptools", "pip", "wheel", "packaging", "platformdirs"}
# What recipes install without being told.
OF_RECIPES = {"collective.recipe.supervisor": ["supervisor"]}

PART = """\
[buildout]
extends = buildout.cfg
parts = all-distributions
eggs-directory = {eggs}
show-picked-versions = false

[all-distributions]
recipe = zc.recipe.egg
dependent-scripts = true
interpreter = all-distributions-python
eggs =
{names}
"""

# Reads a script up to its call: sys.path is set, modules are imported. Then looks for what it would call.
START = """\
import re, sys
name = sys.argv[1]
del sys.argv[1:]
text = open(name).read()
space = {'__name__': 'imported', '__file__': name}
exec(compile(text, name, 'exec'), space)
called = re.findall(r'sys[.]exit[(]([A-Za-z_0-9.]+)[(]', text)
for expression in called:
    if not callable(eval(expression, space)):
        sys.exit(expression + ' can not be called')
if not called:
    sys.exit('no call was found')
"""


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def sections(path):
    """The sections of a configuration file, values of several lines as they are."""
    found, section, option = {}, None, None
    with open(path) as lines:
        for line in lines:
            line = line.rstrip("\n")
            if re.match(r"\s*([#;].*)?$", line):
                continue
            head = re.match(r"\[([^\]:]+)", line)
            if head:
                section = found.setdefault(head.group(1).strip(), {})
                option = None
            elif line[0] in " \t":
                section[option] += "\n" + line.strip()
            else:
                option, _, value = line.partition("=")
                option = option.strip()
                section[option] = value.strip()
    for options in found.values():
        base = options.pop("<", None)
        while base is not None:
            more = found.get(base, {})
            for name, value in more.items():
                options.setdefault(name, value)
            base = more.get("<")
    return found


def resolved(found, value):
    def one(match):
        section, option = match.group(1), match.group(2)
        return resolved(found, found[section][option])
    return re.sub(r"\$\{([^:}]+):([^}]+)\}", one, value)


def wanted(path):
    """All requirements that the parts of a buildout name."""
    found = sections(path)
    names = []
    for part in resolved(found, found["buildout"]["parts"]).split():
        options = found[part]
        recipe = options["recipe"].split(":")[0]
        names.append(recipe)
        names.extend(OF_RECIPES.get(recipe, []))
        eggs = resolved(found, options.get("eggs", "")).splitlines()
        names.extend(egg.strip() for egg in eggs if egg.strip())
        names.extend(resolved(found, options.get("plugins", "")).split())
    return list(dict.fromkeys(names))


def expected(path):
    with open(path) as lines:
        rows = (line.split() for line in lines if line.strip())
        return {canonical(row[0]): row[1] for row in rows}


def installed(script, interpreter):
    """Names and versions of what is on the path of the part's interpreter."""
    # Develop eggs are not in dists.txt.
    question = (
        "import os, re, sys\n"
        "for entry in sys.path:\n"
        "    egg = re.match(r'(.+?)-(.+?)-py[0-9.]+(-.+)?[.]egg$', os.path.basename(entry))\n"
        "    if egg:\n"
        "        print(egg.group(1) + ' ' + egg.group(2))\n")
    told = subprocess.run([interpreter, script, "-c", question], stdout=subprocess.PIPE, check=True)
    rows = (line.split(" ", 1) for line in told.stdout.decode().splitlines())
    return {canonical(name): version for name, version in rows}


def same_version(a, b):
    """`1.0-1` and `1.0_1` are one version in names of eggs."""
    plain = re.compile(r"[-_+.]")
    return plain.sub(".", a.lower()) == plain.sub(".", b.lower())


class Site:
    def __init__(self, folder, arguments):
        self.folder = os.path.abspath(folder)
        self.name = os.path.basename(self.folder)
        self.directory = os.path.join(os.path.abspath(arguments.work), self.name)
        chosen = dict(text.split("=", 1) for text in arguments.python)
        self.python = chosen.get(self.name) or shutil.which("python3")
        self.program = os.path.abspath(arguments.rbuildout)
        self.environment = dict(os.environ)
        if arguments.cache:
            self.environment["RBUILDOUT_CACHE_DIR"] = os.path.abspath(arguments.cache)
        self.broken = arguments.broken
        self.wrong = []

    def install(self):
        if os.path.isdir(self.directory):
            shutil.rmtree(self.directory)
        shutil.copytree(os.path.join(self.folder, "deploy"), self.directory)
        names = wanted(os.path.join(self.directory, "buildout.cfg"))
        with open(os.path.join(self.directory, "all.cfg"), "w") as out:
            out.write(PART.format(
                eggs=os.path.join(self.directory, "eggs"), names="".join(f"    {name}\n" for name in names)))
        log = os.path.join(self.directory, "output.txt")
        start = time.monotonic()
        with open(log, "wb") as out:
            process = subprocess.Popen(
                [self.program, "--python", self.python, "-N", "-c", "all.cfg", "install", "all-distributions"],
                cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        memory = usage.ru_maxrss / 1024
        print(f"{self.name}: {time.monotonic() - start:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of processor, "
              f"{memory:.0f} MB at most (with builds)", flush=True)
        if process.returncode != 0:
            with open(log, errors="replace") as said:
                end = "".join(said.readlines()[-25:])
            self.wrong.append(f"the installation ended with status {process.returncode}:\n{end}")
        return process.returncode == 0

    def compare(self):
        script = os.path.join(self.directory, "bin", "all-distributions-python")
        there = installed(script, self.interpreter(script))
        should = expected(os.path.join(self.folder, "expected", "dists.txt"))
        for name in sorted(set(there) | set(should)):
            if name in OWN and (name not in there or name not in should):
                continue
            if name not in there:
                self.wrong.append(f"{name} {should[name]} is missing")
            elif name not in should:
                self.wrong.append(f"{name} {there[name]} is too many")
            elif not same_version(there[name], should[name]):
                self.wrong.append(f"{name} is {there[name]}, not {should[name]}")
        agree = sum(name in there and same_version(there[name], version) for name, version in should.items())
        print(f"{self.name}: {agree} of {len(should)} distributions agree", flush=True)

    def interpreter(self, script):
        with open(script, errors="replace") as text:
            return text.readline()[2:].strip()

    def start_scripts(self):
        directory = os.path.join(self.directory, "bin")
        starter = os.path.join(self.directory, "start.py")
        with open(starter, "w") as out:
            out.write(START)
        count = 0
        for name in sorted(os.listdir(directory)):
            if name == "all-distributions-python":
                continue
            count += 1
            path = os.path.join(directory, name)
            ended = subprocess.run(
                [self.interpreter(path), starter, path], cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if ended.returncode != 0 and name not in self.broken:
                last = ended.stdout.decode(errors="replace").strip().splitlines()[-1:]
                self.wrong.append(f"bin/{name}: {''.join(last)}")
        print(f"{self.name}: {count} scripts were started", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True)
    parser.add_argument("--rbuildout", required=True)
    parser.add_argument("--python", action="append", default=[], metavar="SITE=FILE")
    parser.add_argument("--broken", action="append", default=[], metavar="SCRIPT")
    parser.add_argument("--cache", help="the cache of rbuildout; without it the user's own")
    parser.add_argument("folder", nargs="+")
    arguments = parser.parse_args()
    failed = False
    for folder in arguments.folder:
        site = Site(folder, arguments)
        if site.install():
            site.compare()
            site.start_scripts()
        for line in site.wrong:
            print(f"{site.name}: {line}")
        failed |= bool(site.wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
