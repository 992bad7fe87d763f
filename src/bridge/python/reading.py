"""Reading modules of zc.buildout without what most runs never need.

It is imported for a recipe that wants a few functions of it; pip, doctest and the look for its own eggs are half of what
that costs. Code that runs while a module is read sees other names here and there; afterwards all names are the module's own.
Python 3 alone. zc.buildout: easy_install.py, the end of `install`; patches.py, `patch_PackageIndex`; rmtree.py.
"""
import sys
import types


class _Names(object):
    """The names of a module while it is read, some exchanged on the way."""

    def __init__(self, module, exchange):
        self._names = module.__dict__
        self._exchange = exchange
        self.own = {}

    def __getitem__(self, name):
        return self._names[name]

    def __setitem__(self, name, value):
        if name in self._exchange:
            self.own[name] = value
            value = self._exchange[name](value)
        self._names[name] = value

    def __delitem__(self, name):
        del self._names[name]


class _Absent(types.ModuleType):
    """A module that is imported at the first look into it."""

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        __import__(self.__name__)
        return getattr(sys.modules[self.__name__], name)


def read(module, loader, library):
    """Runs a module's code."""
    exchange = {
        'zc.buildout.patches': {'patch_PackageIndex': library.postpone},
        'zc.buildout.easy_install': {'install': _at_hand},
    }.get(module.__name__, {})
    absent = 'doctest' if module.__name__ == 'zc.buildout.rmtree' and 'doctest' not in sys.modules else None
    code = loader.get_code(module.__name__) if exchange or absent else None
    if code is None:
        loader.exec_module(module)
        return
    names = _Names(module, exchange)
    if absent:
        sys.modules[absent] = _Absent(absent)
    try:
        exec(code, module.__dict__, names)
    finally:
        if absent:
            sys.modules.pop(absent, None)
    module.__dict__.update(names.own)


def _at_hand(install):
    """For `install(['zc.buildout'])`: what is active already."""
    def installed(specs, *args, **kw):
        import pkg_resources
        try:
            return pkg_resources.working_set.resolve(pkg_resources.parse_requirements(specs))
        except Exception:
            return install(specs, *args, **kw)
    return installed
