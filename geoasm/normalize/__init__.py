"""Raw columns to the schema: what a country's files say, in one vocabulary; issues for the rest."""

from geoasm.normalize.layers import area, concessions, table
from geoasm.normalize.registrations import registrations

__all__ = ["area", "concessions", "registrations", "table"]
