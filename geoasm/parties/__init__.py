"""Holders and registrants: their names, who is who, and what is only likely."""

from geoasm.parties.identity import Parties, identify
from geoasm.parties.names import name_keys
from geoasm.parties.relation import has_contract, is_joint, own_basis, same_holder

__all__ = [
    "Parties",
    "has_contract",
    "identify",
    "is_joint",
    "name_keys",
    "own_basis",
    "same_holder",
]
