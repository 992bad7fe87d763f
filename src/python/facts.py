# Asked of an interpreter by facts.rs, once: prints one marked line of JSON. Must run on CPython 2.7 and 3.6 and later,
# with nothing but the standard library.
import sys

if sys.path and sys.path[0] == '':
    del sys.path[0]  # nothing of the directory that we happen to be in
paths = list(sys.path)

import json
import os
import platform
import struct
import sysconfig


def attempt(question):
    try:
        return question()
    except Exception:
        return None


def dotted(info):
    text = '.'.join(str(part) for part in info[:3])
    if info[3] != 'final':
        text += info[3][0] + str(info[4])
    return text


def mac_version():
    version = platform.mac_ver()[0]
    if version.startswith('10.16'):
        import subprocess
        version = subprocess.check_output(
            [sys.executable, '-sS', '-c', 'import platform; print(platform.mac_ver()[0])'],
            env={'SYSTEM_VERSION_COMPAT': '0'}).decode('ascii').strip()
    return version


def glibc():
    return os.confstr('CS_GNU_LIBC_VERSION').split()[-1]


def glibc_of_process():
    import ctypes
    ask = ctypes.CDLL(None).gnu_get_libc_version
    ask.restype = ctypes.c_char_p
    return ask().decode('ascii')


def musl():
    if 'musl' not in (sysconfig.get_config_var('HOST_GNU_TYPE') or ''):
        return None
    import glob
    import subprocess
    loader = glob.glob('/lib/ld-musl-*.so.1')[0]
    said = subprocess.Popen([loader], stderr=subprocess.PIPE).communicate()[1].decode('ascii')
    return said.split('Version ', 1)[1].split()[0]


def index_of_pip():
    from pip._internal.models.index import PyPI
    return PyPI.simple_url


def index_of_old_pip():
    from pip.models import PyPI
    return PyPI.simple_url


def index_of_bundled_pip():
    import glob
    folders = [os.path.join(os.path.dirname(os.__file__), 'ensurepip', '_bundled'),
               sysconfig.get_config_var('WHEEL_PKG_DIR')]
    for folder in filter(None, folders):
        for wheel in sorted(glob.glob(os.path.join(folder, 'pip-*.whl'))):
            sys.path.insert(0, wheel)
            try:
                return index_of_pip()
            finally:
                sys.path.remove(wheel)


implementation = getattr(sys, 'implementation', None)
system = platform.system()
answer = {
    'executable': sys.executable,
    'python_version': '%d.%d' % sys.version_info[:2],
    'python_full_version': '%d.%d.%d' % sys.version_info[:3],
    'version': sys.version,
    'implementation': platform.python_implementation(),
    'cache_tag': getattr(implementation, 'cache_tag', None) or '',
    'build_platform': sysconfig.get_platform(),
    'mac_version': attempt(mac_version) if sys.platform == 'darwin' else None,
    'machine': platform.machine(),
    'pointer_bits': struct.calcsize('P') * 8,
    'byte_order': sys.byteorder,
    'debug': bool(sysconfig.get_config_var('Py_DEBUG')) or hasattr(sys, 'gettotalrefcount'),
    'free_threaded': bool(sysconfig.get_config_var('Py_GIL_DISABLED')),
    'pymalloc': sysconfig.get_config_var('WITH_PYMALLOC') in (None, 1, '1'),
    'wide_unicode': sys.maxunicode == 0x10ffff,
    'soabi': sysconfig.get_config_var('SOABI'),
    'host_type': sysconfig.get_config_var('HOST_GNU_TYPE'),
    'glibc': (attempt(glibc) or attempt(glibc_of_process)) if system == 'Linux' else None,
    'musl': attempt(musl) if system == 'Linux' else None,
    'sys_path': paths,
    'prefix': sys.prefix,
    'base_prefix': getattr(sys, 'base_prefix', sys.prefix),
    'purelib': sysconfig.get_path('purelib'),
    'platlib': sysconfig.get_path('platlib'),
    'pip_index': attempt(index_of_pip) or attempt(index_of_old_pip) or attempt(index_of_bundled_pip),
    'markers': {
        'implementation_name': implementation.name if implementation else 'cpython',
        'implementation_version': dotted(implementation.version if implementation else sys.version_info),
        'os_name': os.name,
        'platform_machine': platform.machine(),
        'platform_python_implementation': platform.python_implementation(),
        'platform_release': platform.release(),
        'platform_system': system,
        'platform_version': platform.version(),
        'python_full_version': platform.python_version(),
        'python_version': '.'.join(platform.python_version_tuple()[:2]),
        'sys_platform': sys.platform,
    },
}
sys.stdout.write('\nrbuildout-facts ' + json.dumps(answer, sort_keys=True) + '\n')
sys.stdout.flush()
