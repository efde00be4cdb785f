"""As probe.py, behind the runtime's shim: runs the Python it is sent and answers with what the code left in `out`."""

import json

kept = {}


def handler(request):
    scope = {"out": None, "kept": kept}
    try:
        exec(request.data.decode(), scope)
        return json.dumps({"out": scope["out"]})
    except BaseException as error:  # what the sandbox refuses is the answer
        return json.dumps({"error": f"{type(error).__name__}: {error}"})
