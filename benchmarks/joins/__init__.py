"""One engine's job of joining files of points to files of rights, each in a process of its own."""
