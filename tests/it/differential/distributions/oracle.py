# Runs zc.buildout on what mod.rs asks for, each time in a process forked off this one. stdin: a JSON object
# {"directory", "home", "arguments"} a line; stdout: {"status", "stdout", "stderr"} a line. pip installs wheels in a process
# forked off as well: starting one takes longer than all else.
import json
import logging
import os
import sys
import tempfile

# This one first: it wants to be the one that imports pip.
import zc.buildout.buildout
import zc.buildout.easy_install
import zc.recipe.egg

import pip._internal.cli.main
import pip._internal.commands.install
import pip._internal.operations.install.wheel

by_program = zc.buildout.easy_install.get_subprocess_output


def forked(work):
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        status = 1
        try:
            status = work() or 0
        except SystemExit as end:
            status = end.code or 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status if isinstance(status, int) else 1)
    _, status = os.waitpid(child, 0)
    texts = []
    for file in (out, err):
        file.seek(0)
        texts.append(file.read().decode('utf-8', 'replace'))
        file.close()
    return os.WEXITSTATUS(status), *texts


def by_fork(arguments, env):
    def install():
        root = logging.getLogger()
        for handler in list(root.handlers):
            root.removeHandler(handler)
        os.environ.update(env)
        return pip._internal.cli.main.main(arguments[3:])

    if not arguments[-1].endswith('.whl'):
        return by_program(arguments, env=env)
    status, out, err = forked(install)
    if status:
        return by_program(arguments, env=env)
    return out + err


def run(question):
    os.chdir(question['directory'])
    os.environ['HOME'] = question['home']
    os.environ.pop('BUILDOUT_HOME', None)
    sys.argv = ['buildout']
    zc.buildout.buildout.main(list(question['arguments']))


zc.buildout.easy_install.get_subprocess_output = by_fork
for line in sys.stdin:
    question = json.loads(line)
    status, out, err = forked(lambda: run(question))
    print(json.dumps({'status': status, 'stdout': out, 'stderr': err}), flush=True)
