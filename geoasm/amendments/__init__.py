"""What a scenario supposes, and what moves when a run supposes it: rules, parameters, facts."""

from geoasm.amendments.apply import amend
from geoasm.amendments.choose import Chosen, choose
from geoasm.amendments.effects import Effects, measure
from geoasm.amendments.law import amend_profile
from geoasm.amendments.stated import LevelChange, Measure, RuleChange, Scenario, Where
from geoasm.amendments.tally import tally

__all__ = [
    "Chosen",
    "Effects",
    "LevelChange",
    "Measure",
    "RuleChange",
    "Scenario",
    "Where",
    "amend",
    "amend_profile",
    "choose",
    "measure",
    "tally",
]
