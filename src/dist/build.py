# Run by build.rs, with the interpreter of the buildout: calls the hooks of a build backend (PEP 517, PEP 660).
# Arguments: a file with the request and a file for the answer, both JSON. What backends print goes where they like;
# the answer never goes there. Must run on CPython 2.7 and 3.6 and later, with nothing but the standard library.
#
# request: source (directory), path (directories of the build environment), backend, backend_path, hook ("wheel",
#   "editable", "develop" or "egg"), out (directory), have (projects in the environment), ask (whether to ask what is needed),
#   build_ext (pairs: options for the command of that name), variables (pairs: environment variables to set), watch
#   (whether to note what the build looks at, in the file of the answer with .seen behind it), search_path (PATH as the user
#   has it)
# answer: one of {"needs": [requirements]}, {"made": name of the wheel}, {"made": null}, {"lacks": hook or backend}
import io
import json
import os
import sys

python2 = sys.version_info[0] == 2


def plain(value):
    """Python 2 gets bytes as names of files and modules."""
    if python2 and isinstance(value, type(u'')):
        return value.encode('utf-8')
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return dict((plain(name), plain(item)) for name, item in value.items())
    return value


with io.open(sys.argv[1], encoding='utf-8') as lines:
    request = plain(json.loads(lines.read()))
answer_file = sys.argv[2]


def answer(value):
    with io.open(answer_file, 'w', encoding='utf-8') as out:
        text = json.dumps(value)
        out.write(text if isinstance(text, type(u'')) else text.decode('ascii'))


def isolate():
    """Leaves of sys.path the standard library, and puts the build environment before it."""
    import sysconfig
    library = [os.path.realpath(sysconfig.get_path(name)) for name in ('stdlib', 'platstdlib')]
    library.append(os.path.dirname(os.path.realpath(os.__file__)))

    def is_standard(path):
        path = os.path.realpath(path)
        if 'site-packages' in path or 'dist-packages' in path:
            return False
        return path.endswith('.zip') or any(path == own or path.startswith(own + os.sep) for own in library)

    kept = [path for path in sys.path if path and is_standard(path)]
    # What .pth files of the interpreter's own site-packages have brought in.
    sys.meta_path[:] = [
        finder for finder in sys.meta_path
        if getattr(finder, '__module__', '').startswith(('_frozen_importlib', 'importlib', 'zipimport'))]
    for name, module in list(sys.modules.items()):
        place = getattr(module, '__file__', None) or ''
        if 'site-packages' in place or 'dist-packages' in place:
            del sys.modules[name]
    sys.path[:] = request['path'] + kept
    sys.path_importer_cache.clear()


def backend_object():
    module, _, attributes = request['backend'].partition(':')
    in_tree = [os.path.join(request['source'], place) for place in request['backend_path']]
    sys.path[0:0] = in_tree
    import importlib
    found = importlib.import_module(module)
    for attribute in filter(None, attributes.split('.')):
        found = getattr(found, attribute)
    return found


watcher = None


def watch():
    """From now on what is looked at is noted."""
    global watcher
    import watch
    place = os.path.dirname(os.path.abspath(answer_file))
    watcher = watch.Watch(os.path.realpath(request['source']), request['path'] + [place], request['search_path'])
    watcher.start()


def forked(question):
    """The answer of a function that may leave anything behind in the process."""
    place = answer_file + '.asked'
    if watcher is not None:
        watcher.is_off = True
    child = os.fork()
    if watcher is not None:
        watcher.is_off = False
    if child == 0:
        status = 1
        try:
            told = question()
            seen = None if watcher is None else watcher.told()
            with open(place, 'w') as out:
                json.dump([told, seen], out)
            status = 0
        except SystemExit as end:
            sys.stderr.write('the backend ended the process with %r\n' % (end.code,))
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    if status != 0:
        sys.exit(1)
    with open(place) as told:
        told, seen = json.load(told)
    if watcher is not None:
        watcher.add(seen)
    return told


def missing(needs):
    """Those requirements that the environment may not fulfil; who is in doubt asks."""
    return [need for need in needs if need.strip().lower() not in request['have']]


def set_variables():
    """Environment variables of the part; `%(NAME)s` in them is what a variable was before."""
    for name, value in request['variables']:
        os.environ[name] = value % os.environ


def set_options():
    """Gives the command build_ext its options as if setup.cfg had them, without touching that file."""
    if not request['build_ext']:
        return
    try:
        from setuptools.dist import Distribution
    except ImportError:
        sys.stderr.write('no setuptools in the build environment: options for build_ext have no effect\n')
        return
    read = Distribution.parse_config_files

    def parse_config_files(self, *args, **named):
        read(self, *args, **named)
        options = self.get_option_dict('build_ext')
        for name, value in request['build_ext']:
            options[name.replace('-', '_')] = ('the part of the buildout', value)

    Distribution.parse_config_files = parse_config_files


def run_setup(*arguments):
    import setuptools  # noqa: it must come before distutils
    sys.argv[:] = ['setup.py', '-q'] + list(arguments)
    sys.path.insert(0, request['source'])
    space = {'__name__': '__main__', '__file__': os.path.join(request['source'], 'setup.py')}
    with io.open('setup.py', 'rb') as script:
        code = compile(script.read().replace(b'\r\n', b'\n'), space['__file__'], 'exec', dont_inherit=True)
    exec(code, space)


def develop():
    """What setuptools before editable wheels does: links into the sources."""
    # Its scripts are left beside the link, where `develop.rs` looks for those that point at files of the project.
    run_setup('develop', '-mN', '-d', request['out'])
    answer({'made': None})


def egg():
    """What easy_install does with an archive of sources."""
    run_setup('bdist_egg', '--dist-dir', request['out'])
    eggs = [name for name in os.listdir(request['out']) if name.endswith('.egg')]
    if len(eggs) != 1:
        sys.stderr.write('setup.py bdist_egg has made %d eggs\n' % len(eggs))
        sys.exit(1)
    answer({'made': wrapped_up(eggs[0])})


def wrapped_up(egg):
    """The egg as a wheel that holds it, so that it is kept as all wheels are. `.pyc` files are made later."""
    import base64
    import hashlib
    import zipfile
    place = os.path.join(request['out'], egg)
    stem = '-'.join(egg[:-len('.egg')].split('-')[:2])
    info = stem + '.dist-info/'
    with zipfile.ZipFile(place) as old:
        files = [(item, old.read(item.filename)) for item in old.infolist() if not item.filename.endswith('/')]
    files = [(item, data) for item, data in files if not item.filename.endswith(('.pyc', '.pyo'))]
    metadata = dict((item.filename, data) for item, data in files if item.filename.startswith('EGG-INFO/'))
    texts = [
        ('METADATA', metadata.get('EGG-INFO/PKG-INFO', b'')),
        ('WHEEL', b'Wheel-Version: 1.0\nGenerator: bdist_egg\nRoot-Is-Purelib: false\nTag: py2.py3-none-any\n'),
        ('top_level.txt', metadata.get('EGG-INFO/top_level.txt', b'')),
        ('EGG', egg.encode('utf-8'))]
    files.extend((zipfile.ZipInfo(info + name), data) for name, data in texts)
    rows = []
    name = stem + '-py2.py3-none-any.whl'
    with zipfile.ZipFile(os.path.join(request['out'], name), 'w') as new:
        for item, data in files:
            new.writestr(item, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode('ascii').rstrip('=')
            path = item.filename
            if ',' in path or '"' in path:
                path = '"%s"' % path.replace('"', '""')
            rows.append('%s,sha256=%s,%d\n' % (path, digest, len(data)))
        rows.append(info + 'RECORD,,\n')
        new.writestr(info + 'RECORD', ''.join(rows).encode('utf-8'))
    os.remove(place)
    return name


def main():
    if request['watch'] and hasattr(sys, 'addaudithook'):
        watch()
    isolate()
    os.chdir(request['source'])
    sys.argv[:] = ['setup.py']
    set_variables()
    set_options()
    hook = request['hook']
    if hook == 'develop':
        return develop()
    try:
        backend = backend_object()
    except (ImportError, AttributeError):
        if hook == 'egg':
            return egg()  # a setuptools that knows no hooks
        import traceback
        traceback.print_exc()
        return answer({'lacks': 'backend'})
    asked = 'wheel' if hook == 'egg' else hook
    build = getattr(backend, 'build_' + asked, None)
    if build is None:
        return answer({'lacks': 'build_' + asked})
    ask = getattr(backend, 'get_requires_for_build_' + asked, None)
    if ask is not None and request['ask']:
        needs = forked(lambda: list(ask(None)))
        if missing(needs):
            return answer({'needs': needs})
    if hook == 'egg':
        return egg()
    made = os.path.basename(build(request['out'], None))
    if watcher is not None:
        with open(answer_file + '.seen', 'w') as out:
            json.dump(watcher.told(), out)
    answer({'made': made})


main()
