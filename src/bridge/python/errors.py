"""Errors on their way through the pipe: class, words, what was being done.

An exception that left this process and comes back is raised again as the same object. zc.buildout: __init__.py,
`UserError`; buildout.py, `MissingOption`, `MissingSection`, `_doing`.
"""
import os
import re
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))


class UserError(Exception):
    """A mistake of the user."""

    def __str__(self):
        return ' '.join(str(arg) for arg in self.args)


class MissingOption(UserError, KeyError):
    """A required option is missing."""


class MissingSection(UserError, KeyError):
    """A required section is missing."""

    def __str__(self):
        return 'The referenced section, %r, was not defined.' % self.args[0]


UserError.__module__ = 'zc.buildout'
MissingOption.__module__ = MissingSection.__module__ = 'zc.buildout.buildout'

_missing_section = re.compile("The referenced section, u?['\"](.*)['\"], was not defined[.]$", re.S)


class Errors(object):
    """Exceptions that have crossed the pipe, by number."""

    def __init__(self):
        self._sent = {}

    def wire(self, error, trace):
        """An exception of ours, for rbuildout."""
        number = len(self._sent) + 1
        self._sent[number] = error
        fields = {
            'kind': _kind(error),
            'message': _words(error),
            'doing': _doing(trace, error),
            'foreign': number,
        }
        known = getattr(error, '_rbuildout_known', None)
        if known is not None:
            fields['known'] = known
        if fields['kind'] == 'exit':
            code = error.code
            fields['message'] = '' if code is None or isinstance(code, int) else str(code)
            fields['code'] = 0 if code is None else code if isinstance(code, int) else 1
        if fields['kind'] == 'internal':
            fields['message'] = traceback_text(error, trace)
        return fields

    def raise_(self, fields):
        """An error that rbuildout answered with."""
        error = self._sent.get(fields.get('foreign'))
        if error is None:
            error = _exception(fields)
        try:
            error._rbuildout_doing = fields.get('doing') or []
            error._rbuildout_seen = getattr(error, '__traceback__', None)
            if fields.get('known') is not None:
                error._rbuildout_known = fields['known']
        except AttributeError:
            pass
        raise error


def _exception(fields):
    kind, message = fields.get('kind'), fields.get('message') or ''
    if kind == 'missing-option':
        return MissingOption(message)
    if kind == 'missing-section':
        found = _missing_section.match(message)
        return MissingSection(found.group(1) if found else message)
    if kind == 'interrupt':
        return KeyboardInterrupt()
    if kind == 'exit':
        return SystemExit(fields.get('code', 1))
    if kind == 'internal':
        return RuntimeError(message)
    return UserError(message)


def _kind(error):
    if isinstance(error, MissingSection):
        return 'missing-section'
    if isinstance(error, MissingOption):
        return 'missing-option'
    if isinstance(error, UserError):
        return 'user'
    if isinstance(error, KeyboardInterrupt):
        return 'interrupt'
    if isinstance(error, SystemExit):
        return 'exit'
    distutils = sys.modules.get('distutils.errors')
    if distutils is not None and isinstance(error, distutils.DistutilsError):
        return 'user'
    return 'internal'


def _words(error):
    try:
        return str(error)
    except Exception:
        return repr(error)


def _doing(trace, error):
    """What `__doing__` of the frames says, outermost first, and what the other side said."""
    doing = []
    seen = getattr(error, '_rbuildout_seen', None)
    while trace is not None and (seen is None or trace is not seen):
        said = trace.tb_frame.f_locals.get('__doing__')
        if said:
            if isinstance(said, tuple):
                said = said[0] % said[1:]
            doing.append(str(said))
        trace = trace.tb_next
    return doing + list(getattr(error, '_rbuildout_doing', ()))


def _is_ours(frame):
    return os.path.dirname(os.path.abspath(frame[0])) == HERE


def traceback_text(error, trace):
    """The traceback without our own frames."""
    if hasattr(traceback, 'TracebackException'):
        # Python 3: with the exceptions that led to it.
        told = traceback.TracebackException(type(error), error, trace)
        pending, known = [told], set()
        while pending:
            one = pending.pop()
            if one is None or id(one) in known:
                continue
            known.add(id(one))
            one.stack[:] = [frame for frame in one.stack if not _is_ours(frame)]
            pending += [one.__cause__, one.__context__]
        text = ''.join(told.format())
        if not text.startswith('Traceback') and told.__cause__ is told.__context__ is None:
            # None of its frames was to be shown.
            text = 'Traceback (most recent call last):\n' + text
        return text
    frames = [frame for frame in traceback.extract_tb(trace) if not _is_ours(frame)]
    lines = ['Traceback (most recent call last):\n'] + traceback.format_list(frames)
    return ''.join(lines + traceback.format_exception_only(type(error), error))
