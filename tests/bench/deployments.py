"""A whole site by both tools in turn, in one directory: what they cost, and that neither undoes what the other did.

    deployments.py --rbuildout FILE --buildout FILE --python FILE DIRECTORY

DIRECTORY is a copy of a site's project folder, installed or not; FILE are the programs and the interpreter of the site.
Each round runs both with nothing to do, then `install PART`. Exit 1 if a run fails, or if one after the first installs or
uninstalls anything. `--warm` removes all but the eggs before the first run of each. Standard library only.
"""
import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import time

CHANGES = re.compile(r'(?m)^(Installing|Uninstalling) [^\'].*')
MADE = ('bin', 'parts', 'develop-eggs', '.installed.cfg')


def run(name, program, directory, arguments, environment):
    """One run: what it said, printed with its cost."""
    load = os.getloadavg()[0]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    done = subprocess.run(
        [program] + arguments, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.time() - start
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    changes = len(CHANGES.findall(done.stdout))
    print('%-12s %-24s %7.2f s wall %7.2f s processor, load %5.1f, %d installed or uninstalled' % (
        name, ' '.join(arguments), wall, processor, load, changes))
    if done.returncode:
        sys.exit('%s\n%s: status %d' % (done.stderr, name, done.returncode))
    return changes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('directory')
    parser.add_argument('--rbuildout', required=True)
    parser.add_argument('--buildout', required=True)
    parser.add_argument('--python', required=True)
    parser.add_argument('--part', default='supervisor')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--warm', action='store_true')
    options = parser.parse_args()
    environment = dict(os.environ, RBUILDOUT_PYTHON=os.path.abspath(options.python))
    programs = [('rbuildout', os.path.abspath(options.rbuildout)), ('zc.buildout', os.path.abspath(options.buildout))]
    for name, program in programs:
        if options.warm:
            for made in MADE:
                path = os.path.join(options.directory, made)
                if os.path.isdir(path):
                    shutil.rmtree(path)
                elif os.path.exists(path):
                    os.remove(path)
        run(name, program, options.directory, ['-N'], environment)
    undone = 0
    for _ in range(options.rounds):
        for arguments in (['-N'], ['-N', 'install', options.part]):
            for name, program in programs:
                undone += run(name, program, options.directory, arguments, environment)
    sys.exit('%d parts were installed anew or uninstalled' % undone if undone else 0)


if __name__ == '__main__':
    main()
