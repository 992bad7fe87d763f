# Run by compile.rs: compiles the .py files of one wheel after another, each into a directory of its own.
# Argument: number of the process that waits for it (once that is dead, nothing more is written). On standard input, for each
# wheel: a line with the number of bytes that follow, then with zero bytes between directory of the sources, directory to
# write to, relative paths (UTF-8). The answer is a line.
# Must run on CPython 2.7 and 3.6 and later. What does not compile is left out, as pip leaves it out.
import errno
import os
import sys
import warnings

warnings.simplefilter('ignore')
waiting = int(sys.argv[1])
# A wrapper may stand in between; or the process that waits is dead already.
guarded = os.getppid() == waiting


def is_waited_for():
    if guarded:
        return os.getppid() == waiting
    try:
        os.kill(waiting, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True


if sys.version_info >= (3,):
    import gc
    import marshal
    import struct
    from importlib.util import MAGIC_NUMBER, cache_from_source

    # What is made here is soon gone, and has no circles.
    gc.disable()
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    head = MAGIC_NUMBER + (b'\0\0\0\0' if sys.version_info >= (3, 7) else b'')

    def compile_file(source, target, name):
        with open(source, 'rb', 0) as file:
            status = os.fstat(file.fileno())
            text = file.read()
        # As py_compile has it; to the file itself, since its directory gets its name when all is in it.
        code = marshal.dumps(compile(text, name, 'exec', dont_inherit=True))
        stamp = struct.pack('<LL', int(status.st_mtime) & 0xffffffff, status.st_size & 0xffffffff)
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, (status.st_mode | 0o200) & 0o666)
        with open(out, 'wb') as file:
            file.write(head + stamp + code)
else:
    import py_compile
    questions, answers = sys.stdin, sys.stdout

    def cache_from_source(name):
        return name + 'c'

    def compile_file(source, target, name):
        py_compile.compile(source, cfile=target, dfile=name, doraise=True)


def text(field):
    return field if isinstance(field, str) else field.decode('utf-8')


def compile_all(tree, out, names):
    made = set()
    for name in names:
        if not is_waited_for() or not os.path.isdir(out):
            sys.exit(1)
        target = os.path.join(out, cache_from_source(name))
        folder = os.path.dirname(target)
        if folder not in made:
            made.add(folder)
            if not os.path.isdir(folder):
                os.makedirs(folder)
        try:
            compile_file(os.path.join(tree, name), target, name)
        except Exception:
            if os.path.exists(target):
                os.remove(target)


while True:
    line = questions.readline()
    if not line:
        break
    fields = [text(field) for field in questions.read(int(line)).split(b'\0')]
    compile_all(fields[0], fields[1], fields[2:])
    answers.write(b'done\n')
    answers.flush()
