"""The host: starts recipes and runs them as rbuildout asks.

zc.buildout: buildout.py, `_install_and_load`, `Buildout.install`, `_uninstall_part`, `_setup_logging`.
"""
import logging
import os
import sys

from . import errors, library
from .channel import Channel
from .installer import activate, add_develop_eggs
from .kept import ATTRIBUTE, Kept
from .options import Buildout, Options, Replica

PROTOCOL = 1


class Host(object):

    def __init__(self, channel):
        self.errors = errors.Errors()
        self.channel = channel
        channel.server = self.answer
        self.library = library.install(self)
        self.buildout = Buildout(self.ask, self.library.mentions)
        setattr(self.buildout, ATTRIBUTE, Kept(self.ask, lambda: not self.library.process.patched()))
        channel.replica = Replica(self.buildout, self.library.process)
        self.debug = False
        # How the run ended.
        self.status = None

    def ask(self, method, **fields):
        answer = self.channel.ask(method, **fields)
        if 'err' in answer:
            self.errors.raise_(answer['err'])
        answer = answer['ok'] or {}
        if answer.get('activate'):
            activate(answer['activate'])
        return answer

    def answer(self, message):
        try:
            method = getattr(self, 'do_' + message['m'])
            return {'ok': method(message)}
        except BaseException as error:
            trace = sys.exc_info()[2]
            fields = self.errors.wire(error, trace)
            if self.debug and fields['kind'] not in ('exit', 'interrupt'):
                self.debug = False
                fields['debugged'] = True
                _post_mortem(_trail(message) + fields['doing'], error, trace)
            return {'err': fields}

    def do_init(self, message):
        if message['proto'] != PROTOCOL:
            raise RuntimeError('protocol %r' % message['proto'])
        sys.argv[:] = message['argv']
        self.debug = message['debug']
        self.library.settings = message['installer']
        self.library.functions = message['functions']
        if message['socket_timeout']:
            import socket
            socket.setdefaulttimeout(message['socket_timeout'])
        self.buildout.configure(message)
        _set_up_logging(message['log'])
        os.chdir(self.buildout._buildout_dir)
        add_develop_eggs(self.buildout['buildout']['develop-eggs-directory'])
        return {'proto': PROTOCOL, 'pid': os.getpid()}

    def do_extensions(self, message):
        """Calls extensions, when they are loaded or when they are unloaded."""
        activate(message['activate'])
        for point in message['objects']:
            _object(point)(self.buildout)
        return {}

    def do_develop(self, message):
        """The develop eggs are new. zc.buildout: buildout.py, `_update_sys_path`."""
        add_develop_eggs(self.buildout['buildout']['develop-eggs-directory'])
        return {}

    def do_install(self, message):
        """Python's own installer, for this process. zc.buildout: buildout.py, `_install_and_load`."""
        activate(message['activate'])
        import pkg_resources
        import zc.buildout.easy_install
        zc.buildout.easy_install.install(
            message['specs'], message['dest'], path=message['path'], working_set=pkg_resources.working_set,
            links=message['links'], index=message['index'], newest=message['newest'],
            allow_hosts=message['allow_hosts'])
        return {'entries': list(pkg_resources.working_set.entries)}

    def do_picked(self, message):
        """What Python's own installer has picked."""
        import zc.buildout.easy_install
        picked, required_by = zc.buildout.easy_install.get_picked_versions()
        if isinstance(picked, dict):
            picked = picked.items()
        return {
            'picked': dict(picked),
            'required_by': dict((name, sorted(requirers)) for name, requirers in required_by.items()),
        }

    def do_load(self, message):
        """`__init__` of a part's recipe."""
        activate(message['activate'])
        options = self.buildout._data[message['part']]
        recipe = _load(message, 'zc.buildout')
        options.recipe = recipe(self.buildout, message['part'], options)
        return {'update': hasattr(options.recipe, 'update'), 'own_get': 'get' in vars(options)}

    def do_get(self, message):
        """An option of a part whose recipe has put a `get` of its own into its options."""
        return {'value': self.buildout._data[message['part']].get(message['option'])}

    def do_call(self, message):
        """`install` or `update` of a part."""
        options = self.buildout._data[message['part']]
        paths = options._call(getattr(options.recipe, message['method']))
        if isinstance(paths, str):
            paths = [paths]
        elif paths is not None:
            paths = list(paths)
            # Python's own words for what is no path.
            '\n'.join(paths)
        return {'paths': paths}

    def do_uninstall(self, message):
        """The uninstaller of a recipe, if it has one that can be loaded."""
        activate(message['activate'])
        try:
            uninstall = _load(message, 'zc.buildout.uninstall')
            self.buildout._logger.info('Running uninstall recipe.')
            uninstall(message['part'], Options(self.buildout, message['part'], message['options']))
        except ImportError:
            pass
        return {}

    def do_bye(self, message):
        self.status = message['status'] or None
        return {}


def _load(message, group):
    """The object of an entry point."""
    __doing__ = 'Loading %s recipe entry %s:%s.', group, message['spec'], message['entry']
    if not message['object']:
        raise ImportError('Entry point %r not found' % ((group, message['entry']),))
    return _object(message['object'])


def _object(name):
    """`module:attributes`, imported."""
    module, _, attributes = name.partition(':')
    found = __import__(module, fromlist=['__name__'])
    for name in attributes.split('.') if attributes else ():
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise ImportError(str(error))
    return found


def _set_up_logging(settings):
    root = logging.getLogger()
    handler = logging.StreamHandler(sys.stdout)
    log_format = settings['format']
    if not log_format:
        # zc.buildout's own lines stand alone, those of others have their name in front.
        log_format = '%(name)s: %(message)s'
        own = logging.StreamHandler(sys.stdout)
        own.setFormatter(logging.Formatter('%(message)s'))
        logger = logging.getLogger('zc.buildout')
        logger.propagate = False
        logger.addHandler(own)
    handler.setFormatter(logging.Formatter(log_format))
    root.addHandler(handler)
    root.setLevel(settings['level'])


def _trail(message):
    """What rbuildout is doing while it asks."""
    part = message.get('part')
    if message['m'] == 'load':
        return ['Installing.', 'Getting section %s.' % part, 'Initializing section %s.' % part]
    if message['m'] == 'uninstall':
        return ['Uninstalling %s.' % part]
    if message['m'] == 'call':
        return ['%s %s.' % ('Updating' if message['method'] == 'update' else 'Installing', part)]
    return []


def _post_mortem(trail, error, trace):
    import pdb
    if trail:
        sys.stderr.write('While:\n')
        for doing in trail:
            sys.stderr.write('  %s\n' % doing)
    sys.stderr.write(errors.traceback_text(error, trace))
    sys.stderr.write('\nStarting pdb:\n')
    pdb.post_mortem(trace)


def _die_with(parent):
    """Linux ends this process when rbuildout is killed; elsewhere the next message finds nobody."""
    if sys.platform.startswith('linux'):
        try:
            import ctypes
            import signal
            ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
        except Exception:
            return
        if os.getppid() != parent:
            os._exit(1)


def main(read_fd, write_fd):
    _die_with(os.getppid())
    host = Host(Channel(read_fd, write_fd))
    try:
        host.channel.serve()
        # Extensions put functions of their own in the place of these two. A run that ends well does not call the first:
        # the scripts that call zc.buildout's `main` have looked it up before.
        if host.status is not None:
            sys.exit(host.status)
    except KeyboardInterrupt:
        # Between two requests: rbuildout has got the signal too.
        os._exit(130)
    finally:
        logging.shutdown()
