"""What was measured, as a table and as JSON."""

import json
import statistics

BASE = "pgbouncer"
NOT_AVAILABLE = "n/a"


class Results:
    """Samples by row and target; a reason in place of samples where a target lacks a row or failed at it."""

    def __init__(self, rows, targets):
        self.rows = rows
        self.targets = targets
        self._samples = {}
        self.failures = {}

    def add(self, row, target, sample):
        self._samples.setdefault((row.name, target), []).append(sample)

    def fail(self, row, target, reason):
        self.failures.setdefault((row.name, target), reason)

    def samples(self, row, target):
        """None of a target that failed once: what the other rounds gave would hide it."""
        return [] if (row.name, target) in self.failures else self._samples.get((row.name, target), [])

    def median(self, row, target, key):
        values = [sample[key] for sample in self.samples(row, target)]
        return statistics.median(values) if values else None

    def ratio(self, row, target, key):
        own, base = self.median(row, target, key), self.median(row, BASE, key)
        return own / base if own is not None and base else None

    def judged(self, row, target):
        """Over all rounds, or None."""
        told = [sample["judged"] for sample in self.samples(row, target) if "judged" in sample]
        return {way: sum(counts[way] for counts in told) for way in told[0]} if told else None


def print_table(results, describe):
    print()
    for line in describe:
        print(line)
    section = None
    for row in results.rows:
        if row.section != section:
            section = row.section
            print()
            print(section.upper())
            print(" " * 20 + "  ".join(f"{title:29}" for _, title, _ in row.columns).rstrip())
            print(" " * 20 + "  ".join(f"{'median':>8} {'min':>7} {'spread':>6} {'ratio':>5}" for _ in row.columns))
        print()
        print(f"  {row.title}")
        for target in results.targets(row):
            print(f"    {target:16}{line_of(results, row, target)}")
        note = row.note({target: results.samples(row, target) for target in results.targets(row)})
        if note:
            print(f"    {note}")
    print()
    print_judged(results)
    for (name, target), reason in results.failures.items():
        print(f"FAILED {name}, {target}: {reason}")


def line_of(results, row, target):
    if (row.name, target) in results.failures:
        return f"{'failed':>8}"
    if not results.samples(row, target):
        return f"{NOT_AVAILABLE:>8}"
    return "  ".join(cells(results, row, target, key, decimals) for key, _, decimals in row.columns)


def cells(results, row, target, key, decimals):
    values = [sample[key] for sample in results.samples(row, target)]
    median = statistics.median(values)
    spread = f"{(max(values) - min(values)) / median * 100:.0f}%" if median else NOT_AVAILABLE
    ratio = results.ratio(row, target, key)
    ratio = NOT_AVAILABLE if ratio is None else f"{ratio:.2f}"
    return f"{median:8.{decimals}f} {min(values):7.{decimals}f} {spread:>6} {ratio:>5}"


def print_judged(results):
    rows = [row for row in results.rows if row.section == "pgbench -S"]
    if not rows:
        return
    counts = {
        (row, target): results.judged(row, target)
        for row in rows
        for target in results.targets(row)
        if not target.startswith(BASE)
    }
    if not any(counts.values()):
        print(f"Statements judged by text, template, grammar: {NOT_AVAILABLE}")
        return
    print("STATEMENTS JUDGED, all rounds" + " " * 29 + f"{'text':>10} {'template':>10} {'grammar':>8}")
    for (row, target), ways in counts.items():
        if ways:
            numbers = f"{ways['text']:10} {ways['template']:10} {ways['grammar']:8}"
            print(f"  {row.title:36} {target:18} {numbers}")
        else:
            print(f"  {row.title:36} {target:18} {NOT_AVAILABLE:>10}")
    print()


def print_summary(results):
    """In how many rows a target costs no more than PgBouncer, by the ratio of the first column."""
    ratios = {}
    for row in results.rows:
        for target in results.targets(row):
            ratio = results.ratio(row, target, row.columns[0][0])
            if target != BASE and ratio is not None:
                ratios.setdefault(target, {})[row.name] = ratio
    for target, by_row in ratios.items():
        above = [f"{name} {ratio:.2f}" for name, ratio in by_row.items() if ratio > 1]
        print(
            f"{target}: at or below {BASE} in {len(by_row) - len(above)} of {len(by_row)} rows"
            + (f"; above in {', '.join(above)}" if above else "")
        )


def write_json(results, path, facts):
    rows = [
        {
            "name": row.name,
            "title": row.title,
            "section": row.section,
            "columns": [{"key": key, "title": title} for key, title, _ in row.columns],
            "targets": {
                target: {
                    "samples": results.samples(row, target),
                    "medians": {key: results.median(row, target, key) for key, _, _ in row.columns},
                    "ratios": {key: results.ratio(row, target, key) for key, _, _ in row.columns},
                    "failure": results.failures.get((row.name, target)),
                }
                for target in results.targets(row)
            },
        }
        for row in results.rows
    ]
    with open(path, "w") as file:
        json.dump({**facts, "base": BASE, "rows": rows}, file, indent=1)
        file.write("\n")
