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
    if 'get_picked_versions' in module.__dict__:
        module.get_picked_versions = _with_ours(module, library, module.get_picked_versions)


def _with_ours(module, library, get_picked_versions):
    """What rbuildout has picked counts as picked here."""
    def picked():
        if not library.process.patched():
            answer = library.channel.ask('picked')['picked']
            module.Installer._picked_versions.update(answer['picked'])
            for name, requirers in answer['required_by'].items():
                module.Installer._required_by.setdefault(name, set()).update(requirers)
        return get_picked_versions()
    return picked


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
    new = [path for path in sys.path if path not in before and path != directory]
    if directory not in before:
        new.append(directory)
    sys.path[:] = [path for path in sys.path if path in before]
    sys.path[0:0] = new
    if 'pkg_resources' not in sys.modules:
        _not_active.extend(new)


def activate(activation):
    """Makes eggs active: they go in front of sys.path; in the working set they have an order of their own."""
    new = [location for location in activation['path'] if location not in sys.path]
    sys.path[0:0] = new
    sys.path.extend(location for location in activation['last'] if location not in sys.path)
    sys.path_importer_cache.clear()
    if activation['entries']:
        _entries[:] = activation['entries']
    arrange()
    if 'pkg_resources' in sys.modules:
        for location in new:
            sys.modules['pkg_resources'].fixup_namespace_packages(location)


# The order that rbuildout knows.
_entries = []
# What zc.buildout puts on sys.path when it has its working set already.
_not_active = []


def arrange():
    """Gives the working set its order, once there is one. pkg_resources: `WorkingSet.add`, `Distribution.insert_on`."""
    pkg_resources = sys.modules.get('pkg_resources')
    working_set = getattr(pkg_resources, 'working_set', None)
    if working_set is None:
        return
    while _not_active:
        _forget(pkg_resources, working_set, _not_active.pop())
    for location in _entries:
        if location not in working_set.entry_keys:
            working_set.add_entry(location)
    known = set(_entries)
    order = [[location] for location in _entries]
    place = 0
    for location in working_set.entries:
        if location in known:
            place = _entries.index(location)
        elif order:
            # What Python code has put there stays behind what it stands behind.
            order[place].append(location)
    if order:
        working_set.entries[:] = [location for locations in order for location in locations]


def _forget(pkg_resources, working_set, location):
    """As if a location had not been on sys.path when pkg_resources was imported."""
    if location not in working_set.entries or location in _entries:
        return
    working_set.entries.remove(location)
    keys = working_set.entry_keys.pop(location, ())
    for key in keys:
        if key in working_set.by_key and working_set.by_key[key].location == location:
            del working_set.by_key[key]
    for entry in working_set.entries if keys else ():
        for found in pkg_resources.find_distributions(entry, True):
            working_set.add(found, entry, False)
