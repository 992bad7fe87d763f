#!/usr/bin/env python3
"""Times rbuildout beside zc.buildout 6.0.1, on this machine, in one run.

    compare.py --work DIR [--rbuildout FILE] [--runs N] [--cold N]

DIR gets virtual environments and buildouts; a second run with the same DIR starts faster. zc.buildout and its recipes
are installed into one of the environments with pip, so the first run needs the network; so do the cold installs.

The two programs take turns, so that a busy machine troubles both. All figures are of whole processes, started from
here: wall time, and the greatest resident memory as the kernel counts it (`ru_maxrss`, of the process and of those it
started and waited for). The kernel counts the starter's own memory too, some 16 MB for a Python; where GNU time is
installed, each fourth run is started by it instead, its time does not count and its memory alone does. Before each run the record of installed parts is put back, because a run appends to it. Ratios
are of the least times: the least of many runs is the one that the rest of the machine disturbed least. On a busy
machine that favours the shorter program; the least processor time stands beside it, which is hardly disturbed.

Ends with status 1 when a requirement is missed. Only the standard library is used.
"""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import venv

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGES = ["zc.buildout==6.0.1", "zc.recipe.egg==6.0.0", "collective.recipe.supervisor==2.0.0"]

CONFIGURATION = """\
[buildout]
parts = supervisor
eggs-directory = {eggs}
versions = versions

[versions]
supervisor = 4.3.0
superlance = 2.0.0

[ports]
supervisor = {port}

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:${{ports:supervisor}}
user = admin
password = secret
plugins = superlance
programs =
    10 zeo ${{buildout:directory}}/bin/zeo [fg] ${{buildout:directory}} true www
    20 instance1 ${{buildout:directory}}/bin/instance1 [console] ${{buildout:directory}} true www
    20 instance2 ${{buildout:directory}}/bin/instance2 [console] ${{buildout:directory}} true www
    30 worker (startsecs=10) ${{buildout:directory}}/bin/worker [--queue default] true
    40 cache (autorestart=true) /usr/sbin/varnishd [-F -a :8000] true
eventlisteners =
    memmon TICK_60 ${{buildout:bin-directory}}/memmon [-p instance1=1GB]
groups =
    20 instances instance1,instance2
"""


# GNU time: BSD's has no -f.
WEIGHER = "/usr/bin/time" if sys.platform == "linux" and os.access("/usr/bin/time", os.X_OK) else None


class Side:
    """One program in a buildout of its own."""

    def __init__(self, name, command, directory, environment):
        self.name = name
        self.command = command
        self.directory = directory
        self.environment = environment
        self.reset()

    def path(self, name):
        return os.path.join(self.directory, name)

    def configure(self, eggs, port=9001):
        os.makedirs(self.directory, exist_ok=True)
        with open(self.path("buildout.cfg"), "w") as f:
            f.write(CONFIGURATION.format(eggs=eggs, port=port))

    def run(self, *arguments, measure=True):
        """Runs the program."""
        weigh = measure and WEIGHER is not None and self.count % 4 == 0
        self.count += measure
        output = os.path.join(self.directory, "output.txt")
        weight = os.path.join(self.directory, "weight.txt")
        command = self.command + list(arguments)
        if weigh:
            command = [WEIGHER, "-f", "%M", "-o", weight] + command
        with open(output, "wb") as out:
            start = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=self.directory, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        with open(output, errors="replace") as out:
            self.said = out.read()
        if process.returncode != 0:
            sys.exit(f"{self.name} ended with status {process.returncode}:\n{self.said}")
        if weigh:
            with open(weight) as f:
                self.memory.append(int(f.read()) / 1024)
        elif measure:
            self.times.append(seconds)
            self.busy.append(usage.ru_utime + usage.ru_stime)
            if WEIGHER is None:
                # Kilobytes, on macOS bytes.
                self.memory.append(usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024))

    def must_have_said(self, words):
        if words not in self.said:
            sys.exit(f"{self.name} did not say {words!r}; what was measured is something else:\n{self.said}")

    def reset(self):
        self.times, self.busy, self.memory, self.count = [], [], [], 0

    def row(self):
        return (self.name, milliseconds(min(self.times)), milliseconds(statistics.median(self.times)),
                milliseconds(min(self.busy)), f"{max(self.memory):.1f} MB", str(len(self.times)))


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def table(title, sides):
    print(f"\n{title}\n")
    rows = [("", "least", "median", "processor", "memory", "runs")] + [side.row() for side in sides]
    widths = [max(len(row[n]) for row in rows) for n in range(6)]
    for n, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if n == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    sys.stdout.flush()


def make_environment(directory, packages):
    python = os.path.join(directory, "bin", "python")
    done = os.path.join(directory, "done")
    if not os.path.exists(done):
        shutil.rmtree(directory, ignore_errors=True)
        venv.create(directory, with_pip=bool(packages), symlinks=True)
        if packages:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        open(done, "w").close()
    return python


def machine():
    cpu = platform.processor() or platform.machine()
    memory = ""
    try:
        with open("/proc/cpuinfo") as f:
            cpu = next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
        with open("/proc/meminfo") as f:
            memory = f", {int(f.readline().split()[1]) / 1024 / 1024:.0f} GB of memory"
    except (OSError, StopIteration):
        pass
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"{cpu}, {os.cpu_count()} cores{memory}; {platform.system()} {platform.release()}; "
          f"Python {platform.python_version()}; load {load}")


def main():
    parser = argparse.ArgumentParser(description="Times rbuildout beside zc.buildout 6.0.1.")
    parser.add_argument("--work", required=True, help="a directory for everything that is made")
    parser.add_argument("--rbuildout", default=os.path.join(REPOSITORY, "target", "release", "rbuildout"))
    parser.add_argument("--runs", type=int, default=25, help="runs of zc.buildout; rbuildout has four for each")
    parser.add_argument("--cold", type=int, default=3, help="cold installs of each; 0 for none")
    options = parser.parse_args()
    work = os.path.realpath(options.work)
    os.makedirs(work, exist_ok=True)
    program = os.path.realpath(options.rbuildout)

    python = make_environment(os.path.join(work, "venv"), PACKAGES)
    bare = make_environment(os.path.join(work, "bare"), [])
    eggs = os.path.join(work, "eggs")
    # Each has caches and a home of its own.
    def environment(name):
        home = os.path.join(work, "home-" + name)
        os.makedirs(home, exist_ok=True)
        return {**os.environ, "HOME": home, "XDG_CACHE_HOME": os.path.join(home, "cache"),
                "RBUILDOUT_CACHE_DIR": os.path.join(home, "cache", "rbuildout")}

    zc = Side("zc.buildout", [os.path.join(work, "venv", "bin", "buildout")], os.path.join(work, "zc"),
              environment("zc"))
    own = Side("rbuildout", [program, "--python", python], os.path.join(work, "own"), environment("own"))
    missed = []

    def require(what, holds):
        print(f"{'ok    ' if holds else 'MISSED'} {what}")
        if not holds:
            missed.append(what)

    machine()
    size = os.path.getsize(program) / 1e6
    for side in (zc, own):
        side.configure(eggs)
        side.run("-N", "install", "supervisor", measure=False)

    # A run with nothing to do.
    records = {}
    for side in (zc, own):
        side.run("-N", "install", "supervisor", measure=False)
        with open(side.path(".installed.cfg"), "rb") as f:
            records[side] = f.read()

    def no_op(side):
        with open(side.path(".installed.cfg"), "wb") as f:
            f.write(records[side])
        side.run("-N", "install", "supervisor")
        side.must_have_said("Updating supervisor.")

    for _ in range(options.runs):
        no_op(zc)
        for _ in range(4):
            no_op(own)
    table("Nothing to do (`-N install supervisor`)", (zc, own))
    ratio = min(zc.times) / min(own.times)
    print(f"\nIn processor time: {min(zc.busy) / min(own.busy):.0f} times less")
    require(f"nothing to do: {ratio:.0f} times faster (25 or more)", ratio >= 25)
    require(f"nothing to do: {milliseconds(min(own.times))} (under 20 ms)", min(own.times) < 0.020)
    require(f"nothing to do: {max(own.memory):.1f} MB of memory (under 30)", max(own.memory) < 30)

    # A changed option: everything of the part is made again.
    for side in (zc, own):
        side.reset()
    port = 9001

    def reinstall(side):
        side.configure(eggs, port)
        side.run("-N", "install", "supervisor")
        side.must_have_said("Uninstalling supervisor.")
        with open(side.path("parts/supervisor/supervisord.conf")) as f:
            if f"127.0.0.1:{port}" not in f.read():
                sys.exit(f"{side.name} did not write the new port")

    for _ in range(options.runs):
        port += 1
        reinstall(zc)
        for _ in range(4):
            port += 1
            reinstall(own)
    table("A changed port, eggs are there", (zc, own))
    ratio = min(zc.times) / min(own.times)
    print(f"\nIn processor time: {min(zc.busy) / min(own.busy):.0f} times less")
    require(f"reinstall: {ratio:.0f} times faster (10 or more)", ratio >= 10)
    require(f"the program has {size:.1f} MB (under 8)", size < 8)

    # No eggs, no caches: the network is part of it.
    zc.reset()
    cold = [zc, Side("rbuildout", own.command, os.path.join(work, "cold-own"), environment("cold-own")),
            Side("rbuildout, bare Python", [program, "--python", bare], os.path.join(work, "cold-bare"),
                 environment("cold-bare"))]
    for _ in range(options.cold + (1 if options.cold and WEIGHER else 0)):
        for side in cold:
            shutil.rmtree(side.environment["XDG_CACHE_HOME"], ignore_errors=True)
            shutil.rmtree(side.directory, ignore_errors=True)
            side.configure(os.path.join(side.directory, "eggs"))
            side.run("install", "supervisor")
    if options.cold:
        table("No eggs, empty caches, over the network", cold)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
