# SPDX-License-Identifier: MIT
"""Random PromQL that passes the type checker, and data on which its parts mean something."""
import math
import random

import prometheus_wire as wire

BEGIN_S = 1_700_000_000
STEP_S = 15
SAMPLES = 240

OF_VECTOR = ("abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan "
             "tanh timestamp day_of_month day_of_week day_of_year days_in_month hour minute month year "
             "sort sort_desc round histogram_count histogram_sum").split()
OF_RANGE = ("avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time "
            "min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time "
            "absent_over_time").split()
CALENDAR = "day_of_month day_of_week day_of_year days_in_month hour minute month year".split()
AGGREGATORS = "sum avg min max count group stddev stdvar".split()
ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
SETS = ["and", "or", "unless"]
NUMBERS = ["0", "1", "2", "3", "10", "0.5", "-1", "1.5", "100", "1e3", "-0.25", "NaN", "Inf", "-Inf", "0x1F", "1e-7", "7"]
DURATIONS = ["15s", "30s", "1m", "90s", "2m", "5m", "10m", "1h", "47s", "1m30s", "500ms"]
LABELS = ["a", "b", "kind", "le", "nothere"]
VALUES = {"a": ["x", "y", "z", ""], "b": ["1", "2", ""], "kind": ["nan", "inf", "ints"], "le": ["0.1", "+Inf", "1"],
          "nothere": ["", "q"]}
REGEXES = ["x|y", ".*", ".+", "[12]", "x.*", "", "(x|z)", "n.n|ints", "\\\\d+", "[^x]"]
METRICS = ["gauge", "gauge", "other_gauge", "requests_total", "requests_total", "small", "special", "gaps", "flapping",
           "late", "single", "h_bucket", "info", "nothing"]


def samples_of(values):
    """The values that are there as (time in ms, value)."""
    return [((BEGIN_S + index * STEP_S) * 1000, float(value)) for index, value in enumerate(values) if value is not None]


def data():
    """[(labels, samples)]: gauges, counters with resets, gaps, NaN and Inf, stale markers, a histogram."""
    chance = random.Random(20)
    series = []

    def add(name, values, **labels):
        series.append(({"__name__": name, **labels}, samples_of(values)))

    for a in "xyz":
        for b in "12":
            phase = ord(a) + ord(b)
            add("gauge", [round(50 + 40 * math.sin(i / 9 + phase) + chance.gauss(0, 3), 3) for i in range(SAMPLES)], a=a, b=b)
            add("small", [(i * phase // 7) % 5 for i in range(SAMPLES)], a=a, b=b)
            total, values = 0, []
            for i in range(SAMPLES):
                total = 0 if chance.random() < 0.02 else total + chance.randrange(9)
                values.append(total)
            add("requests_total", values, a=a, b=b)
        add("other_gauge", [chance.gauss(0, 1e3) for _ in range(SAMPLES)], a=a)
        add("info", [1] * SAMPLES, a=a, version="v" + a)
        add("gaps", [i if chance.random() < 0.5 and not 80 < i < 130 else None for i in range(SAMPLES)], a=a, b="1")
        cycle = {"x": 20, "y": 33, "z": 50}[a]
        add("flapping", [i % 7 if i % cycle < cycle // 2 else wire.STALE if i % cycle == cycle // 2 else None
                         for i in range(SAMPLES)], a=a, b="2")
        counts = [0] * 5
        for i, bound in enumerate(["0.1", "0.5", "1", "5", "+Inf"]):
            counts[i] = [j * (i + 1) * (1 + ord(a) % 3) for j in range(SAMPLES)]
            add("h_bucket", counts[i], a=a, le=bound)
    add("special", [math.nan if i % 10 == 3 else i % 10 for i in range(SAMPLES)], kind="nan")
    add("special", [math.inf if i % 10 == 4 else -math.inf if i % 10 == 7 else i for i in range(SAMPLES)], kind="inf")
    add("special", [-i for i in range(SAMPLES)], kind="ints")
    add("late", [i if i > SAMPLES // 2 else None for i in range(SAMPLES)])
    add("single", [7 if i == SAMPLES // 2 else None for i in range(SAMPLES)])
    return series


def batches(per_batch=40):
    """The data in the order of time: what Prometheus takes without settings for late samples."""
    for first in range(0, SAMPLES, per_batch):
        begin, end = ((BEGIN_S + index * STEP_S) * 1000 for index in (first, first + per_batch))
        yield [(labels, [sample for sample in samples if begin <= sample[0] < end]) for labels, samples in data()]


class Generator:
    """Same seed, same expressions."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def expression(self):
        depth = self.random.choice([1, 2, 2, 3, 3, 4])
        return self.vector(depth) if self.random.random() < 0.93 else self.scalar(depth)

    def pick(self, options):
        return self.random.choice(options)

    def maybe(self, chance):
        return self.random.random() < chance

    def some(self, options, most):
        return self.random.sample(options, self.random.randint(0, most))

    # Selectors

    def matcher(self):
        label = self.pick(LABELS)
        if self.maybe(0.5):
            return f'{label}{self.pick(["=", "!="])}"{self.pick(VALUES[label])}"'
        return f'{label}{self.pick(["=~", "!~"])}"{self.pick(REGEXES)}"'

    def selector(self):
        matchers = [self.matcher() for _ in range(self.pick([0, 0, 0, 1, 1, 2]))]
        if self.maybe(0.06):
            matchers.insert(0, f'__name__=~"{self.pick(["gauge|small", ".*gauge", "flap.*", "h_.+", "requests_total|gaps"])}"')
            return "{" + ",".join(matchers) + "}"
        return self.pick(METRICS) + ("{" + ",".join(matchers) + "}" if matchers or self.maybe(0.05) else "")

    def modifiers(self):
        offset = f" offset {self.pick(['', '', '-'])}{self.pick(DURATIONS)}" if self.maybe(0.12) else ""
        at = ""
        if self.maybe(0.1):
            at = " @ " + self.pick(["start()", "end()", str(BEGIN_S + 1800), f"{BEGIN_S + 1234.5}", str(BEGIN_S + 3000)])
        return at + offset if self.maybe(0.5) else offset + at

    def range_vector(self, depth):
        if depth > 0 and self.maybe(0.3):
            step = self.pick(["", "15s", "30s", "1m", "47s", "7s"])
            inner = self.vector(depth - 1)
            if any(f" {operator} " in inner for operator in ARITHMETIC + COMPARISONS + SETS) or inner[0] in "-+":
                inner = f"({inner})"
            return f"{inner}[{self.pick(['1m', '5m', '10m', '3m'])}:{step}]{self.modifiers()}"
        return f"{self.selector()}[{self.pick(DURATIONS)}]{self.modifiers()}"

    # Types

    def scalar(self, depth):
        if depth == 0 or self.maybe(0.5):
            return self.pick(NUMBERS)
        kind = self.random.randrange(6)
        if kind == 0:
            return self.pick(["time()", "pi()"])
        if kind == 1:
            return f"scalar({self.vector(depth - 1)})"
        if kind == 2:
            return f"-{self.scalar(depth - 1)}" if self.maybe(0.5) else f"({self.scalar(depth - 1)})"
        left, right = self.operand(self.scalar(depth - 1)), self.operand(self.scalar(depth - 1))
        if kind == 3:
            return f"{left} {self.pick(COMPARISONS)} bool {right}"
        return f"{left} {self.pick(ARITHMETIC)} {right}"

    def operand(self, text):
        return f"({text})" if " " in text and self.maybe(0.8) else text

    def vector(self, depth):
        if depth == 0:
            return self.selector() + self.modifiers()
        makers = [(self.function, 22), (self.range_function, 24), (self.aggregation, 18), (self.binary, 22),
                  (self.special_function, 10), (self.leaf, 6), (self.unary, 3)]
        maker = self.random.choices([one for one, _ in makers], [weight for _, weight in makers])[0]
        return maker(depth - 1)

    def leaf(self, _depth):
        return self.selector() + self.modifiers()

    def unary(self, depth):
        inner = self.vector(depth)
        return self.pick([f"-{inner}", f"+{inner}", f"-({inner})", f"({inner})"])

    def function(self, depth):
        name = self.pick(OF_VECTOR)
        if name in CALENDAR and self.maybe(0.1):
            return f"{name}()"
        if name == "round" and self.maybe(0.5):
            return f"round({self.vector(depth)}, {self.scalar(depth)})"
        return f"{name}({self.vector(depth)})"

    def range_function(self, depth):
        kind = self.random.randrange(12)
        if kind == 0:
            return f"quantile_over_time({self.scalar(depth)}, {self.range_vector(depth)})"
        if kind == 1:
            return f"predict_linear({self.range_vector(depth)}, {self.scalar(depth)})"
        if kind == 2:
            factors = self.pick(["0.3, 0.6", "0.5, 0.1", "0.9, 0.9", "0, 0.5", "0.5, 1"])
            return f"holt_winters({self.range_vector(depth)}, {factors})"
        return f"{self.pick(OF_RANGE)}({self.range_vector(depth)})"

    def special_function(self, depth):
        inner = self.vector(depth)
        return self.pick([
            lambda: f"absent({inner})",
            lambda: f"clamp({inner}, {self.scalar(depth)}, {self.scalar(depth)})",
            lambda: f"clamp_max({inner}, {self.scalar(depth)})",
            lambda: f"clamp_min({inner}, {self.scalar(depth)})",
            lambda: f"vector({self.scalar(depth)})",
            lambda: f"histogram_quantile({self.scalar(0)}, {inner})",
            lambda: f"histogram_quantile({self.pick(['0.5', '0.9', '0.25', '1', '0'])}, sum by ({self.pick(['le', 'le, a'])}) (rate(h_bucket[{self.pick(DURATIONS)}])))",
            lambda: f"histogram_fraction({self.scalar(0)}, {self.scalar(0)}, {inner})",
            lambda: self.label_replace(inner),
            lambda: f'label_join({inner}, "{self.pick(LABELS)}", "{self.pick(["-", "", "/"])}"{"".join(f", {chr(34)}{label}{chr(34)}" for label in self.some(LABELS, 3))})',
        ])()

    def label_replace(self, inner):
        regex, replacement = self.pick([("(.*)", "$1-v"), ("x|y", "w"), ("(.)(.*)", "$2$1"), (".*", ""), ("([xy])", "${1}q"),
                                        ("(?P<n>.+)", "$n"), ("nope", "k"), ("(", "$1")])
        target = self.pick(LABELS + ["__name__", "new", "1bad"]) if self.maybe(0.9) else "a"
        return f'label_replace({inner}, "{target}", "{replacement}", "{self.pick(LABELS)}", "{regex}")'

    def grouping(self):
        if self.maybe(0.25):
            return ""
        return f"{self.pick(['by', 'by', 'without'])} ({', '.join(self.some(LABELS + ['__name__'], 2))})"

    def aggregation(self, depth):
        inner, kind = self.vector(depth), self.random.randrange(14)
        if kind in (0, 1):
            name, arguments = self.pick(["topk", "bottomk"]), f"({self.pick(['1', '2', '3', '10', '0', self.scalar(depth)])}, {inner})"
        elif kind == 2:
            name, arguments = "quantile", f"({self.pick(['0.5', '0.9', '0', '1', '-1', self.scalar(depth)])}, {inner})"
        elif kind == 3:
            name, arguments = "count_values", f'("{self.pick(["value", "a", "b"])}", {inner})'
        else:
            name, arguments = self.pick(AGGREGATORS), f"({inner})"
        grouping = self.grouping()
        return f"{name} {grouping} {arguments}" if self.maybe(0.7) else f"{name}{arguments} {grouping}".rstrip()

    def binary(self, depth):
        kind = self.random.random()
        operator = self.pick(ARITHMETIC + COMPARISONS + SETS)
        left, right = self.operand(self.vector(depth)), self.operand(self.vector(depth))
        if operator in SETS:
            return f"{left} {operator}{self.matching(False)} {right}"
        modifier = " bool" if operator in COMPARISONS and self.maybe(0.4) else ""
        if kind < 0.4:
            number = self.operand(self.scalar(depth))
            return f"{left} {operator}{modifier} {number}" if self.maybe(0.6) else f"{number} {operator}{modifier} {right}"
        if kind < 0.55:  # sides that fit
            return f"{left} {operator}{modifier} {left}"
        return f"{left} {operator}{modifier}{self.matching(True)} {right}"

    def matching(self, may_group):
        if self.maybe(0.25):
            return ""
        labels = self.some(LABELS, 2)
        text = f" {self.pick(['on', 'ignoring'])} ({', '.join(labels)})"
        if may_group and self.maybe(0.5):
            extra = [label for label in self.some(LABELS + ["version"], 2) if label not in labels]
            text += f" {self.pick(['group_left', 'group_right'])}" + (f" ({', '.join(extra)})" if self.maybe(0.7) else " ()")
        return text
