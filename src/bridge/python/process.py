"""What Python code changes of its process and of easy_install, told to rbuildout.

In zc.buildout all of it is one process. Here rbuildout builds eggs and runs native parts in the place of this one, so it
has to know of `os.environ`, the umask, the settings of `Installer`, and of functions that somebody has put in the place of
zc.buildout's own: where that is so, eggs are a matter of Python. zc.buildout: easy_install.py, `Installer`.
"""
import os
import sys

CLASS_SETTINGS = (
    '_versions', '_prefer_final', '_allow_picked_versions', '_use_dependency_links', '_store_required_by',
)


class Process(object):

    def __init__(self, library):
        self._library = library
        self._environment = _environment()
        self._umask = _umask()
        self._installer = None
        self._opener = _opener()
        self._patched = []

    def news(self):
        """What has changed since it was last told."""
        news = {}
        now = _environment()
        if now != self._environment:
            changed = dict((name, value) for name, value in now.items() if self._environment.get(name) != value)
            changed.update((name, None) for name in self._environment if name not in now)
            news['env'] = changed
            self._environment = now
        now = _umask()
        if now != self._umask:
            news['umask'] = self._umask = now
        module = self._library.loaded('zc.buildout.easy_install')
        if module is not None:
            now = dict((name, getattr(module.Installer, name, None)) for name in CLASS_SETTINGS)
            now['_versions'] = _texts(now['_versions'])
            if self._installer is None:
                settings = self._library.settings
                self._installer = dict((name, settings.get(name, now[name])) for name in CLASS_SETTINGS)
                self._installer['_versions'] = _texts(self._installer['_versions'])
            changed = dict(
                (name, value) for name, value in now.items() if value is not None and value != self._installer[name])
            if changed:
                news['installer'] = changed
                self._installer = now
        now = self.patched()
        if now != self._patched:
            news['patched'] = self._patched = now
        return news

    def patched(self):
        """Names of what is not zc.buildout's own any more."""
        names = self._library.patched()
        if _opener() is not self._opener:
            names.append('urllib.request.install_opener')
        return names


def _texts(versions):
    return dict((str(name), value) for name, value in dict(versions or {}).items() if isinstance(value, str))


def _environment():
    """Without what can't be told: names and values that are no text."""
    told = {}
    for name, value in os.environ.items():
        try:
            if isinstance(value, bytes):
                name.decode('utf-8'), value.decode('utf-8')
            else:
                name.encode('utf-8'), value.encode('utf-8')
        except UnicodeError:
            continue
        told[name] = value
    return told


def _umask():
    # There is no other way to ask; a thread that makes a file just now makes it private.
    now = os.umask(0o077)
    os.umask(now)
    return now


def _opener():
    """What urllib opens addresses with, if somebody has said so."""
    module = sys.modules.get('urllib.request') or sys.modules.get('urllib2')
    return getattr(module, '_opener', None)
