"""Holds Tenon's reading of Avro object container files to fastavro's writing of them: `avro.py TENON`."""

import datetime
import decimal
import json
import pathlib
import subprocess
import sys
import tempfile

import fastavro

TENON = sys.argv[1]
ROWS = 5_000
WRITTEN = {
    "type": "record",
    "name": "shop.Order",
    "fields": [
        {"name": "customer", "type": {"type": "record", "name": "Customer", "fields": [{"name": "name", "type": "string"}]}},
        {"name": "id", "type": "int"},
        {"name": "unread", "type": {"type": "map", "values": {"type": "array", "items": ["null", "double"]}}},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "placed", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "SHUT"]}},
    ],
}
# As the project has it: another order, a wider number, a field that was not written.
CONTRACT = {
    "type": "record",
    "name": "shop.Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "placed", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "SHUT"]}},
        {"name": "note", "type": "string", "default": "none"},
    ],
}
PROJECT = """project: orders
systems:
  files: { files: { folder: data } }
  db: { sql: { url: "sqlite://orders.db" } }
tables:
  orders: { in: db, contract: order, key: id }
flows:
  load:
    from: { file: { in: files, path: orders.avro, format: avro, contract: order } }
    steps:
      - upsert: orders
"""


def order(number):
    placed = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=number)
    return {
        "customer": {"name": f"customer {number}"},
        "id": number,
        "unread": {"a": [None, number / 4]},
        "total": decimal.Decimal(number) / 4,
        "placed": placed,
        "state": "SHUT" if number % 2 else "OPEN",
    }


def run(*arguments):
    done = subprocess.run([TENON, *arguments], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout


def check(codec):
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "tenon.yaml").write_text(PROJECT)
        (project / "contracts/order").mkdir(parents=True)
        (project / "contracts/order/1.avsc").write_text(json.dumps(CONTRACT))
        (project / "data").mkdir()
        with (project / "data/orders.avro").open("wb") as file:
            fastavro.writer(file, WRITTEN, (order(number) for number in range(ROWS)), codec=codec)
        run("run", folder, "--until-idle", "--fail-on-dead")
        rows = json.loads(run("tables", "-C", folder, "orders", "--format", "json", "--limit", str(ROWS)))
    found = {row["id"]: row for row in rows}
    expected = {number: order(number) for number in range(ROWS)}
    for number, row in expected.items():
        read = found[number]
        same = (
            decimal.Decimal(str(read["total"])) == row["total"]
            and datetime.datetime.fromisoformat(read["placed"]) == row["placed"]
            and (read["state"], read["note"]) == (row["state"], "none")
        )
        if not same:
            raise SystemExit(f"{codec}: row {number} is {read}, and fastavro wrote {row}")
    if len(found) != ROWS:
        raise SystemExit(f"{codec}: {len(found)} rows of {ROWS}")
    print(f"ok  {ROWS} rows with the codec {codec}")


for name in ["null", "deflate", "snappy", "zstandard"]:
    check(name)
