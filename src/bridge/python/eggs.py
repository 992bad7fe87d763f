"""`install`, `working_set`, `sort_working_set` and `scripts` of zc.buildout.easy_install, answered by rbuildout.

They import nothing: what they give is in `sets.py`. What rbuildout can't do, and all where somebody has put functions of his
own in the place of zc.buildout's, is left to the real ones. zc.buildout: easy_install.py, the functions of these names.
"""
import errno
import logging
import os
import sys

from . import sets

NAME = 'zc.buildout.easy_install'
# How the source begins to define what is here.
DEFINITIONS = ('install', 'working_set', 'sort_working_set', 'scripts')


class Eggs(object):

    def __init__(self, library):
        self._library = library

    def offer(self):
        """For a light module: name, function, beginning of the definition."""
        return [(name, getattr(self, name), ('\ndef %s(' % name).encode('ascii')) for name in DEFINITIONS]

    def _ask(self, method, **fields):
        return self._library.channel.ask(method, **fields)

    def working_set_of(self, number, of_path=False):
        return sets.WorkingSet(self._ask, number, of_path)

    def install(self, specs, dest, links=(), index=None, executable=sys.executable, always_unzip=None, path=None,
                working_set=None, newest=True, versions=None, use_dependency_links=None, allow_hosts=('*',),
                include_site_packages=None, allowed_eggs_from_site_packages=None, check_picked=True,
                allow_unknown_extras=False):
        specs = list(specs)
        settings = self._library.settings
        is_plain = (
            working_set is None and include_site_packages is None and allowed_eggs_from_site_packages is None
            and executable == sys.executable and all(isinstance(spec, str) for spec in specs)
            and not settings.get('_install_from_cache') and self._library.is_asleep(NAME)
            and not self._library.process.patched())
        if is_plain:
            answer = self._ask(
                'install',
                specs=specs,
                dest=dest if dest is None else normalized(dest),
                links=_links(links, settings.get('_download_cache')),
                index=index or None,
                path=list(path or ()),
                newest=bool(newest) and dest is not None,
                versions=None if versions is None else _texts(versions),
                allow_hosts=list(allow_hosts),
                check_picked=bool(check_picked),
                allow_unknown_extras=bool(allow_unknown_extras),
                prefer_final=settings['_prefer_final'],
                allow_picked_versions=settings['_allow_picked_versions'],
                use_dependency_links=settings['_use_dependency_links'] if use_dependency_links is None else bool(
                    use_dependency_links),
                download_cache=settings.get('_download_cache'),
                install_from_cache=False,
                running=False)
            if not answer.get('declined'):
                return self.working_set_of(answer['set'])
        return self._library.real(NAME).install(
            specs, dest, links=links, index=index, executable=executable, always_unzip=always_unzip, path=path,
            working_set=working_set, newest=newest, versions=versions, use_dependency_links=use_dependency_links,
            allow_hosts=allow_hosts, include_site_packages=include_site_packages,
            allowed_eggs_from_site_packages=allowed_eggs_from_site_packages, check_picked=check_picked,
            allow_unknown_extras=allow_unknown_extras)

    def working_set(self, specs, executable, path=None, include_site_packages=None,
                    allowed_eggs_from_site_packages=None):
        if path is None:
            path, executable = executable, sys.executable
        return self.install(
            specs, None, executable=executable, path=path, include_site_packages=include_site_packages,
            allowed_eggs_from_site_packages=allowed_eggs_from_site_packages)

    def sort_working_set(self, ws, eggs_dir, develop_eggs_dir):
        number = sets.number_of(ws)
        if number is None or self._library.process.patched():
            return self._library.original(NAME, 'sort_working_set')(ws, eggs_dir, develop_eggs_dir)
        answer = self._ask('sort', set=number, eggs=eggs_dir, develop=develop_eggs_dir)
        return self.working_set_of(answer['set'], of_path=True)

    def scripts(self, reqs, working_set, executable, dest=None, scripts=None, extra_paths=(), arguments='',
                interpreter=None, initialization='', relative_paths=False):
        if not isinstance(reqs, str):
            reqs = list(reqs)
        number = sets.number_of(working_set)
        wanted = (reqs, dest, scripts, extra_paths, arguments, interpreter, initialization, relative_paths)
        if number is not None and executable == sys.executable and _is_plain(*wanted) and (
                self._library.are_scripts_ours()):
            answer = self._ask(
                'scripts', set=number, wanted=[[req] if isinstance(req, str) else list(req) for req in reqs], dest=dest,
                scripts=None if scripts is None else [list(pair) for pair in scripts.items()],
                extra_paths=list(extra_paths), arguments=arguments, interpreter=interpreter,
                initialization=initialization, relative_paths=relative_paths or None)
            if not answer.get('declined'):
                return _write(answer['made'])
        return self._library.original(NAME, 'scripts')(
            reqs, working_set, executable, dest, scripts=scripts, extra_paths=extra_paths, arguments=arguments,
            interpreter=interpreter, initialization=initialization, relative_paths=relative_paths)


def _is_plain(reqs, dest, scripts, extra_paths, arguments, interpreter, initialization, relative_paths):
    """Whether all of it is what a configuration can say: text."""
    def are_texts(values):
        return all(type(value) is str for value in values)
    return (
        isinstance(reqs, list) and all(type(req) is str or (
            type(req) in (tuple, list) and len(req) == 3 and are_texts(req)) for req in reqs)
        and type(dest) is str and (scripts is None or (
            isinstance(scripts, dict) and are_texts(scripts) and are_texts(scripts.values())))
        and not isinstance(extra_paths, str) and are_texts(extra_paths) and are_texts([arguments, initialization])
        and (interpreter is None or type(interpreter) is str)
        and (not relative_paths or type(relative_paths) is str))


def _write(made):
    """Writes scripts where they differ from what is there. zc.buildout: easy_install.py, `_create_script`, `_pyscript`."""
    logger = logging.getLogger(NAME)
    generated = []
    for kind, path, text in made:
        if kind == 'warning':
            logger.warning(text)
            continue
        if _differs(path, text):
            with open(path, 'w') as script:
                script.write(text)
            if kind == 'script':
                logger.info('Generated script %r.', path)
            _make_executable(path)
            if kind == 'interpreter':
                logger.info('Generated interpreter %r.', path)
        generated.append(path)
    return generated


def _differs(path, text):
    try:
        with open(path) as script:
            return script.read() != text
    except EnvironmentError as error:
        if error.errno != errno.ENOENT:
            raise
        return True


def _make_executable(path):
    umask = os.umask(0o022)
    os.umask(umask)
    try:
        os.chmod(path, 0o777 - umask)
    except (AttributeError, OSError):
        pass


def normalized(path):
    """pkg_resources: `normalize_path`."""
    return os.path.normcase(os.path.realpath(os.path.normpath(path)))


def _links(links, download_cache):
    """zc.buildout: easy_install.py, `Installer.__init__`, `_fix_file_links`."""
    fixed = []
    for link in links:
        if link.startswith('file://') and not link.endswith('/') and os.path.isdir(link[len('file://'):]):
            link += '/'
        fixed.append(link)
    if download_cache and download_cache not in fixed:
        fixed.insert(0, download_cache)
    return fixed


def _texts(versions):
    return dict((str(name), value) for name, value in dict(versions or {}).items() if isinstance(value, str))
