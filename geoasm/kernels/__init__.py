"""
Compiled loops for what vectorised calls are slow at, each with a slower twin that gives the same.

`engine.compiled(n)` says whether work of a size is worth a compiled loop. Modules that compile are
imported only then, so that small runs neither load the compiler nor wait for it.
"""
