"""Imported by build.py: notes what a build looks at, by which a later run knows that it would come out the same.

Files that are opened and directories that are listed, outside of the interpreter, the build environment and the build's own
place; variables of the environment, by hash. Where a build does what can't be followed here - other programs, the network,
the time - nothing is noted but that. CPython 3.8 and later.
"""
import hashlib
import os
import sys
import sysconfig
import tempfile

# Audit events of what can't be followed.
UNSURE = ('subprocess.', 'socket.', 'os.system', 'os.exec', 'os.fork', 'os.posix_spawn', 'os.spawn', 'os.startfile', 'pty.',
          'ftplib.', 'http.', 'urllib.', 'sqlite3.')
# What code of the project names if it does not come out the same every time.
CHANGING = frozenset(('time', 'datetime', 'date', 'strftime', 'random', 'uuid', 'secrets', 'urandom', 'getpid', 'gethostname'))
# Variables that rbuildout sets for builds itself.
OWN_VARIABLES = frozenset((
    'PYTHONPATH', 'PYTHONNOUSERSITE', 'PYTHONDONTWRITEBYTECODE', 'PIP_NO_INPUT', 'PYTHONHOME', 'PYTHONSTARTUP',
    'PYTHONOPTIMIZE'))


class Watch(object):

    def __init__(self, source, own, search_path):
        self.source = os.path.join(source, '')
        library = [sysconfig.get_path(name) for name in ('stdlib', 'platstdlib')]
        places = list(own) + library + [os.path.dirname(os.__file__), tempfile.gettempdir(), '/dev', '/proc', '/sys']
        self.own = tuple(set(
            os.path.join(place, '') for path in places if path for place in (path, os.path.realpath(path))))
        self.search_path = search_path
        self.files, self.directories, self.variables = {}, {}, {}
        self.set_here = set()
        self.unsure = None
        self.is_off = False

    def start(self):
        self._watch_environment()
        sys.addaudithook(self._hook)

    def told(self):
        """All of it, for the answer."""
        self.is_off = True
        if self.unsure is None and self._has_date():
            self.unsure = 'tag_date'
        # Whether a file is there can be asked without a trace.
        self.directories[self.source.rstrip(os.sep)] = True
        self.files.setdefault(os.path.join(os.path.expanduser('~'), '.pydistutils.cfg'), True)
        return {
            'unsure': self.unsure,
            # What was written before it was ever read: nothing depends on what it was.
            'read': sorted(path for path, is_read in self.files.items() if is_read),
            'written': sorted(path for path, is_read in self.files.items() if not is_read),
            'listed': sorted(self.directories),
            'variables': self.variables,
        }

    def add(self, told):
        """What a child of this process has seen."""
        self.unsure = self.unsure or told['unsure']
        self.files.update((path, True) for path in told['read'])
        for path in told['written']:
            self.files.setdefault(path, False)
        self.directories.update((path, True) for path in told['listed'])
        for name, value in told['variables'].items():
            self.variables.setdefault(name, value)

    def _hook(self, event, args):
        if self.is_off:
            return
        if event == 'open':
            path, mode, flags = args
            place = self._place(path)
            if place is not None and place not in self.files:
                writes = 'w' in mode or 'x' in mode if mode else bool(flags & (os.O_TRUNC | os.O_EXCL))
                self.files[place] = not writes
        elif event in ('os.rename', 'os.link', 'os.symlink'):
            # PKG-INFO is written under another name first.
            place = self._place(args[1])
            if place is not None:
                self.files.setdefault(place, False)
        elif event in ('os.listdir', 'os.scandir'):
            place = self._place('.' if args[0] is None else args[0])
            if place is not None:
                self.directories[place] = True
        elif event == 'exec':
            self._look_at(args[0])
        elif event.startswith(UNSURE) and self.unsure is None:
            self.unsure = event

    def _place(self, path):
        if isinstance(path, int):
            return None
        path = os.path.abspath(os.fsdecode(path))
        return None if self._is_own(path) else path

    def _is_own(self, path):
        path += os.sep
        return path.startswith(self.own) and not path.startswith(self.source)

    def _look_at(self, code):
        """Whether code of the project names what changes."""
        names = getattr(code, 'co_names', ())
        file = getattr(code, 'co_filename', '')
        if self.unsure is None and not file.startswith('<frozen ') and not self._is_own(file):
            found = sorted(CHANGING.intersection(names))
            if found:
                self.unsure = found[0]
            for constant in code.co_consts:
                if hasattr(constant, 'co_names'):
                    self._look_at(constant)

    def _has_date(self):
        """Whether setuptools was told to put the date into the version."""
        for name in ('setup.cfg', 'pyproject.toml'):
            try:
                with open(os.path.join(self.source, name), 'rb') as file:
                    text = file.read()
            except OSError:
                continue
            if b'tag_date' in text or b'tag-date' in text:
                return True
        return False

    def _watch_environment(self):
        cls = type(os.environ)
        get, put, iterate = cls.__getitem__, cls.__setitem__, cls.__iter__
        watch = self

        def __getitem__(self, name):
            watch._note_variable(name)
            return get(self, name)

        def __setitem__(self, name, value):
            watch._note_set(name)
            put(self, name, value)

        def __iter__(self):
            # Those that are not there count as well.
            if watch.unsure is None and not watch.is_off and not watch._is_substitution():
                watch.unsure = 'os.environ'
            return iterate(self)

        cls.__getitem__, cls.__setitem__, cls.__iter__ = __getitem__, __setitem__, __iter__

    def _is_substitution(self):
        """setuptools takes all variables along to replace the few that are named in its own paths."""
        frame = sys._getframe(2)
        for _ in range(3):
            if frame is None:
                break
            if frame.f_code.co_name == 'subst_vars' and self._is_own(frame.f_code.co_filename):
                return True
            frame = frame.f_back
        return False

    def _note_set(self, name):
        if not self.is_off:
            self.set_here.add(os.fsdecode(name))

    def _note_variable(self, name):
        if self.is_off or not isinstance(name, (str, bytes)):
            return
        name = os.fsdecode(name)
        if name in self.set_here or name in OWN_VARIABLES or name in self.variables or self._is_substitution():
            return
        value = os.environ._data.get(os.environ.encodekey(name))
        if name == 'PATH':
            value = os.fsencode(self.search_path)
        self.variables[name] = None if value is None else hashlib.sha256(os.fsencode(value)).hexdigest()
