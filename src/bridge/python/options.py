"""`buildout` and `options`: what a recipe is given.

A full copy of the configuration in ordinary dicts. Reading and writing an option never leaves this process; a section
that nobody has asked for yet is asked from rbuildout, which starts its recipe, here or natively. With each message go
the changes since this side last spoke. zc.buildout: buildout.py, `Buildout`, `Options`.
"""
import copy
import logging
import os
import re
import shutil
import sys
import types

try:
    from collections.abc import MutableMapping
except ImportError:
    # What zc.buildout has under Python 2: recipes of that time use its `has_key`.
    from UserDict import DictMixin as MutableMapping

from .errors import MissingOption, UserError

_reference = re.compile(r'\$\{([^}]*)\}')
_name = re.compile('[-a-zA-Z0-9 ._]+$').match


def _borrowed(thing, cls, name):
    """An attribute that zc.buildout's own class has, or that somebody has given to it; where nobody has read it, none."""
    module = sys.modules.get('zc.buildout.buildout')
    real = vars(vars(module)[cls]).get(name) if module is not None and cls in vars(module) else None
    if real is None or name.startswith('__'):
        raise AttributeError('%r object has no attribute %r' % (cls, name))
    if isinstance(real, types.FunctionType):
        return types.MethodType(real, thing)
    return real


class Options(MutableMapping, object):
    """The options of one section."""

    def __init__(self, buildout, section, data):
        self.buildout = buildout
        self.name = section
        self._raw = data
        self._cooked = {}
        self._data = {}

    def get(self, option, default=None, seen=None):
        if option in self._data:
            return self._data[option]
        value = self._cooked.get(option)
        if value is None:
            value = self._raw.get(option)
        if value is None:
            return default
        __doing__ = 'Getting option %s:%s.', self.name, option
        if '${' in value:
            here = (self.name, option)
            seen = [] if seen is None else seen
            if here in seen:
                raise UserError('Circular reference in substitutions.\n')
            seen.append(here)
            value = '$$'.join([self._sub(piece, seen) for piece in value.split('$$')])
            seen.pop()
        self._data[option] = value
        return value

    def _sub(self, template, seen):
        """A text with its references replaced."""
        return _reference.sub(lambda found: self._resolve(found, seen), template)

    def _resolve(self, found, seen):
        reference, names = found.group(0), found.group(1).split(':')
        if len(names) < 2:
            raise UserError("The substitution, %s,\ndoesn't contain a colon." % reference)
        if len(names) > 2:
            raise UserError('The substitution, %s,\nhas too many colons.' % reference)
        section, option = names
        if section and not _name(section):
            raise UserError('The section name in substitution, %s,\nhas invalid characters.' % reference)
        if not _name(option):
            raise UserError('The option name in substitution, %s,\nhas invalid characters.' % reference)
        section = section or self.name
        value = self.buildout[section].get(option, None, seen)
        if value is None:
            if option != '_buildout_section_name_':
                raise MissingOption('Referenced option does not exist:', section, option)
            value = self.name
        return value

    def __getitem__(self, option):
        value = self.get(option)
        if value is None:
            raise MissingOption('Missing option: %s:%s' % (self.name, option))
        return value

    def __setitem__(self, option, value):
        if not isinstance(value, str):
            raise TypeError('Option values must be strings', value)
        self._data[option] = value

    def __delitem__(self, option):
        if option in self._raw:
            del self._raw[option]
            self._data.pop(option, None)
            self._cooked.pop(option, None)
        elif option in self._data:
            del self._data[option]
        else:
            raise KeyError(option)

    def keys(self):
        return list(self._raw) + [option for option in self._data if option not in self._raw]

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def copy(self):
        result = copy.deepcopy(self._raw)
        result.update(self._cooked)
        result.update(self._data)
        return result

    def __repr__(self):
        return repr(dict(self))

    def __getattr__(self, name):
        return _borrowed(self, 'Options', name)

    def _call(self, method):
        """Runs install or update: in the buildout's directory; what was created goes if it fails."""
        directory = self.buildout['buildout']['directory']
        self._created = []
        try:
            try:
                os.chdir(directory)
                return method()
            except Exception:
                for path in self._created:
                    if os.path.isdir(path):
                        shutil.rmtree(path)
                    elif os.path.isfile(path):
                        os.remove(path)
                    else:
                        self.buildout._logger.warning("Couldn't clean up %r.", path)
                raise
        finally:
            self._created = None
            os.chdir(directory)

    def created(self, *paths):
        try:
            self._created.extend(paths)
        except AttributeError:
            raise TypeError('Attempt to register a created path while not installing', self.name)
        return self._created


class Buildout(MutableMapping, object):
    """All sections."""

    Options = Options

    def __init__(self, ask, mentions):
        self._ask = ask
        self._mentions = mentions
        self._raw = {}
        self._data = {}
        self._parts = []
        self._logger = logging.getLogger('zc.buildout')
        self._log_level = logging.INFO
        self.newest = True
        self.offline = False
        self._links = ()
        self._allow_hosts = ('*',)
        self._buildout_dir = ''
        self._told = None

    def configure(self, fields):
        """What zc.buildout keeps as attributes."""
        options = self['buildout']
        self.newest = fields['newest']
        self.offline = fields['offline']
        self._log_level = fields['log']['level']
        self._buildout_dir = options['directory']
        self._links = fields['links']
        self._allow_hosts = tuple(fields['allow_hosts'])
        self.show_picked_versions = options.get('show-picked-versions') == 'true'
        self.update_versions_file = options.get('update-versions-file')
        self._told = self._attributes()

    def _attributes(self):
        return {
            'show_picked_versions': bool(self.show_picked_versions),
            'update_versions_file': str(self.update_versions_file or ''),
        }

    def _listing(self):
        """What an extension wants to be told of picked versions, where it is not what the configuration says."""
        if self._told is None:
            return {}
        now = self._attributes()
        return dict((name, value) for name, value in now.items() if value != self._told[name])

    def __getitem__(self, section):
        if section not in self._data:
            self._ask('section', name=section)
        return self._data[section]

    def __setitem__(self, section, data):
        if section in self._raw:
            raise KeyError('Section already exists', section)
        self._raw[section] = dict((option, str(value)) for option, value in data.items())
        self[section]

    def __delitem__(self, section):
        raise NotImplementedError('__delitem__')

    def keys(self):
        return list(self._raw)

    def __iter__(self):
        return iter(list(self._raw))

    def __len__(self):
        return len(self._raw)

    def __getattr__(self, name):
        # The rest is the real one's: `parse`, `annotate`, `_buildout_path`, ...
        # What recipes hang on it themselves is no reason to import so much.
        if not name.startswith('__') and self.__dict__['_mentions']('zc.buildout.buildout', name):
            import zc.buildout.buildout
            if name == '_annotated':
                return self._as_annotated(zc.buildout.buildout)
            # That reads it.
            zc.buildout.buildout.Buildout
        return _borrowed(self, 'Buildout', name)

    def _as_annotated(self, module):
        """Sections with where their values come from, which is not known here."""
        pair = getattr(module, 'SectionKey', None) or (lambda *both: both)
        return dict(
            (section, dict((option, pair(value, '')) for option, value in options.items()))
            for section, options in self._raw.items())


LAYERS = (('r', '_raw'), ('c', '_cooked'), ('d', '_data'))


class Replica(object):
    """What the other side knows of the shared state."""

    def __init__(self, buildout, process):
        self._buildout = buildout
        self._process = process
        self._raw = {}
        self._sections = {}
        self._listing = buildout._listing()

    def news(self):
        """The changes since the last message of either side."""
        news = self._process.news()
        listing = self._buildout._listing()
        if listing != self._listing:
            news['listing'] = dict(
                (name, value) for name, value in listing.items() if value != self._listing.get(name))
            self._listing = listing
        changes = self._changes()
        if changes:
            news['d'] = changes
        return news

    def _changes(self):
        changes = []
        for section, data in self._buildout._raw.items():
            if section not in self._raw:
                changes.append([section, 'R', None, None])
                self._raw[section] = {}
            _compare(section, 'R', data, self._raw[section], changes)
        for section, options in self._buildout._data.items():
            known = self._sections.setdefault(section, {'r': {}, 'c': {}, 'd': {}})
            for layer, attribute in LAYERS:
                _compare(section, layer, getattr(options, attribute), known[layer], changes)
        for section in [section for section in self._raw if section not in self._buildout._raw]:
            changes.append([section, 'X', None, None])
            del self._raw[section]
        return changes

    def take(self, news):
        if not news:
            return
        buildout = self._buildout
        for section, layer, option, value in news.get('d', ()):
            if layer == 'R':
                places = [buildout._raw.setdefault(section, {}), self._raw.setdefault(section, {})]
            else:
                if section not in buildout._data:
                    # zc.buildout's two names for one dict, unless `<=` made a new one.
                    data = buildout._raw.get(section)
                    if data is None or '<' in data:
                        data = {}
                    buildout._data[section] = Options(buildout, section, data)
                    self._sections[section] = {'r': {}, 'c': {}, 'd': {}}
                if layer == 'O':
                    continue
                options = buildout._data[section]
                places = [getattr(options, dict(LAYERS)[layer]), self._sections[section][layer]]
            if option is None:
                continue
            for place in places:
                if value is None:
                    place.pop(option, None)
                else:
                    place[option] = value
        buildout._parts.extend(news.get('p', ()))


def _compare(section, layer, now, known, changes):
    if now == known:
        return
    for option, value in now.items():
        if known.get(option) != value:
            changes.append([section, layer, option, value])
    for option in known:
        if option not in now:
            changes.append([section, layer, option, None])
    known.clear()
    known.update(now)
