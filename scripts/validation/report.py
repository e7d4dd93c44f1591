"""Tables of validation rows."""
import statistics
from collections import Counter

import rows as validation


def table(answered):
    lines = [f"{'source':<16}{'what':<46}{'model':>12}{'hardware':>12}{'error':>9}"]
    for row in answered:
        start = f"{row.source:<16}{row.name:<46}"
        if row.model is None:
            lines.append(f"{start}{'':>12}{row.hardware:>12.4g}  {row.reason}")
        else:
            lines.append(f"{start}{row.model:>12.4g}{row.hardware:>12.4g}{row.error:>+9.1%}")
    return "\n".join(lines)


def within(answered, group):
    """How many of a group are reproduced, lie within the bound; median of |error|."""
    errors = [abs(row.error) for row in answered if row.group == group and row.model is not None]
    limit = validation.LIMITS[group]
    return len(errors), sum(e <= limit for e in errors), statistics.median(errors or [0])


def summary(answered):
    lines = [f"{'group':<22}{'reproduced':>11}{'bound':>8}{'within':>9}{'share':>8}{'median':>9}"]
    for group, limit in validation.LIMITS.items():
        count, good, median = within(answered, group)
        share = good / count if count else 0
        lines.append(f"{group:<22}{count:>11}{limit:>8.0%}{good:>9}{share:>8.0%}{median:>9.1%}")
    reasons = Counter(row.reason for row in answered if row.reason)
    numbers = sum(row.group != "kernel, corrected" for row in answered)  # a second model of some
    lines.append(f"\n{numbers} numbers, {sum(reasons.values())} not reproduced:")
    for reason, count in reasons.most_common():
        lines.append(f"{count:>6}  {reason}: {validation.REASONS[reason]}")
    return "\n".join(lines)


def models(answered, group):
    """By what it is."""
    return {(row.source, row.name): row.model
            for row in answered if row.group == group and row.model is not None}


def sensitivity(reference, parameters, tool, machine):
    before = validation.evaluate(reference, parameters, tool, machine)
    groups = ["kernel, issue-bound", "kernel, dma-bound", "host phase", "whole call",
              "launch floor"]
    head = f"{'parameter':<28}{'change':>7}"
    lines = [head + "".join(f"{group:>22}" for group in groups),
             " " * len(head) + "".join(f"{'mean move, within':>22}" for _ in groups)]
    for name, scaled in parameters.fitted().items():
        for factor in (0.7, 1.3):
            after = validation.evaluate(reference, scaled(factor), tool, machine)
            cells = []
            for group in groups:
                old = models(before, group)
                new = models(after, group)
                moves = [new[key] / old[key] - 1 for key in old if key in new]
                count, good, _ = within(after, group)
                cells.append(f"{statistics.mean(moves):>+14.1%}{good / count:>8.0%}")
            lines.append(f"{name:<28}{factor - 1:>+7.0%}" + "".join(cells))
    return "\n".join(lines)
