import os
import random
import secrets
import sys
import time
import uuid

count = 0
restored = []


def next_count(request):
    global count
    count += 1
    return {"count": count, "restored": restored}


def log(request):
    print(request.args["text"])
    print(request.args["text"], file=sys.stderr)
    return "ok"


def burn(request):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    return "ok"


ROUTES = {
    "/count": next_count,
    "/random": lambda request: [str(uuid.uuid4()), str(uuid.uuid1()), secrets.token_hex(8), str(random.random())],
    "/echo": lambda request: request.get_json() or request.data,
    "/env": lambda request: os.environ.get(request.args["name"], ""),
    "/names": lambda request: list(os.environ),
    "/log": log,
    "/burn": burn,
    "/exit": lambda request: os._exit(3),
}


def handler(request):
    return ROUTES[request.path](request)


def after_restore():
    restored.append(str(uuid.uuid4()))
