"""Writes what both programs read: flights and orders as JSON lines, and wide documents with their schema. Argument: the folder."""
import csv, itertools, json, pathlib, random, sys

folder = pathlib.Path(sys.argv[1])
root = pathlib.Path(__file__).resolve().parents[2]
random.seed(2013)
TEXT = {"carrier", "tailnum", "origin", "dest", "time_hour"}


def write(name, values):
    with open(folder / name, "w") as out:
        out.writelines(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n" for value in values)


def flights():
    with open(root / "examples/flights/data/flights.csv", newline="") as rows:
        for row in csv.DictReader(rows):
            yield {k: v if k in TEXT else int(float(v)) for k, v in row.items() if v not in ("NA", "")}


def line():
    return {"sku": f"{random.choice(['ABC', 'QRT', 'XYZ'])}-{random.randrange(10_000):04}", "quantity": random.randint(1, 40),
            "price": random.randrange(5, 20_000) / 100}


def order(n):
    customer = {"name": f"Ada Lovelace {n}", "email": f"ada{n}@example.org"}
    if n % 3:
        customer["city"] = random.choice(["Zürich", "Oslo", "San José"])
    made = {"id": f"o-{n}", "placed_at": f"2026-0{n % 9 + 1}-1{n % 10}T10:0{n % 10}:00Z", "currency": random.choice(["CHF", "EUR", "USD"]),
            "customer": customer, "lines": [line() for _ in range(random.randint(1, 5))]}
    return made | ({"note": "Please ring the bell twice."} if n % 4 == 0 else {})


def event(n):
    return {"id": 1_000_000 + n, "kind": random.choice(["created", "moved", "paid", "shipped"]), "at": "2026-03-04T05:06:07.890Z",
            "by": {"user": f"user-{random.randrange(500)}", "team": random.choice(["north", "south"]), "is_system": n % 5 == 0},
            "amount": random.randrange(1, 100_000) / 100, "note": random.choice(["", "as agreed on the telephone", "see the \"terms\" on page 3"]),
            "tags": random.sample(["a", "blue", "fragile", "late", "vip"], 2), "parent": None if n % 3 else n // 3}


def wide(n):
    attributes = {f"attribute_{k:03}": random.choice(["yes", "no", "unknown", "a somewhat longer description of it"]) for k in range(200)}
    return {"id": f"case-{n}", "status": "open", "attributes": attributes, "events": [event(k) for k in range(425)],
            "customer": {"number": n, "email": f"customer{n}@example.org", "address": {"street": "Main Street 1", "city": "Zürich"}},
            "measures": [[random.random(), random.randrange(1_000)] for _ in range(300)], "total": n * 1.5, "created_at": "2026-01-02T03:04:05Z"}


def schema(value):
    """A schema of values like this one, closed and with all fields required."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {k: schema(v) for k, v in value.items()}, "required": list(value), "additionalProperties": False}
    if isinstance(value, list):
        return {"type": "array", "items": schema(value[0])}
    kinds = {bool: "boolean", int: "number", float: "number", str: "string"}
    return {"type": kinds[type(value)]} if value is not None else {"type": ["integer", "null"]}


write("flights.jsonl", flights())
write("orders.jsonl", map(order, range(6_000)))
documents = [wide(n) for n in range(20)]
write("wide.jsonl", documents)
of_wide = schema(documents[0])
of_wide["properties"]["events"]["items"]["properties"]["parent"] = {"type": ["integer", "null"]}
(folder / "wide.json").write_text(json.dumps(of_wide))
