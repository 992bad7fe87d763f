"""Working sets that rbuildout has made, as recipes see them.

Most recipes go through one for locations, versions and keys. That much is here; the first thing that somebody wants beyond
it turns the object into pkg_resources' own, in place. Where `isinstance` asks, it says to be that already.
pkg_resources: `WorkingSet`, `Distribution`.
"""
import os
import sys

# pkg_resources: EGG_DIST, DEVELOP_DIST.
PRECEDENCES = {'egg': 3, 'develop': -1}
# Past the property of this name.
_class = object.__dict__['__class__']


class _Seeming(object):
    """An object that says to be of a class of pkg_resources as soon as somebody can ask."""

    _real = None

    @property
    def __class__(self):
        return getattr(sys.modules.get('pkg_resources'), self._real, None) or type(self)

    def __reduce_ex__(self, protocol):
        become_real(self)
        return self.__reduce_ex__(protocol)


class Distribution(_Seeming):

    _real = 'Distribution'

    def __init__(self, location, project_name, version, metadata, kind):
        self.location = location
        self.project_name = project_name
        self.key = project_name.lower()
        self.version = version
        self.precedence = PRECEDENCES[kind]
        self._metadata = metadata
        self._told = (location, project_name, version, self.precedence)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        become_real(self)
        return getattr(self, name)

    def __str__(self):
        return '%s %s' % (self.project_name, self.version)

    def __deepcopy__(self, memo):
        return self._copy()

    def _copy(self):
        copied = object.__new__(Distribution)
        copied.__dict__.update(self.__dict__)
        return copied

    def _make(self, pkg_resources):
        location, _name, _version, precedence = self._told
        real = real_distribution(pkg_resources, location, self._metadata, precedence)
        # What somebody has changed since stays changed.
        for name, told in zip(('location', 'project_name', 'version', 'precedence'), self._told):
            if getattr(self, name) != told:
                setattr(real, '_version' if name == 'version' else name, getattr(self, name))
        return real


def _become_and(name):
    def method(self, *args):
        become_real(self)
        return getattr(self, name)(*args)
    method.__name__ = name
    return method


for _name in ('__eq__', '__ne__', '__lt__', '__le__', '__gt__', '__ge__', '__hash__', '__repr__'):
    setattr(Distribution, _name, _become_and(_name))


class WorkingSet(_Seeming):

    _real = 'WorkingSet'

    def __init__(self, ask, number, of_path):
        self._ask = ask
        # By which rbuildout knows it; whether it was made of a path, or of distributions one by one.
        self._number = number
        self._of_path = of_path

    def _fill(self):
        told = self._ask('set', set=self._number)
        self.entries = told['entries']
        self.entry_keys = dict((entry, keys) for entry, keys in told['keys'])
        self.by_key = {}
        for each in told['dists']:
            distribution = Distribution(*each)
            self.by_key[distribution.key] = distribution
        self.callbacks = []
        self._untouched = _snapshot(self)

    def __getattr__(self, name):
        if name in ('entries', 'entry_keys', 'by_key', 'callbacks'):
            self._fill()
        elif name.startswith('__') or name == '_untouched':
            raise AttributeError(name)
        else:
            become_real(self)
        return getattr(self, name)

    def __iter__(self):
        seen = set()
        for entry in self.entries:
            for key in self.entry_keys.get(entry, ()):
                if key not in seen:
                    seen.add(key)
                    yield self.by_key[key]

    def __contains__(self, distribution):
        here = self.by_key.get(distribution.key)
        return here is distribution or here == distribution

    def __deepcopy__(self, memo):
        copied = object.__new__(WorkingSet)
        copied.__dict__.update(self.__dict__)
        if 'by_key' in self.__dict__:
            copied.entries = list(self.entries)
            copied.entry_keys = dict((entry, list(keys)) for entry, keys in self.entry_keys.items())
            copied.by_key = dict((key, _copied(each, memo)) for key, each in self.by_key.items())
            copied.callbacks = list(self.callbacks)
            if number_of(self) is None:
                copied._number = None
            else:
                copied._untouched = _snapshot(copied)
        return copied

    def _make(self, pkg_resources):
        mine = self.by_key
        if self._of_path:
            real = pkg_resources.WorkingSet(self.entries)
        else:
            real = pkg_resources.WorkingSet([])
            for each in self:
                real.add(each._make(pkg_resources) if type(each) is Distribution else each)
        # Who has an object of this set in hand keeps it.
        for key, found in real.by_key.items():
            if key in mine and type(mine[key]) is Distribution:
                _take_over(mine[key], found)
        for name in ('entries', 'entry_keys', 'by_key', 'callbacks'):
            setattr(real, name, getattr(self, name))
        return real


def _copied(distribution, memo):
    if type(distribution) is Distribution:
        return distribution._copy()
    import copy
    return copy.deepcopy(distribution, memo)


def _snapshot(working_set):
    by_key = working_set.by_key
    return list(working_set.entries), dict((key, (id(each), each.location)) for key, each in by_key.items())


def number_of(working_set):
    """By which rbuildout knows a working set; None for one that it has not made, or that was changed since."""
    here = getattr(working_set, '__dict__', {})
    number = here.get('_number')
    if number is None or ('_untouched' in here and here['_untouched'] != _snapshot(working_set)):
        return None
    return number


def become_real(thing):
    """Turns an object into one of pkg_resources."""
    import pkg_resources
    if issubclass(type(thing), _Seeming):
        _take_over(thing, thing._make(pkg_resources))


_OURS = ('location', 'project_name', 'key', 'version', 'precedence', '_metadata', '_told', '_ask', '_of_path')


def _take_over(thing, real):
    before = thing.__dict__.copy()
    thing.__dict__.clear()
    thing.__dict__.update(real.__dict__)
    _class.__set__(thing, type(real))
    for name, value in before.items():
        # What somebody has hung on it stays.
        if name not in _OURS:
            thing.__dict__[name] = value


def real_distribution(pkg_resources, location, metadata, precedence):
    if os.path.isfile(location):
        # A zipped egg.
        for found in pkg_resources.find_distributions(location):
            return found
    basename = os.path.basename(metadata or location)
    if not basename.endswith(('.dist-info', '.egg-info')):
        basename = os.path.basename(location)
    if metadata and os.path.isfile(metadata):
        provider = pkg_resources.FileMetadata(metadata)
    else:
        provider = pkg_resources.PathMetadata(location, metadata or location)
    return pkg_resources.Distribution.from_location(location, basename, provider, precedence=precedence)
