"""Files in and out: layers, tables, profiles, studies, run folders."""
