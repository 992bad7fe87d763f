# Runs a setup script in the directory that it is in, with setuptools imported, as if it were the main program.
# Arguments: directories for sys.path, joined by the path separator; the script; its own arguments. CPython 2.7 and later.
import os
import sys

paths, script = sys.argv[1:3]
directory = os.path.dirname(script)
sys.path[0:1] = [path for path in paths.split(os.pathsep) if path] + [directory]
import setuptools

os.chdir(directory)
sys.argv[:] = [script] + sys.argv[3:]
__file__ = script
with open(script, 'rb') as source:
    code = compile(source.read(), script, 'exec')
del os, sys, setuptools, paths, directory, source
exec(code)
