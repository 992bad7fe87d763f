#!/usr/bin/env python3
"""Times large installations: rbuildout beside uv, pip and zc.buildout, from one index on this machine.

    large.py --work DIR --pins FILE [--rbuildout FILE] [--uv FILE] [--runs N] [--with-buildout] [--growth]

FILE of `--pins` has lines `NAME VERSION ...`: all distributions of a site. Their wheels are fetched (or built) once with
pip, into DIR; that needs the network. From then on everything comes from a server of this script: pages as a real index
has them, with hashes and with metadata beside the wheels.

All programs install the same wheels for the same Python, and compile them. They take turns. For each there are three
times: `cold` with an empty cache, `warm` with a full cache into an empty place, `no-op` where all is there (the first of
these stands by itself: eggs that came a moment before are looked at once). rbuildout reads
what the distributions need, chooses, makes eggs and scripts; uv and pip are told not to look (`--no-deps`), which is less
work. zc.buildout runs once, cold, with `--with-buildout`. `--growth` measures 10 to 400 small distributions too.

Wall time of whole processes; the least of the runs, which is the one that the rest of the machine disturbed least. Memory
is the greatest resident memory of the process as GNU time has it, or the kernel's figure with this script's own in it.
Only the standard library is used.
"""
import argparse
import base64
import hashlib
import html
import http.server
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
import venv
import zipfile

# What a running zc.buildout holds, and recipes need; a site's own list may lack it.
OWN = [("setuptools", "80.9.0"), ("zc.buildout", "6.0.1"), ("zc.recipe.egg", "6.0.0"), ("pip", "25.3"),
       ("wheel", "0.45.1"), ("packaging", "26.3"), ("platformdirs", "4.14.7")]

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIGHER = "/usr/bin/time" if sys.platform == "linux" and os.access("/usr/bin/time", os.X_OK) else None


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass


class Listener(http.server.ThreadingHTTPServer):
    # With the usual five, connections of whoever asks much at once are refused, and come a second later.
    request_queue_size = 128


class Server:
    """An index of a directory of wheels."""

    def __init__(self, wheels, directory):
        self.lay_out(wheels, directory)

        def handler(*arguments):
            return Handler(*arguments, directory=directory)
        self.server = Listener(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple/"

    @staticmethod
    def lay_out(wheels, directory):
        shutil.rmtree(directory, ignore_errors=True)
        files = os.path.join(directory, "files")
        os.makedirs(files)
        pages = {}
        for name in sorted(os.listdir(wheels)):
            path = os.path.join(wheels, name)
            os.link(path, os.path.join(files, name))
            with open(path, "rb") as archive:
                digest = hashlib.sha256(archive.read()).hexdigest()
            with zipfile.ZipFile(path) as archive:
                metadata = next(n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
                text = archive.read(metadata)
            with open(os.path.join(files, name + ".metadata"), "wb") as out:
                out.write(text)
            told = hashlib.sha256(text).hexdigest()
            link = (f'<a href="../../files/{html.escape(name)}#sha256={digest}" '
                    f'data-core-metadata="sha256={told}">{html.escape(name)}</a><br>')
            pages.setdefault(canonical(name.split("-")[0]), []).append(link)
        for project, links in pages.items():
            os.makedirs(os.path.join(directory, "simple", project))
            with open(os.path.join(directory, "simple", project, "index.html"), "w") as out:
                out.write("<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>")
        with open(os.path.join(directory, "simple", "index.html"), "w") as out:
            out.write("<!DOCTYPE html><html><body>" + "\n".join(
                f'<a href="{project}/">{project}</a>' for project in pages) + "</body></html>")


class Measured:
    """What the runs of one program took."""

    def __init__(self):
        self.seconds = {}
        self.busy = {}
        self.memory = {}

    def note(self, kind, seconds, busy, memory):
        self.seconds.setdefault(kind, []).append(seconds)
        self.busy.setdefault(kind, []).append(busy)
        self.memory.setdefault(kind, []).append(memory)


def run(command, directory, environment, measured=None, kind=None):
    """Runs a program; what it says is kept in case it fails."""
    output = os.path.join(directory, "output.txt")
    weight = os.path.join(directory, "weight.txt")
    if WEIGHER:
        command = [WEIGHER, "-f", "%M", "-o", weight] + command
    with open(output, "wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        with open(output, errors="replace") as said:
            sys.exit(f"{' '.join(command)} ended with status {process.returncode}:\n{said.read()[-3000:]}")
    if WEIGHER:
        with open(weight) as text:
            memory = int(text.read().split()[-1]) / 1024
    else:
        memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    if measured is not None:
        measured.note(kind, seconds, usage.ru_utime + usage.ru_stime, memory)


class Program:
    def __init__(self, name, directory, environment):
        self.name = name
        self.directory = directory
        self.environment = environment
        self.measured = Measured()
        os.makedirs(directory, exist_ok=True)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def remove(self, *names):
        for name in names:
            path = self.path(name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.remove(path)

    def round(self):
        self.forget()
        self.clear()
        self.take("cold")
        self.clear()
        self.take("warm")
        # The first has to look at eggs that nobody has looked at since they came.
        self.take("first no-op")
        for _ in range(3):
            self.take("no-op")

    def take(self, kind):
        run(self.command(), self.directory, self.environment, self.measured, kind)


CONFIGURATION = """\
[buildout]
parts = all
eggs-directory = {eggs}
index = {index}

[versions]
{versions}

[all]
recipe = zc.recipe.egg
interpreter = python
eggs =
{names}
"""


class Buildout(Program):
    """rbuildout or zc.buildout."""

    def __init__(self, name, directory, environment, command, index, pins):
        super().__init__(name, directory, environment)
        self.words = command
        with open(self.path("buildout.cfg"), "w") as out:
            out.write(CONFIGURATION.format(
                eggs=self.path("eggs"), index=index,
                versions="\n".join(f"{name} = {version}" for name, version in pins),
                names="\n".join(f"    {name}" for name, _ in pins)))

    def command(self):
        return self.words

    def forget(self):
        self.remove("cache")

    def clear(self):
        self.remove("eggs", "bin", "parts", "develop-eggs", ".installed.cfg")


class Uv(Program):
    def __init__(self, name, directory, environment, program, python, index, pins, more):
        super().__init__(name, directory, environment)
        self.program, self.python, self.index, self.more = program, python, index, more
        write_requirements(self.path("pins.txt"), pins)

    def command(self):
        return [self.program, "pip", "install", "--python", self.path("venv", "bin", "python"), "--no-deps",
                "--index-url", self.index, "-r", "pins.txt"] + self.more

    def forget(self):
        self.remove("cache")

    def clear(self):
        self.remove("venv")
        run([self.python, "-m", "venv", "--without-pip", "venv"], self.directory, self.environment)


class Pip(Uv):
    def command(self):
        return [self.program, "-m", "pip", "--python", self.path("venv", "bin", "python"), "install", "--no-deps",
                "--disable-pip-version-check", "--no-input", "--index-url", self.index, "-r", "pins.txt"] + self.more


def write_requirements(path, pins):
    with open(path, "w") as out:
        out.writelines(f"{name}=={version}\n" for name, version in pins)


def small_wheels(directory, count):
    """Wheels of ten modules each; each needs the one before it."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    pins = []
    for at in range(count):
        name = f"bench_{at:03d}"
        pins.append((name, "1.0"))
        info = f"{name}-1.0.dist-info"
        need = f"Requires-Dist: bench_{at - 1:03d}\n" if at else ""
        files = {f"{name}/__init__.py": ""}
        files.update({f"{name}/module_{n}.py": f"def function_{n}(x):\n    return x + {n}\n" for n in range(10)})
        files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{need}"
        files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name} = {name}.module_1:function_1\n"
        files[f"{info}/top_level.txt"] = f"{name}\n"
        record = ""
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(text)}\n"
        files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
        with zipfile.ZipFile(os.path.join(directory, f"{name}-1.0-py3-none-any.whl"), "w", zipfile.ZIP_DEFLATED) as out:
            for path, text in files.items():
                out.writestr(path, text)
    return pins


def shown(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def table(programs):
    print("| | cold | warm | first no-op | no-op | processor cold, warm, no-op | memory |")
    print("|---|---|---|---|---|---|---|")
    for program in programs:
        told = program.measured
        kinds = ["cold", "warm", "no-op"]
        columns = ["cold", "warm", "first no-op", "no-op"]
        cells = [shown(min(told.seconds[kind])) if kind in told.seconds else "" for kind in columns]
        busy = ", ".join(shown(min(told.busy[kind])) for kind in kinds if kind in told.busy)
        memory = max(max(values) for values in told.memory.values())
        print(f"| {program.name} | {' | '.join(cells)} | {busy} | {memory:.0f} MB |", flush=True)
    print()


def ratio(a, b, kind):
    return min(a.measured.seconds[kind]) / min(b.measured.seconds[kind])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True)
    parser.add_argument("--pins", required=True)
    parser.add_argument("--rbuildout", default=os.path.join(REPOSITORY, "target", "release", "rbuildout"))
    parser.add_argument("--uv")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--with-buildout", action="store_true")
    parser.add_argument("--growth", action="store_true")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    os.makedirs(work, exist_ok=True)
    with open(arguments.pins) as lines:
        pins = [tuple(line.split()[:2]) for line in lines if line.strip()]
    there = {canonical(name) for name, _ in pins}
    pins += [(name, version) for name, version in OWN if canonical(name) not in there]

    tools = os.path.join(work, "tools")
    python = os.path.join(tools, "bin", "python")
    if not os.path.exists(python):
        venv.create(tools, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "zc.buildout==6.0.1", "zc.recipe.egg==6.0.0", "uv"], check=True)
    bare = os.path.join(work, "bare")
    if not os.path.exists(bare):
        venv.create(bare)
    wheels = os.path.join(work, "wheels")
    if not os.path.isdir(wheels):
        write_requirements(os.path.join(work, "pins.txt"), pins)
        made = wheels + "-new"
        subprocess.run([python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", made,
                        "-r", os.path.join(work, "pins.txt")], check=True)
        os.rename(made, wheels)

    plain = {name: value for name, value in os.environ.items()
             if not name.startswith(("PIP_", "UV_", "RBUILDOUT_")) and not name.lower().endswith("_proxy")}

    def environment(directory, **more):
        made = dict(plain, HOME=os.path.join(work, directory), RBUILDOUT_CACHE_DIR=os.path.join(work, directory, "cache"),
                    UV_CACHE_DIR=os.path.join(work, directory, "cache"), PIP_CACHE_DIR=os.path.join(work, directory, "cache"))
        made.update(more)
        return made

    def rbuildout(name, directory, index, pins, **more):
        command = [arguments.rbuildout, "--python", os.path.join(bare, "bin", "python")]
        return Buildout(name, os.path.join(work, directory), environment(directory, **more), command, index, pins)

    server = Server(wheels, os.path.join(work, "index"))
    uv = arguments.uv or os.path.join(tools, "bin", "uv")
    ours = rbuildout("rbuildout", "ours", server.url, pins)
    linked = rbuildout("rbuildout, hard links", "linked", server.url, pins, RBUILDOUT_LINK_MODE="hardlink")
    theirs = Uv("uv", os.path.join(work, "uv"), environment("uv"), uv, python, server.url, pins, ["--compile-bytecode"])
    raw = Uv("uv, nothing compiled", os.path.join(work, "uv-raw"), environment("uv-raw"), uv, python, server.url, pins, [])
    copied = Uv("uv, copies", os.path.join(work, "uv-copy"), environment("uv-copy"), uv, python, server.url, pins,
                ["--compile-bytecode", "--link-mode", "copy"])
    pip = Pip("pip", os.path.join(work, "pip"), environment("pip"), python, python, server.url, pins, [])
    programs = [ours, linked, theirs, copied, raw, pip]
    before = os.getloadavg()[0]
    for at in range(arguments.runs):
        for program in programs:
            # pip takes long; once tells enough.
            if program is not pip or at == 0:
                program.round()
    print(f"{len(pins)} distributions, Python {platform.python_version()}, {os.cpu_count()} processors, "
          f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after, {arguments.runs} runs\n")
    if arguments.with_buildout:
        old = Buildout("zc.buildout", os.path.join(work, "old"),
                       environment("old", PIP_INDEX_URL=server.url), [os.path.join(tools, "bin", "buildout"), "-N"],
                       server.url, pins)
        old.forget()
        old.clear()
        old.take("cold")
        old.take("no-op")
        programs.append(old)
    table(programs)
    for other in programs[1:]:
        for kind in other.measured.seconds:
            print(f"- {kind}: rbuildout takes {ratio(ours, other, kind):.2f} of {other.name}")
    print()
    if arguments.growth:
        grow(rbuildout, work, arguments.runs)


def grow(rbuildout, work, runs):
    wheels = os.path.join(work, "small")
    all_pins = small_wheels(wheels, 400)
    server = Server(wheels, os.path.join(work, "small-index"))
    sizes = []
    for count in (10, 50, 100, 200, 400):
        program = rbuildout(f"{count} small distributions", "growth", server.url, all_pins[:count])
        for _ in range(runs):
            program.round()
        sizes.append(program)
    table(sizes)


if __name__ == "__main__":
    main()
