"""Modules of zc.buildout that cost nothing to import.

Each offers a few names, which are all that most recipes want; the first other name that somebody asks for runs the real
module in its place. What a name means is the same in all versions that have it; a version whose source lacks it does not
get it. zc.buildout: __init__.py; buildout.py, `bool_option`; easy_install.py, `realpath`.
"""
import os
import sys
import types

from . import errors

# With zc.buildout they have been imported by the time recipes run, whether recipes do so or not.
BELOW = frozenset('zc.buildout.' + name for name in (
    'buildout', 'configparser', 'download', 'easy_install', 'patches', 'rmtree', 'utils'))
# Names that the import system sets while it makes a module, and `import` of a module below this one.
_plain = types.ModuleType.__setattr__


class Light(types.ModuleType):
    """A module that becomes the real one at the first name that it lacks."""

    # Who runs the real ones.
    library = None

    def __getattr__(self, name):
        if name.startswith('__') and name != '__all__':
            raise AttributeError('module %r has no attribute %r' % (self.__name__, name))
        below = '%s.%s' % (self.__name__, name)
        if below in BELOW:
            try:
                __import__(below)
                return sys.modules[below]
            except ImportError:
                pass
        if not self.library.wake(self.__name__):
            raise AttributeError('module %r has no attribute %r' % (self.__name__, name))
        return getattr(self, name)

    def __setattr__(self, name, value):
        is_below = isinstance(value, types.ModuleType) and value.__name__ == '%s.%s' % (self.__name__, name)
        if not name.startswith('__') and not is_below:
            self.library.wake(self.__name__)
        _plain(self, name, value)

    def __delattr__(self, name):
        self.library.wake(self.__name__)
        types.ModuleType.__delattr__(self, name)

    def __dir__(self):
        self.library.wake(self.__name__)
        return sorted(self.__dict__)


def bool_option(options, name, default=None):
    value = options.get(name, default)
    if value is None:
        raise KeyError(name)
    if value in ('true', True):
        return True
    if value in ('false', False):
        return False
    raise errors.UserError('Invalid value for %r option: %r' % (name, value))


def realpath(path):
    return os.path.normcase(os.path.abspath(os.path.realpath(path)))


# By module: the names, what they are here, and how the source begins to define them.
_zc_buildout = (
    ('UserError', errors.UserError, b'\nclass UserError('),
    ('WINDOWS', sys.platform.startswith('win'), b'\nWINDOWS ='),
)
_buildout = (
    ('MissingOption', errors.MissingOption, b'\nclass MissingOption('),
    ('MissingSection', errors.MissingSection, b'\nclass MissingSection('),
    ('bool_option', bool_option, b'\ndef bool_option('),
)
_easy_install = (
    ('realpath', realpath, b'\ndef realpath('),
)
NAMES = {
    'zc.buildout': _zc_buildout,
    'zc.buildout.buildout': _buildout,
    'zc.buildout.easy_install': _easy_install,
}


def offer(module, source, more=()):
    """Gives a light module its names."""
    for name, value, definition in NAMES[module.__name__] + tuple(more):
        if definition in source or name == 'UserError':
            module.__dict__[name] = value


def source(path):
    """The text of a module; empty where there is none to be read."""
    try:
        with open(path, 'rb') as file:
            return file.read()
    except (IOError, OSError, TypeError):
        return b''
