"""A thin, typed door to HiGHS: linear and whole-number programmes, solved many times over."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.tables.arrays import FloatArray, IntArray

INFINITY = float("inf")
WHOLE = 1e-6


@dataclass(frozen=True)
class SolverAnswer:
    """`status` is optimal, infeasible, unbounded or unknown; `x` is there whenever a point is;
    `bound` is the proven bound on the objective (the objective itself for a linear programme);
    `prices` are the dual values of the rows of a linear programme."""

    status: str
    x: FloatArray | None = None
    objective: float = 0.0
    bound: float = 0.0
    prices: FloatArray | None = None


class Program:
    """min cost @ x subject to row bounds on `matrix @ x` and bounds on x; bases are kept warm."""

    def __init__(
        self,
        matrix: sparse.csr_matrix,
        rows: tuple[FloatArray, FloatArray],
        columns: tuple[FloatArray, FloatArray],
        *,
        whole: bool = False,
        time_limit: float = 60.0,
        gap: float = 0.0,
        nodes: int | None = None,
        first: bool = False,
    ) -> None:
        """Of a `whole` programme any answer within the `gap` will do, or with `first` any at all;
        it is looked for at no more than so many `nodes`."""
        self.width = matrix.shape[1]
        self.all = np.arange(self.width, dtype=np.int32)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.width, matrix.shape[0]
        lp.col_cost_ = np.zeros(self.width)
        lp.col_lower_, lp.col_upper_ = columns
        lp.row_lower_, lp.row_upper_ = rows
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data.astype(np.float64)
        if whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * self.width
        self.whole = whole
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        options: dict[str, bool | int | float | str] = {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
        }
        if whole:
            options |= {"time_limit": time_limit, "mip_rel_gap": gap}
            if nodes is not None:
                options["mip_max_nodes"] = nodes
            if first:
                options["mip_max_improving_sols"] = 1
        else:
            options |= {"presolve": "off", "solver": "simplex", "simplex_iteration_limit": 10**6}
        for name, value in options.items():
            self.solver.setOptionValue(name, value)
        self.solver.passModel(lp)

    def set_costs(self, cost: FloatArray) -> None:
        """Another objective; the feasible set stays."""
        self.solver.changeColsCost(self.width, self.all, cost.astype(np.float64))

    def set_columns(
        self,
        columns: list[int] | IntArray,
        lower: list[float] | FloatArray,
        upper: list[float] | FloatArray,
    ) -> None:
        """Other bounds on some columns."""
        ends = np.asarray(lower, np.float64), np.asarray(upper, np.float64)
        self.solver.changeColsBounds(len(columns), np.asarray(columns, np.int32), *ends)

    def set_row(self, row: int, lower: float, upper: float) -> None:
        """Other bounds on one row."""
        self.solver.changeRowBounds(row, lower, upper)

    def restart(self) -> None:
        """Forgets the last basis: the next search begins with all columns at a bound."""
        self.solver.setBasis()

    def solve(self) -> SolverAnswer:
        """Minimises; anything but a clear answer is `unknown`."""
        self.solver.run()
        status = self.solver.getModelStatus()
        states = highspy.HighsModelStatus
        if status == states.kOptimal or (self.whole and status in _STOPPED):
            info = self.solver.getInfo()
            solution = self.solver.getSolution()
            x = np.array(solution.col_value) if solution.value_valid else None
            bound = info.mip_dual_bound if self.whole else info.objective_function_value
            word = "optimal" if status == states.kOptimal else "unknown"
            prices = None if self.whole else np.array(solution.row_dual)
            return SolverAnswer(word, x, info.objective_function_value, bound, prices)
        if status == states.kInfeasible:
            return SolverAnswer("infeasible")
        if status in (states.kUnbounded, states.kUnboundedOrInfeasible):
            return SolverAnswer("unbounded" if status == states.kUnbounded else "unknown")
        return SolverAnswer("unknown")


_STOPPED = (
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kIterationLimit,
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kInterrupt,
)


def as_whole(x: FloatArray) -> FloatArray | None:
    """x rounded when every part of it is whole (within the solver's tolerance), else None."""
    rounded = np.round(x)
    return rounded if np.abs(rounded - x).max(initial=0.0) < WHOLE else None
