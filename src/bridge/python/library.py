"""The project's own zc.buildout, as a library, read when it is needed.

`zc.buildout` first gives only its `UserError`, which is all that many recipes want; the first other name that somebody
asks for runs the real module in its place. Exceptions are the host's in all of them, so that there is one class each.
"""
import logging
import sys
import types

from . import errors
from .installer import arrange, functions, redirect
from .process import Process
from .reading import read

OURS = ('zc.buildout', 'zc.buildout._package_index', 'zc.buildout.buildout', 'zc.buildout.download',
        'zc.buildout.easy_install', 'zc.buildout.patches', 'zc.buildout.rmtree')


def _zc_buildout(module):
    module.UserError = errors.UserError


def _buildout(module):
    module.MissingOption = errors.MissingOption
    module.MissingSection = errors.MissingSection


def _before(cls, first):
    """Has something done before the first object of a class is made."""
    original = cls.__init__

    def init(self, *args, **kw):
        cls.__init__ = original
        first()
        original(self, *args, **kw)

    cls.__init__ = init


def _quiet(run):
    """What these modules log as they are read is said before anybody has set up a log in zc.buildout."""
    def quiet(module):
        disabled = logging.root.manager.disable
        logging.disable(max(disabled, logging.INFO))
        try:
            run(module)
        finally:
            logging.disable(disabled)
    return quiet


class Light(types.ModuleType):
    """A module that becomes the real one at the first name that it lacks."""

    def __getattr__(self, name):
        if name.startswith('__') or not _library.wake():
            raise AttributeError('module %r has no attribute %r' % (self.__name__, name))
        return getattr(self, name)


class Library(object):
    """Finds and loads the modules that need care. Both protocols of importing: Python 2's and 3's."""

    def __init__(self):
        self.channel = None
        self.settings = {}
        self.process = Process(self)
        self._wake = None
        self._untouched = {}
        self._postponed = None
        self._state = 'asleep'

    def wake(self):
        """Runs the real zc/buildout/__init__.py; tells whether there is something new."""
        if self._state != 'asleep':
            return False
        module = sys.modules.get('zc.buildout')
        if module is None:
            __import__('zc.buildout')
            module = sys.modules['zc.buildout']
        if self._wake is None:
            return False
        self._state = 'waking'
        try:
            self._wake(module)
        except BaseException:
            self._state = 'asleep'
            raise
        self._state = 'awake'
        _zc_buildout(module)
        arrange()
        return True

    def postpone(self, patch):
        """Indexes are read by rbuildout; pip is wanted where Python has to, after all."""
        self._postponed = patch
        return lambda: None

    def want_index(self):
        """Python is about to read an index itself."""
        patch, self._postponed = self._postponed, None
        if patch is not None:
            patch()

    def loaded(self, name):
        """A module that was read to its end."""
        return sys.modules.get(name) if name in self._untouched else None

    def remember(self, module):
        """What a module is made of before anybody else has it."""
        self._untouched[module.__name__] = functions(module)

    def patched(self):
        """Names of what was exchanged since."""
        names = []
        for name, before in self._untouched.items():
            now = functions(sys.modules[name])
            if now != before:
                names += [name + '.' + each for each in before if now.get(each) is not before[each]]
                names += [name + '.' + each for each in now if each.startswith('UNPACKERS:') and each not in before]
        return sorted(names)

    def _finish(self, module):
        if module.__name__ == 'zc.buildout.buildout':
            _buildout(module)
        elif module.__name__ == 'zc.buildout.easy_install':
            redirect(module, self)
            arrange()
        elif module.__name__ == 'zc.buildout.download':
            self.remember(module)
        elif module.__name__ == 'zc.buildout._package_index':
            _before(module.PackageIndex, self.want_index)

    def _prepare(self, fullname):
        """Whether a module is ours to load."""
        if fullname == 'pkg_resources' or fullname.startswith('zc.buildout.'):
            try:
                self.wake()
            except ImportError:
                if fullname != 'pkg_resources':
                    raise
        return fullname in OURS

    # Python 3

    def find_spec(self, fullname, path=None, target=None):
        if not (fullname == 'pkg_resources' or fullname == 'zc.buildout' or fullname.startswith('zc.buildout.')):
            return None
        import importlib.machinery
        import importlib.util
        ours = self._prepare(fullname)
        if fullname == 'pkg_resources':
            # zc.buildout 6 brings its own copy and has put it in place by now.
            module = sys.modules.pop('pkg_resources', None)
            if module is None:
                return None
            return importlib.util.spec_from_loader(fullname, _There(module))
        if not ours:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.loader is None:
            return None
        spec.loader = _Loader(spec.loader, self)
        return spec

    def load(self, module, run):
        run = _quiet(run)
        if module.__name__ == 'zc.buildout':
            self._wake = run
            _zc_buildout(module)
        else:
            run(module)
            self._finish(module)

    # Python 2

    def find_module(self, fullname, path=None):
        return self if self._prepare(fullname) else None

    def load_module(self, fullname):
        import imp
        import os
        name = fullname.rsplit('.', 1)[1]
        parent = sys.modules[fullname.rsplit('.', 1)[0]]
        found = imp.find_module(name, list(parent.__path__))
        if fullname != 'zc.buildout':
            module = imp.load_module(fullname, *found)
            self._finish(module)
            return module
        directory = found[1]
        module = sys.modules[fullname] = Light(fullname)
        module.__path__ = [directory]
        module.__file__ = os.path.join(directory, '__init__.py')
        module.__package__ = fullname
        module.__loader__ = self

        def run(module):
            with open(module.__file__) as source:
                exec(compile(source.read(), module.__file__, 'exec'), module.__dict__)
        self.load(module, run)
        return module


class _Loader(object):

    def __init__(self, real, library):
        self._real = real
        self._library = library

    def create_module(self, spec):
        if spec.name == 'zc.buildout':
            return Light(spec.name)
        return None

    def exec_module(self, module):
        self._library.load(module, lambda module: read(module, self._real, self._library))

    def __getattr__(self, name):
        return getattr(self._real, name)


class _There(object):
    """Hands out a module that is there."""

    def __init__(self, module):
        self._module = module

    def create_module(self, spec):
        return self._module

    def exec_module(self, module):
        pass


_library = Library()


def install(channel):
    _library.channel = channel
    sys.meta_path.insert(0, _library)
    return _library
