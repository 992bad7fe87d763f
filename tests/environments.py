#!/usr/bin/env python3
"""Makes environments with zc.buildout of many versions, for `RBUILDOUT_TEST_ENVIRONMENTS=FOLDER cargo test every_zc_buildout`.

    python3 tests/environments.py FOLDER

Each gets zc.buildout and zc.recipe.egg from the package index that pip uses, with tools of its time. Pythons are those in PATH and
those that pyenv keeps; what is absent is said. Environments that are there are left as they are.
"""
import glob
import os
import shutil
import subprocess
import sys

# Python, zc.buildout, zc.recipe.egg, setuptools, pip, wheel
TABLE = [
    ('2.7', '2.13.8', '2.0.7', '42.0.2', '20.3.4', '0.37.1'),
    ('3.8', '2.13.8', '2.0.7', '51.3.3', '20.3.4', '0.37.1'),
    ('3.9', '3.0.1', '2.0.7', '65.7.0', '22.3.1', '0.38.4'),
    ('3.10', '4.1.12', '3.0.0', '75.8.1', '25.0.1', '0.45.1'),
    ('3.12', '4.2.0', '3.0.0', '80.10.2', '25.3', '0.45.1'),
    ('3.10', '5.2.0', '4.0.0', '80.10.2', '25.2', '0.45.1'),
    ('3.11', '6.0.1', '6.0.0', '80.9.0', '25.3', '0.45.1'),
    ('3.13', '6.0.1', '6.0.0', '84.2.1', '26.0', '0.45.1'),
]
# The last virtualenv that makes environments for Python 2.7.
VIRTUALENV = 'virtualenv==20.21.1'


def interpreter(version):
    kept = shutil.which('pyenv')
    if kept:
        root = subprocess.run([kept, 'root'], capture_output=True, text=True).stdout.strip()
        for found in sorted(glob.glob('%s/versions/%s.*/bin/python%s' % (root, version, version))):
            return found
    return shutil.which('python' + version)


def make(folder, python, place):
    if not os.path.basename(python).startswith('python2'):
        subprocess.check_call([python, '-m', 'venv', place])
        return
    tool = os.path.join(folder, '.virtualenv')
    if not os.path.isdir(tool):
        subprocess.check_call([sys.executable, '-m', 'pip', 'install', '-q', '--target', tool, VIRTUALENV])
    environment = dict(os.environ, PYTHONPATH=tool)
    subprocess.check_call([sys.executable, '-m', 'virtualenv', '-q', '-p', python, place], env=environment)


def main():
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(folder, exist_ok=True)
    for version, buildout, egg, setuptools, pip, wheel in TABLE:
        place = os.path.join(folder, '%s-python%s' % (buildout, version))
        if os.path.exists(os.path.join(place, 'bin', 'buildout')):
            continue
        python = interpreter(version)
        if not python:
            print('absent: python%s' % version)
            continue
        make(folder, python, place)
        run = [os.path.join(place, 'bin', 'python'), '-m', 'pip', 'install', '-q', '--disable-pip-version-check']
        tools = ['setuptools==' + setuptools, 'wheel==' + wheel]
        subprocess.check_call(run + ['pip==' + pip])
        subprocess.check_call(run + tools)
        subprocess.check_call(run + ['zc.buildout==' + buildout, 'zc.recipe.egg==' + egg, 'pip==' + pip] + tools)
        print(place)


main()
