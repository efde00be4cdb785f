"""The runtime that serves a function's handler. Python 3.9 or newer, standard library only; imports are few because each costs start time."""
