"""Serves a Python handler over HTTP; see presage_shim/server.py. A stub, because Python compiles its main file anew at each start."""
from presage_shim.server import main

main()
