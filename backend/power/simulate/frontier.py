"""The frontier of cost against wait: whom nobody beats on both, drawn and listed."""

from collections.abc import Sequence
from pathlib import Path

from backend.power.simulate.outcome import Outcome


def frontier(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return those that no other beats on both cost and p95, the cheapest first."""
    ordered = sorted(outcomes, key=lambda each: (each.usd_month, each.wait_s(95)))
    best: list[Outcome] = []
    for outcome in ordered:
        if not best or outcome.wait_s(95) < best[-1].wait_s(95):
            best.append(outcome)
    return best


def draw_frontier(outcomes: Sequence[Outcome], title: str, path: Path) -> None:
    """Draw every policy, and a line through the frontier. Needs matplotlib.

    Money and waits span decades, so both axes are logarithmic; what costs nothing stands at the
    left edge, and who waits for ever at the top.
    """
    import matplotlib  # noqa: PLC0415 - slow, and seldom wanted

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    points = {each.name: (max(each.usd_month, 0.01), _drawn_wait_s(each)) for each in outcomes}
    figure, axes = pyplot.subplots(figsize=(8, 5), dpi=100)
    line = [points[each.name] for each in frontier(outcomes)]
    axes.plot(*zip(*line, strict=True), color="#a33b27", linewidth=1)
    axes.scatter(*zip(*points.values(), strict=True), color="#2f2a26")
    # By turns above and below, and to the left of the right edge: neighbours stay readable.
    for number, (name, point) in enumerate(sorted(points.items(), key=lambda each: each[1])):
        side, above = ("right" if point[0] > 50.0 else "left"), number % 2 == 0
        offset = (-5 if side == "right" else 5, 6 if above else -12)
        axes.annotate(name, point, offset, textcoords="offset points", fontsize=9, ha=side)
    axes.set(xscale="log", yscale="log", title=title)
    axes.set_xlabel("US dollars a month (nothing stands at 0.01)")
    axes.set_ylabel("seconds that 95 % of the voices stay within")
    axes.grid(visible=True, alpha=0.3)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def _drawn_wait_s(outcome: Outcome) -> float:
    return min(outcome.wait_s(95), 1e6)
