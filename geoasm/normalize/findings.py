"""What is found wrong with the rows of one file, gathered while it is read."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoasm import issues
from geoasm.codes import Action, Problem
from geoasm.model import RawLayer


class Findings:
    """
    Issues of one raw layer, and which of its rows are set aside.

    Rows are named by the labels of the raw frame's index; the issues carry record numbers.
    What the reader itself noted of the layer is in from the start.
    """

    def __init__(self, role: str, raw: RawLayer) -> None:
        self.role = role
        self._row = raw.frame["source_row"]
        self.gone = pd.Series(False, index=raw.frame.index)
        self._parts: list[pd.DataFrame] = []
        if raw.curved:
            self.add_file(
                Problem.CURVED_GEOMETRY,
                Action.MENDED,
                field="geometry",
                detail="arcs became straight segments when the file was read",
            )
        broken = raw.broken
        if broken is not None and len(broken):
            self._parts.append(
                issues.make(
                    role,
                    Problem.UNREADABLE_RECORD,
                    Action.SET_ASIDE,
                    broken["source_row"],
                    detail=broken["reason"],
                )
            )

    def add(
        self,
        problem: Problem,
        action: Action,
        where: pd.Series | pd.Index,
        *,
        field: str = "",
        values: Any = None,
        detail: Any = "",
        private: bool = False,
    ) -> None:
        """
        Note a problem of some rows.

        Parameters
        ----------
        where
            Labels of rows, or a boolean column.
        values, detail
            One for all, or a column from which the rows' own are taken.
        """
        labels = where[where].index if isinstance(where, pd.Series) else where
        if not len(labels):
            return
        if action is Action.SET_ASIDE:
            self.gone.loc[labels] = True
        own = [c.loc[labels] if isinstance(c, pd.Series) else c for c in (values, detail)]
        self._parts.append(
            issues.make(
                self.role,
                problem,
                action,
                self._row.loc[labels],
                field=field,
                values=own[0],
                detail=own[1],
                private=private,
            )
        )

    def add_file(
        self,
        problem: Problem,
        action: Action,
        *,
        field: str = "",
        value: str = "",
        detail: str = "",
    ) -> None:
        """Note a problem of the file as a whole."""
        part = issues.make(
            self.role, problem, action, field=field, values=value or None, detail=detail
        )
        self._parts.append(part)

    def frame(self, ids: pd.Series | None = None) -> pd.DataFrame:
        """
        Give the issues, each row with its record's id; an unknown code is told once a record.

        Parameters
        ----------
        ids
            Id of every row, on the raw frame's index.
        """
        out = issues.join(self._parts)
        # One column may feed several fields.
        again = (out["problem"] == Problem.UNKNOWN_CODE) & out.duplicated(
            ["row", "problem", "value"]
        )
        out = out[~again].reset_index(drop=True)
        if ids is None or out.empty:
            return out
        told = self._row.isin(out["row"].dropna()).to_numpy(dtype=bool)
        named = pd.Series(ids[told].to_numpy(), index=self._row[told].to_numpy())
        return out.assign(id=out["row"].map(named[~named.index.duplicated()]).astype("str"))
