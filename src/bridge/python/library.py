"""The project's own zc.buildout, as a library, read when it is needed.

Its three great modules first give only the names that many recipes want (`light.py`, `eggs.py`); the first other name that
somebody asks for runs the real module in its place. Exceptions are the host's in all of them, so that there is one class
each.
"""
import logging
import sys
import types

from . import errors
from .eggs import NAME as EASY_INSTALL
from .eggs import Eggs
from .installer import arrange, functions, redirect
from .light import NAMES, Light, offer, source
from .process import Process
from .reading import read

OURS = frozenset(NAMES) | frozenset((
    'zc.buildout._package_index', 'zc.buildout.download', 'zc.buildout.patches', 'zc.buildout.rmtree'))
# What zc.buildout changes when it is imported, which it always is there: it has to come first.
CHANGED = ('pkg_resources', 'setuptools', 'distutils')


def _before(cls, first):
    """Has something done before the first object of a class is made."""
    original = cls.__init__

    def init(self, *args, **kw):
        cls.__init__ = original
        first()
        original(self, *args, **kw)

    cls.__init__ = init


def _quietly(run, module):
    """What these modules log as they are read is said before anybody has set up a log in zc.buildout."""
    disabled = logging.root.manager.disable
    logging.disable(max(disabled, logging.INFO))
    try:
        run(module)
    finally:
        logging.disable(disabled)


class Library(object):
    """Finds and loads the modules that need care. Both protocols of importing: Python 2's and 3's."""

    def __init__(self):
        self.channel = None
        self.settings = {}
        # The functions of easy_install that rbuildout can stand for: those of the version that it knows.
        self.functions = ()
        self.process = Process(self)
        self.eggs = Eggs(self)
        # Light modules: how to run the real one.
        self._asleep = {}
        self._sources = {}
        self._originals = {}
        self._untouched = {}
        self._templates = []
        self._postponed = None

    # Light modules

    def is_asleep(self, name):
        return name in self._asleep

    def wake(self, name):
        """Runs the real module in the place of a light one; tells whether there is something new."""
        if name not in self._asleep:
            return False
        if name != 'zc.buildout':
            self.wake('zc.buildout')
        run = self._asleep.pop(name)
        try:
            self._run(sys.modules[name], run)
        except BaseException:
            self._asleep[name] = run
            raise
        if name != 'zc.buildout' and sys.version_info[0] > 2:
            sys.modules[name].__class__ = types.ModuleType
        return True

    def real(self, name):
        """The module itself."""
        __import__(name)
        self.wake(name)
        return sys.modules[name]

    def original(self, name, function):
        """A function as zc.buildout has it."""
        module = self.real(name)
        return self._originals.get(function) or getattr(module, function)

    def mentions(self, name, word):
        """Whether a module's source has a word in it. Where it can't be read, perhaps."""
        if name not in self._sources:
            __import__(name)
        text = self._sources.get(name)
        return not text or word.encode('utf-8') in text

    def _sleeping(self, module, path, run):
        """Makes a light module of an empty one."""
        name = module.__name__
        text = self._sources[name] = source(path)
        offer(module, text, self.eggs.offer() if name == EASY_INSTALL else ())
        self._asleep[name] = run

    def _run(self, module, run):
        _quietly(run, module)
        name = module.__name__
        if name == 'zc.buildout':
            module.UserError = errors.UserError
            arrange()
        elif name == 'zc.buildout.buildout':
            module.MissingOption = errors.MissingOption
            module.MissingSection = errors.MissingSection
        elif name == EASY_INSTALL:
            redirect(module, self)
            arrange()
            for function in ('sort_working_set', 'scripts'):
                if function in self.functions and function in module.__dict__:
                    self._originals[function] = module.__dict__[function]
                    setattr(module, function, getattr(self.eggs, function))
            self.remember(module)
        elif name == 'zc.buildout.download':
            self.remember(module)
        elif name == 'zc.buildout._package_index':
            _before(module.PackageIndex, self.want_index)

    # Indexes

    def postpone(self, patch):
        """Indexes are read by rbuildout; pip is wanted where Python has to, after all."""
        self._postponed = patch
        return lambda: None

    def want_index(self):
        """Python is about to read an index itself."""
        patch, self._postponed = self._postponed, None
        if patch is not None:
            patch()

    # What was exchanged

    def loaded(self, name):
        """A module that was read to its end."""
        return sys.modules.get(name) if name in self._untouched else None

    def remember(self, module):
        """What a module is made of before anybody else has it."""
        self._untouched[module.__name__] = functions(module)
        if module.__name__ == EASY_INSTALL:
            self._templates = _templates(module)

    def patched(self):
        """Names of what was exchanged since."""
        names = []
        for name, before in self._untouched.items():
            now = functions(sys.modules[name])
            if now != before:
                names += [name + '.' + each for each in before if now.get(each) is not before[each]]
                names += [name + '.' + each for each in now if each.startswith('UNPACKERS:') and each not in before]
        return sorted(names)

    def are_scripts_ours(self):
        """Whether scripts are what rbuildout makes them."""
        module = self.loaded(EASY_INSTALL)
        return 'scripts' in self.functions and not self.process.patched() and (
            module is None or _templates(module) == self._templates)

    # Importing

    def _prepare(self, fullname):
        """Whether a module is ours to load."""
        if fullname in CHANGED:
            try:
                __import__('zc.buildout')
                self.wake('zc.buildout')
            except ImportError:
                pass
        return fullname in OURS

    def _load(self, module, path, run):
        if module.__name__ in NAMES:
            self._sleeping(module, path, run)
        else:
            self._run(module, run)

    # Python 3

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in CHANGED and fullname != 'zc.buildout' and not fullname.startswith('zc.buildout.'):
            return None
        import importlib.machinery
        import importlib.util
        ours = self._prepare(fullname)
        if fullname in CHANGED:
            # zc.buildout may have imported it; zc.buildout 6 has put its own copy of pkg_resources in place.
            module = sys.modules.pop(fullname, None)
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

    # Python 2

    def find_module(self, fullname, path=None):
        ours = self._prepare(fullname)
        return self if ours or (fullname in CHANGED and fullname in sys.modules) else None

    def load_module(self, fullname):
        if fullname in sys.modules:
            return sys.modules[fullname]
        import imp
        import os
        parent, _, name = fullname.rpartition('.')

        def find():
            return imp.find_module(name, list(sys.modules[parent].__path__))

        def run(module):
            # In the module that is there, by that name.
            imp.load_module(fullname, *find())

        file, path, description = find()
        if file is not None:
            file.close()
        if fullname not in NAMES:
            run(None)
            self._run(sys.modules[fullname], lambda module: None)
            return sys.modules[fullname]
        module = sys.modules[fullname] = Light(fullname)
        module.__package__ = parent
        if description[2] == imp.PKG_DIRECTORY:
            module.__path__ = [path]
            module.__package__ = fullname
            path = os.path.join(path, '__init__.py')
        module.__file__ = path
        module.__loader__ = self
        self._load(module, path[:-1] if path.endswith(('.pyc', '.pyo')) else path, run)
        return module


def _templates(module):
    return [value for name, value in sorted(module.__dict__.items()) if (
        'template' in name or name in ('script_header', 'relative_paths_setup')) and isinstance(value, str)]


class _Loader(object):

    def __init__(self, real, library):
        self._real = real
        self._library = library

    def create_module(self, spec):
        return Light(spec.name) if spec.name in NAMES else None

    def exec_module(self, module):
        path = getattr(self._real, 'path', None)
        self._library._load(module, path, lambda module: read(module, self._real, self._library))

    def __getattr__(self, name):
        return getattr(self._real, name)


class _There(object):
    """Hands out a module that is there."""

    def __init__(self, module):
        self._module = module
        self._spec = getattr(module, '__spec__', None)

    def create_module(self, spec):
        return self._module

    def exec_module(self, module):
        module.__spec__ = self._spec


_library = Library()


def install(channel):
    _library.channel = channel
    Light.library = _library
    sys.meta_path.insert(0, _library)
    return _library
