"""Calls a shop that `tenon run` serves as SOAP with clients of other makers: `served.py TENON [CLIENTS]`, where the latter is `soap_clients.mjs` beside
its modules. One API has the description `shop.wsdl`, the other one that is made of its operations."""

import datetime
import decimal
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import requests
import zeep
from lxml import etree

import checks
from checks import finish, free_port, same

HERE = pathlib.Path(__file__).parent
TENON, CLIENTS = sys.argv[1], (sys.argv[2:] or [None])[0]

PROJECT = """
project: shop
systems: { db: { sql: { url: "sqlite://shop.db" } } }
tables: { orders: { in: db, contract: kept, key: number } }
flows:
  place:
    steps:
      - reject: { when: order.customer == 'gone', message: "'there is no ' + order.customer", kind: not_found }
      - map: { to: kept, fields: { number: 9007199254740000 + size(order.lines), customer: order.customer, session: order.session, lines: order.lines } }
      - upsert: orders
    reply: { number: kept.number, at: { value: "2026-01-31T12:00:00Z" } }
  tell:
    steps:
      - map: { to: kept, fields: { number: { value: 1 }, customer: tell.customer, session: { value: "" }, lines: { value: [] } } }
      - upsert: orders
    reply: { customer: tell.customer }
  add:
    steps: [{ log: { message: "'adding'" } }]
    reply: { sum: terms.a + terms.b }
  echo:
    steps: [{ log: { message: "'echoing'" } }]
    reply: sample
apis:
  first:
    auth: none
    expose: { rest: /v1, soap: { path: /first, wsdl: services/shop.wsdl } }
    operations:
      place:
        input: order
        output: placed
        flow: place
        soap:
          fields:
            customer: request.body.customer
            session: request.headers.?session.orValue('')
            lines: { each: request.body.line, as: line, fields: { price: string(line.price), count: line.count } }
          faults: { refused: { on: not_found, detail: { customer: request.body.customer } } }
      tell: { input: tell, output: tell, flow: tell }
      add: { input: terms, output: sum, flow: add }
      kept: { rest: "GET /orders/{number}", table: orders, soap: none }
  made:
    auth: none
    expose: { soap: /made }
    operations:
      place: { input: order, output: placed, flow: place, doc: Takes an order. }
      echo: { input: sample, output: sample, flow: echo }
      orders: { table: orders, filter: [number, customer], sort: [number] }
"""

LINES = '{ "type": "array", "items": { "type": "object", "additionalProperties": false, "required": ["price", "count"], "properties": { "price": { "type": "string", "format": "decimal" }, "count": { "type": "integer" } } } }'


def record(required, optional=""):
    names = ", ".join(f'"{it.split(":")[0]}"' for it in required)
    fields = ", ".join(f'"{it.split(":", 1)[0]}": {it.split(":", 1)[1]}' for it in required)
    return f'{{ "type": "object", "additionalProperties": false, "required": [{names}], "properties": {{ {fields}{optional} }} }}'


TEXT, INTEGER = '{ "type": "string" }', '{ "type": "integer" }'
CONTRACTS = {
    "order": record([f"customer:{TEXT}", f"session:{TEXT}", f"lines:{LINES}"]),
    "kept": record([f"number:{INTEGER}", f"customer:{TEXT}", f"session:{TEXT}", f"lines:{LINES}"]),
    "placed": record([f"number:{INTEGER}", 'at:{ "type": "string", "format": "date-time" }']),
    "tell": record([f"customer:{TEXT}"]),
    "terms": record([f"a:{INTEGER}", f"b:{INTEGER}"]),
    "sum": record(['sum:{ "type": "integer", "minimum": -2147483648, "maximum": 2147483647 }']),
    "sample": record(
        [
            f"text:{TEXT}", 'flag:{ "type": "boolean" }', 'number:{ "type": "number" }', f"big:{INTEGER}", 'exact:{ "type": "string", "format": "decimal" }',
            'day:{ "type": "string", "format": "date" }', 'at:{ "type": "string", "format": "date-time" }', 'state:{ "enum": ["on", "off"] }',
            'nothing:{ "type": ["string", "null"] }', f'tags:{{ "type": "array", "items": {TEXT} }}',
            f'inner:{record([f"a:{INTEGER}"])}',
        ],
        f', "more": {TEXT}',
    ),
}


def faulty(title, call, code, message, detail):
    try:
        call()
        same(title, "no fault", code)
    except zeep.exceptions.Fault as fault:
        local = str(fault.code).split(":")[-1].split("}")[-1]
        inside = [etree.QName(child).localname for child in (fault.detail if fault.detail is not None else [])]
        same(title, (local, fault.message, inside), (code, message, detail))


def plain(value):
    return zeep.helpers.serialize_object(value, dict)


def by_description(url):
    client = zeep.Client(f"{url}/first?wsdl")
    line, discounted = client.get_type("{urn:shop}Line"), client.get_type("{urn:shop}Discounted")
    at = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)
    for port in ["Port11", "Port12"]:
        service = client.bind("ShopService", port)
        lines = [line(price=decimal.Decimal("1.50"), count=2), discounted(price=decimal.Decimal("9.99"), count=1, percent=10)]
        place = lambda customer: service.place(customer=customer, line=lines, wanted=datetime.date(2026, 1, 31), _soapheaders={"session": "s1"})
        answer = place("A & <B>")
        same(f"{port}: an order is placed", (answer["number"], answer["at"]), (9007199254740002, at))
        kept = requests.get(f"{url}/v1/orders/9007199254740002", timeout=10).json()
        lines_kept = [{"price": "1.50", "count": 2}, {"price": "9.99", "count": 1}]
        same(f"{port}: what was sent is kept", kept, {"number": 9007199254740002, "customer": "A & <B>", "session": "s1", "lines": lines_kept})
        code = "Client" if port == "Port11" else "Sender"
        faulty(f"{port}: a declared fault", lambda: place("gone"), code, "there is no gone", ["refused"])
        same(f"{port}: nothing is answered to what is told", service.tell(customer="bob"), None)
        same(f"{port}: what is told is kept", requests.get(f"{url}/v1/orders/1", timeout=10).json()["customer"], "bob")
    sums = client.bind("ShopService", "PortSums")
    same("rpc/literal", sums.add(a=40, b=2), 42)
    faulty("a sum that the description cannot hold", lambda: sums.add(a=2147483647, b=1), "Server", "The reply of a flow does not follow its contract", ["problem"])


def made(url):
    client = zeep.Client(f"{url}/made?wsdl")
    sample = {
        "text": "a < b", "flag": True, "number": 2.5, "big": 9007199254740993, "exact": "12345678901234567890.12", "day": datetime.date(2026, 1, 31),
        "at": datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc), "state": "on", "nothing": None, "tags": ["x", "y"], "inner": {"a": 1}, "more": None,
    }
    for port in ["madeSoap", "madeSoap12"]:
        service = client.bind("made", port)
        found = plain(service.echo(**sample))
        found["exact"] = str(found["exact"])
        same(f"{port}: values of every kind come back", found, sample)
        answer = service.place(customer="eve", session="", lines=[{"price": "1", "count": 1}])
        same(f"{port}: an order is placed", answer["number"], 9007199254740001)
        page = service.orders(filter={"customer": {"eq": "eve"}}, limit=1)
        same(f"{port}: a page of rows", ([row["customer"] for row in page["items"]], page["next"]), (["eve"], None))
        code = "Client" if port == "madeSoap" else "Sender"
        faulty(f"{port}: what the description says is held", lambda: service.orders(limit=1000), code, "the data does not follow its contract", ["problem"])
    same("the documentation", client.wsdl.port_types["{urn:shop:made}made"].operations["place"].name, "place")


with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    (root / "services").mkdir()
    shutil.copy(HERE / "shop.wsdl", root / "services/shop.wsdl")
    (root / "tenon.yaml").write_text(PROJECT)
    for name, text in CONTRACTS.items():
        (root / "contracts" / name).mkdir(parents=True)
        (root / "contracts" / name / "1.json").write_text(text)
    url = f"http://127.0.0.1:{(port := free_port())}"
    log = open(root / "log", "w+")
    running = subprocess.Popen([TENON, "run", folder, "--dev", "--listen", f"127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/readyz", timeout=1)
                break
            except OSError:
                if running.poll() is not None:
                    break
                time.sleep(0.1)
        else:
            running.kill()
        if running.poll() is not None:
            log.seek(0)
            raise SystemExit(f"the project does not start: {log.read()}")
        by_description(url)
        made(url)
        if CLIENTS:
            done = subprocess.run(["node", CLIENTS, url], check=False)
            checks.failed += done.returncode
        else:
            print("SKIPPED: the clients of node", file=sys.stderr)
    finally:
        running.terminate()
        running.wait()

finish()
