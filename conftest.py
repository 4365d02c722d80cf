"""The project's own tests run pytest inside pytest, and start hundreds of processes that import the house."""

import os
import sys
from pathlib import Path

pytest_plugins = ["pytester"]

# Compiled modules are kept in one folder, also where PYTHONDONTWRITEBYTECODE is set, as in many containers:
# compiling the house takes 0.7 s, which each of these processes would pay, and no folder of a test gets a
# `__pycache__` from it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(__file__).parent / ".cache" / "bytecode"))
sys.dont_write_bytecode = False
sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"]
