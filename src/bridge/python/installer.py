"""`zc.buildout.easy_install.Installer` with rbuildout behind its `install`.

Where somebody has patched the class, its own code runs, as it does for what rbuildout declines. What `__init__` would
read of eggs directories and indexes is read when it is needed.
zc.buildout: easy_install.py, `Installer`, `install`, `working_set`.
"""
import os
import sys


class _Later(object):
    def __init__(self, make):
        self.make = make


def _later_property(name):
    def get(self):
        value = self.__dict__[name]
        if isinstance(value, _Later):
            value = self.__dict__[name] = value.make()
        return value

    def set_(self, value):
        self.__dict__[name] = value

    return property(get, set_)


def redirect(module, library):
    """Changes a freshly imported zc.buildout.easy_install."""
    cls = module.Installer
    for name, value in library.settings.items():
        if hasattr(cls, name) and value is not None:
            setattr(cls, name, value)
    if '_make_env' in cls.__dict__:
        make_env = cls._make_env
        cls._env = _later_property('_env')
        cls._make_env = lambda self: _Later(lambda: make_env(self))
        # A scan again means a scan of what was scanned.
        rescan = cls._env_rescan_dest
        cls._env_rescan_dest = lambda self: rescan(self)
    get_index = module._get_index
    cls._index = _later_property('_index')

    def made(*args, **kw):
        library.want_index()
        return get_index(*args, **kw)

    module._get_index = lambda *args, **kw: _Later(lambda: made(*args, **kw))
    original = cls.install

    def install(self, specs, working_set=None):
        if not library.process.patched():
            made = _ask(module, library, self, specs, working_set)
            if made is not None:
                return made
        return original(self, specs, working_set)

    cls.install = install


def functions(module):
    """What a patch would change, by name."""
    found = dict((name, value) for name, value in module.__dict__.items() if callable(value))
    installer = module.__dict__.get('Installer')
    if installer is not None:
        found.update(('Installer.' + name, value) for name, value in installer.__dict__.items() if callable(value))
    for name, value in (module.__dict__.get('UNPACKERS') or {}).items():
        # rbuildout installs wheels by itself.
        if name != '.whl':
            found['UNPACKERS:' + name] = value
    return found


def _ask(module, library, installer, specs, working_set):
    import pkg_resources
    running = working_set is not None and working_set is pkg_resources.working_set
    if working_set is not None and not running:
        return None
    own = list(module.buildout_and_setuptools_path) if hasattr(module, 'buildout_and_setuptools_path') else []
    path = list(getattr(installer, '_path', ()))
    if own and path[-len(own):] == own:
        path = path[:-len(own)]
    answer = library.channel.ask(
        'install',
        specs=[str(spec) for spec in specs],
        dest=installer._dest,
        links=list(installer._links),
        index=getattr(installer, '_index_url', None),
        path=path,
        newest=bool(installer._newest),
        versions=dict((k, v) for k, v in dict(installer._versions).items() if isinstance(v, str)),
        allow_hosts=list(installer._allow_hosts),
        check_picked=bool(getattr(installer, '_check_picked', True)),
        allow_unknown_extras=bool(getattr(installer, '_allow_unknown_extras', False)),
        prefer_final=bool(installer._prefer_final),
        allow_picked_versions=bool(installer._allow_picked_versions),
        use_dependency_links=bool(installer._use_dependency_links),
        download_cache=installer._download_cache,
        install_from_cache=bool(installer._install_from_cache),
        running=running,
    )
    if answer.get('declined'):
        return None
    if running:
        return working_set
    return library.eggs.working_set_of(answer['set'])


def add_develop_eggs(directory):
    """Develop eggs may bring finders of their own, in .pth files. zc.buildout: buildout.py, `_update_sys_path`."""
    if not os.path.isdir(directory):
        return
    import site
    before = list(sys.path)
    # The .pth files import from beside themselves.
    sys.path.append(directory)
    site.addsitedir(directory)
    new = [path for path in sys.path if path not in before]
    sys.path[:] = [path for path in sys.path if path in before]
    sys.path[0:0] = new


def activate(locations):
    """Puts eggs on sys.path, in front, in this order."""
    new = [location for location in locations if location not in sys.path]
    sys.path[0:0] = new
    sys.path_importer_cache.clear()
    pkg_resources = sys.modules.get('pkg_resources')
    if pkg_resources is not None:
        for location in new:
            if location not in pkg_resources.working_set.entries:
                pkg_resources.working_set.add_entry(location)
        for location in new:
            pkg_resources.fixup_namespace_packages(location)
