# Asked of an interpreter by evaluator.rs: does a condition hold? argv: the condition as a list of one item.
import os
import platform
import re
import struct
import sys

version = tuple(platform.python_version_tuple())
known = {'sys': sys, 'os': os, 'platform': platform, 're': re,
         'python2': version[0] == '2', 'python3': version[0] == '3'}
for minor in [20 + n for n in range(4, 8)] + [30 + n for n in range(10)] + [310 + n for n in range(10)]:
    known['python%d' % minor] = ''.join(version[:2]) == str(minor)
about = sys.version.lower()
for name, word in (('pypy', 'pypy'), ('jython', 'java'), ('ironpython', 'iron')):
    known[name] = word in about
known['cpython'] = not (known['pypy'] or known['jython'] or known['ironpython'])
system = sys.platform.lower()
for name, word in (('linux', 'linux'), ('windows', 'win32'), ('cygwin', 'cygwin'),
                   ('solaris', 'sunos'), ('macosx', 'darwin')):
    known[name] = word in system
known['posix'] = 'posix' in os.name.lower()
bits = struct.calcsize('P') * 8
known.update(bits32=bits == 32, bits64=bits == 64,
             little_endian=sys.byteorder == 'little', big_endian=sys.byteorder == 'big')
print('rbuildout-condition %s' % bool(eval(sys.argv[1], known)[0]))
