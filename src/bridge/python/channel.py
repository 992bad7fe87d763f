"""Messages: one JSON object a line over two pipes, one side speaking at a time.

Whoever waits for an answer serves the requests that come meanwhile. Standard input, output and error stay the user's;
they are flushed before each message, so that the lines of both processes come out in order.
"""
import json
import os
import sys
import threading

PY2 = sys.version_info[0] == 2


def plain(value):
    """JSON as the recipes of this Python know it: Python 2 wants byte strings."""
    if not PY2:
        return value
    if isinstance(value, dict):
        return dict((plain(k), plain(v)) for k, v in value.items())
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, type(u'')):
        return value.encode('utf-8')
    return value


def no_inheritance(fd):
    """Children of recipes shall not hold the pipes open."""
    import fcntl
    fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.fcntl(fd, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)


class Channel(object):

    def __init__(self, read_fd, write_fd):
        for fd in (read_fd, write_fd):
            no_inheritance(fd)
        self._in = os.fdopen(read_fd, 'rb')
        self._out = write_fd
        # The word: who has it speaks and listens. It is ours while requests are served, however many inside of one another,
        # and goes round among the threads of recipes.
        self._word = threading.Condition()
        self._taken = False
        self._serving = 0
        self._ended = False
        self._pid = os.getpid()
        self._last = 0
        # Who answers requests; who adds and takes changes of the shared state.
        self.server = None
        self.replica = None

    def ask(self, method, **fields):
        """Sends a request and waits for its answer."""
        if os.getpid() != self._pid:
            raise RuntimeError('a forked child of a recipe can not ask rbuildout for %s' % method)
        self._take_word()
        try:
            self._last += 1
            number = self._last
            self._send(dict(fields, id=number, m=method))
            while True:
                message = self._receive()
                if message.get('re') == number:
                    return message
                self._answer(message)
        finally:
            self._pass_word()

    def serve(self):
        """Answers requests until one says goodbye."""
        while not self._ended:
            message = self._receive()
            self._answer(message)
            self._ended = message.get('m') == 'bye'

    def _answer(self, message):
        with self._word:
            self._serving += 1
        self._pass_word()
        answer = dict(self.server(message), re=message['id'])
        self._take_word()
        with self._word:
            self._serving -= 1
        self._send(answer)

    def _take_word(self):
        if self._ended:
            raise RuntimeError('the run is over')
        with self._word:
            while self._taken or not self._serving:
                self._word.wait()
            self._taken = True

    def _pass_word(self):
        with self._word:
            self._taken = False
            self._word.notify_all()

    def _send(self, message):
        news = self.replica.news()
        if news:
            message['s'] = news
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        data = (json.dumps(message) + '\n').encode('ascii')
        while data:
            data = data[os.write(self._out, data):]

    def _receive(self):
        line = self._in.readline()
        if not line:
            # rbuildout is gone: there is nobody to work for.
            os._exit(1)
        message = plain(json.loads(line.decode('ascii')))
        self.replica.take(message.get('s'))
        return message
