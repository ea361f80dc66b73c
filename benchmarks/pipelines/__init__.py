"""The national job, files to tables: by geoasm and by geopandas, each a program of its own."""
