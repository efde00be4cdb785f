"""Fresh randomness for clones of a checkpoint: all of them start with the same memory, so every generator that was seeded
before would give all of them the same numbers. os.urandom, secrets and uuid4 ask the kernel and need nothing.
Out of reach, to be renewed by the function's after_restore hook: random.Random and numpy generators of its own.
"""
import os
import sys


def reseed():
    """To be called in a clone before any of the function's code runs."""
    modules = sys.modules
    if "random" in modules:
        modules["random"].seed()
    if "ssl" in modules:
        modules["ssl"].RAND_add(os.urandom(48), 48.0)
    if "uuid" in modules:
        uuid = modules["uuid"]
        # uuid1 is time + node + clock sequence: a random node (multicast bit set, RFC 9562) tells clones apart.
        uuid._node = int.from_bytes(os.urandom(6), "big") | (1 << 40)
        uuid._last_timestamp = None
        uuid._generate_time_safe = None
    if "numpy.random" in modules:
        modules["numpy.random"].seed()
