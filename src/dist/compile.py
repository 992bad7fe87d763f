# Run by compile.rs: compiles the .py files named in lists, each into a directory of its own.
# Arguments: number of the process that waits for it (once that is dead, nothing more is written), and any number of times
# these three: directory of the sources, directory to write to, file with one relative path a line (UTF-8).
# Must run on CPython 2.7 and 3.6 and later. What does not compile is left out, as pip leaves it out.
import io
import os
import py_compile
import sys

waiting = int(sys.argv[1])
# A wrapper may stand in between.
guarded = os.getppid() == waiting
options = {}
if sys.version_info >= (3, 7):
    options['invalidation_mode'] = py_compile.PycInvalidationMode.TIMESTAMP
if sys.version_info >= (3,):
    from importlib.util import cache_from_source
else:
    def cache_from_source(path):
        return path + 'c'

import warnings
warnings.simplefilter('ignore')


def compile_all(tree, out, names):
    with io.open(names, encoding='utf-8') as lines:
        names = lines.read().split('\n')
    for name in names:
        if not name:
            continue
        if guarded and os.getppid() != waiting or not os.path.isdir(out):
            sys.exit(1)
        if not isinstance(name, str):
            name = name.encode('utf-8')
        target = os.path.join(out, cache_from_source(name))
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            os.makedirs(folder)
        try:
            py_compile.compile(os.path.join(tree, name), cfile=target, dfile=name, doraise=True, **options)
        except Exception:
            if os.path.exists(target):
                os.remove(target)


jobs = sys.argv[2:]
while jobs:
    compile_all(*jobs[:3])
    del jobs[:3]
