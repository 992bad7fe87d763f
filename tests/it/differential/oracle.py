# Runs zc.buildout on the cases that mod.rs gives it, each in a process forked off this one. stdin: a JSON list of
# {"directory", "home", "arguments"}; stdout: a JSON list of {"status", "stdout", "stderr"}.
import json
import os
import sys
import tempfile

import zc.buildout.buildout

results = []
for case in json.load(sys.stdin):
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    child = os.fork()
    if not child:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.chdir(case['directory'])
        os.environ['HOME'] = case['home']
        os.environ.pop('BUILDOUT_HOME', None)
        status = 0
        try:
            zc.buildout.buildout.main(list(case['arguments']))
        except SystemExit as end:
            status = end.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)
    _, status = os.waitpid(child, 0)
    texts = []
    for file in (out, err):
        file.seek(0)
        texts.append(file.read().decode('utf-8', 'replace'))
        file.close()
    results.append({'status': os.WEXITSTATUS(status), 'stdout': texts[0], 'stderr': texts[1]})
json.dump(results, sys.stdout)
