"""What zc.buildouts of several generations make of the same small buildout: recorded, or compared with rbuildout.

    generations.py --record FOLDER ENVIRONMENT...
    generations.py --rbuildout FILE ENVIRONMENT...
    generations.py --rbuildout FILE --project DIRECTORY ENVIRONMENT...

ENVIRONMENT is a virtual environment with a zc.buildout and a zc.recipe.egg. The buildout is fixtures/generations, which
needs no index; its packages are wheels that are packed here. FOLDER gets a file for each environment, which
`cargo test generations` reads. Without --record both tools install from nothing in the same place, and what differs is
shown: files, standard output. With --project they do so in a copy of that directory, which may need the network.
Exit 1 if anything differs. Standard library only, Python 3.
"""
import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures', 'generations')
# Two runs of one compiler differ in them; RECORD and direct_url.json of eggs are meant to differ.
PASSED_OVER = re.compile(r'\.(pyc|pyo|so)$|/eggs/.*\.egg/.*/(RECORD|direct_url\.json)$|/__pycache__(/|$)')


def pack(packages, links):
    """Wheels from directories of their names."""
    os.makedirs(links)
    for name in sorted(os.listdir(packages)):
        top = os.path.join(packages, name)
        with zipfile.ZipFile(os.path.join(links, name), 'w') as wheel:
            for folder, names, files in os.walk(top):
                names.sort()
                for file in sorted(files):
                    path = os.path.join(folder, file)
                    with open(path, 'rb') as contents:
                        wheel.writestr(os.path.relpath(path, top), contents.read())


def lay_out(place, project):
    if os.path.exists(place):
        shutil.rmtree(place)
    if project:
        shutil.copytree(project, place)
        return
    os.makedirs(os.path.join(place, 'index'))
    shutil.copy(os.path.join(FIXTURE, 'buildout.cfg'), place)
    pack(os.path.join(FIXTURE, 'packages'), os.path.join(place, 'links'))


def run(command, place, **variables):
    return subprocess.run(
        command, cwd=place, env=dict(os.environ, **variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)


def files(place):
    """Path to text of all that was made."""
    found = {}
    for folder, names, entries in os.walk(place):
        names[:] = sorted(name for name in names if name not in ('links', 'index'))
        for entry in entries:
            path = os.path.join(folder, entry)
            shown = '/' + os.path.relpath(path, place)
            if not PASSED_OVER.search(shown):
                with open(path, 'rb') as contents:
                    found[shown[1:]] = contents.read().decode('latin-1')
    return found


def asked(environment):
    """Of an environment: the version of its Python, its platform, its zc.buildout and its setuptools."""
    question = (
        'import sys, sysconfig; print("%d.%d" % sys.version_info[:2]); print(sysconfig.get_platform())\n'
        'try:\n'
        '    from importlib.metadata import distributions\n'
        '    known = dict((d.metadata["Name"].replace("_", "."), d.version) for d in distributions())\n'
        'except ImportError:\n'
        '    import pkg_resources\n'
        '    known = dict((d.project_name, d.version) for d in pkg_resources.working_set)\n'
        'for name in ("zc.buildout", "setuptools"): print(known[name])\n')
    python = os.path.join(environment, 'bin', 'python')
    said = subprocess.run([python, '-W', 'ignore', '-c', question], stdout=subprocess.PIPE, universal_newlines=True)
    return said.stdout.split()


def record(environment, folder, place):
    python, platform, version, setuptools = asked(environment)
    lay_out(place, None)
    ran = run([os.path.join(environment, 'bin', 'buildout'), '-N'], place)
    if ran.returncode:
        sys.exit('%s\n%s: status %d' % (ran.stderr, environment, ran.returncode))

    def tokens(text):
        text = text.replace(os.path.realpath(place), '[ROOT]')
        text = text.replace(os.path.join(os.path.realpath(environment), 'bin', 'python'), '[PYTHON]')
        text = re.sub(r'(?m)^__buildout_signature__ = .*$', '__buildout_signature__ = [SIGNATURE]', text)
        text = text.replace('-py%s-%s' % (python, platform), '-py[PY]-[PLATFORM]')
        return text.replace('-py' + python, '-py[PY]')

    pieces = ['zc.buildout = %s\nsetuptools = %s\npython = %s\n' % (version, setuptools, python)]
    pieces.append('--- output\n' + tokens(ran.stdout))
    for path, text in sorted(files(place).items()):
        if path != 'buildout.cfg':
            pieces.append('--- %s\n%s' % (tokens(path), tokens(text)))
    name = os.path.join(folder, 'zc.buildout-%s-py%s.txt' % (version, python))
    with open(name, 'w') as out:
        out.write(''.join(piece if piece.endswith('\n') else piece + '\n' for piece in pieces))
    print('recorded: ' + name)


def compare(environment, program, project, place):
    ended, made = [], []
    python = os.path.join(environment, 'bin', 'python')
    for tool, command in (
            ('zc.buildout', [os.path.join(environment, 'bin', 'buildout'), '-N']), ('rbuildout', [program, '-N'])):
        lay_out(place, project)
        ran = run(command, place, RBUILDOUT_PYTHON=python)
        if ran.returncode:
            print('%s: status %d\n%s' % (tool, ran.returncode, ran.stderr[-2000:]))
        ended.append(ran)
        made.append(files(place))
    different = ended[0].returncode != ended[1].returncode
    said = [ran.stdout.splitlines() for ran in ended]
    for path in sorted(set(made[0]) | set(made[1])) + [None]:
        texts = said if path is None else [texts.get(path, '').splitlines() for texts in made]
        if path is not None and (path in made[0]) == (path in made[1]) and texts[0] == texts[1]:
            continue
        name = path or 'standard output'
        lines = list(difflib.unified_diff(texts[0], texts[1], 'zc.buildout: ' + name, 'rbuildout: ' + name, '', '', 1, ''))
        different |= bool(lines) or path is not None
        print('\n'.join(lines[:40]) if lines else '' if path is None else '%s: only one tool has it' % name)
    print('%s: %s' % (environment, 'different' if different else 'the same'))
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('environments', nargs='+')
    parser.add_argument('--record')
    parser.add_argument('--rbuildout')
    parser.add_argument('--project')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(os.path.realpath(folder), 'b')
        different = False
        for environment in options.environments:
            environment = os.path.abspath(environment)
            if options.record:
                record(environment, options.record, place)
            else:
                different |= compare(environment, os.path.abspath(options.rbuildout), options.project, place)
    sys.exit(1 if different else 0)


if __name__ == '__main__':
    main()
