"""How holders and registrants are named, for each audience."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.errors import OptionError
from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.render.payload import Numbers, Parts, words

AUDIENCES = ("public", "internal")


class Names:
    """
    Names of parties as an audience may read them.

    The public reads names of legal entities, and of everybody else a number that means nothing
    outside the run.

    Raises
    ------
    OptionError
        `internal` is asked of a run without its private part, or there is no such audience.
    """

    def __init__(self, result: Result, labels: Labels, audience: str) -> None:
        if audience not in AUDIENCES:
            raise OptionError(f"--audience {audience}: must be one of {', '.join(AUDIENCES)}")
        if audience == "internal" and result.lacks_private:
            raise OptionError(
                "--audience internal: the run has no private/parties.parquet; "
                "use --audience public, or the folder that still has private/"
            )
        self._labels = labels
        self.internal = audience == "internal"
        holders = result.holders
        self._public = holders.set_index("holder_id")["name"].dropna().to_dict()
        self._kinds = holders.set_index("holder_id")["holder_kind"].dropna().to_dict()
        parties = result.parties if self.internal else result.parties.iloc[:0]
        self._full = {
            number: name if pd.isna(ruc) else f"{name} (RUC {ruc})"
            for number, name, ruc in zip(
                parties["party_id"], parties["name"], parties["ruc"], strict=True
            )
            if pd.notna(name)
        }

    def holders(self, numbers: pd.Series) -> pd.Series:
        """Name holders by their numbers; missing stays missing."""
        return words(numbers, self._holder)

    def registrants(self, numbers: pd.Series, kinds: pd.Series) -> pd.Series:
        """Name registrants by their numbers and kinds; missing stays missing."""
        said = words(numbers, self._registrant)
        kind = words(kinds, lambda code: self._labels.code("party_kind", code))
        anonymous = ~numbers.isin(list(self._full))
        return said.where(~(anonymous & kind.notna()), said.str.cat(kind, sep=", "))

    def registrant_parts(self, numbers: pd.Series, kinds: pd.Series) -> Parts:
        """Name registrants as `registrants` does, in columns that pack small."""
        full = words(numbers, self._full.get)
        anonymous = numbers.where(full.isna()).to_numpy(dtype=float, na_value=np.nan)
        kind = words(kinds, lambda code: self._labels.code("party_kind", code))
        template = self._labels.text("common.party_number", number="{value}")
        return Parts(
            [full, Numbers(anonymous, 0, template, grouped=False), kind.where(full.isna(), None)],
            ", ",
        )

    def _holder(self, number: int) -> str:
        name = self._full.get(number) or self._public.get(number)
        if name:
            return str(name)
        kind = self._labels.code("party_kind", self._kinds.get(number, "unknown"))
        return f"{self._labels.text('common.holder_number', number=number)}, {kind}"

    def _registrant(self, number: int) -> str:
        return self._full.get(number) or self._labels.text("common.party_number", number=number)
