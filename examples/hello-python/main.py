from datetime import datetime, timezone

# What stands out here runs once, before the checkpoint: clones share it.
started_at = datetime.now(timezone.utc).isoformat()
served = 0


def handler(request):
    """Greets whoever `?name=` says; at /stream letter by letter."""
    global served
    name = request.args.get("name", "world")
    print("greeting", name)
    if request.path == "/stream":
        return (letter for letter in "hello %s\n" % name)
    served += 1
    return {"hello": name, "served": served, "startedAt": started_at}
