"""Has `tenon run` call services of spyne and node-soap, as they are: `called.py TENON SOAP_SHOP`, where the latter is `soap_shop.mjs` beside its modules,
or nothing where there is no node-soap. The descriptions are those that spyne makes itself, and `shop.wsdl`."""

import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from checks import finish, same, start

HERE = pathlib.Path(__file__).parent
TENON, SOAP_SHOP = sys.argv[1], (sys.argv[2:] or [None])[0]


def served(*command):
    """Starts a server: its URL."""
    return f"http://127.0.0.1:{start(*command)}"


def run(folder, *arguments):
    done = subprocess.run([TENON, *arguments, "-C", folder, "--format", "json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"tenon {arguments}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout)


def shop(systems, step, skus, files=()):
    """Runs a project with these files that asks about each of `skus`: the rows as `{sku: answer}`, and codes and messages of the dead letters."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {
            "contracts/order/1.json": {"type": "object", "additionalProperties": False, "required": ["sku"], "properties": {"sku": {"type": "string"}}},
            "contracts/kept/1.json": {
                "type": "object", "additionalProperties": False, "required": ["sku", "answer"],
                "properties": {"sku": {"type": "string"}, "answer": {"type": "string"}},
            },
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(json.dumps(text))
        (root / "systems").mkdir()
        for name, (text, _) in systems.items():
            (root / f"systems/{name}.wsdl").write_text(text)
        (root / "secrets").mkdir()
        (root / "secrets/SHOP_PASSWORD").write_text("hunter2")
        (root / "data").mkdir()
        (root / "data/orders.csv").write_text("sku\n" + "\n".join(skus) + "\n")
        for path, text in files:
            (root / path).write_text(text)
        called = "\n".join(f"  {name}: {settings}" for name, (_, settings) in systems.items())
        (root / "tenon.yaml").write_text(f"""project: shop
systems:
  files: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: "sqlite://shop.db" }} }}
{called}
tables:
  kept: {{ in: db, contract: kept, key: sku }}
flows:
  ask:
    from: {{ file: {{ in: files, path: orders.csv, contract: order }} }}
    retry: {{ attempts: 2, backoff: 1ms..2ms }}
    steps:
{step}
      - map: {{ to: kept, fields: {{ sku: order.sku, answer: string(answer) }} }}
      - upsert: kept
""")
        ran = subprocess.run([TENON, "run", folder, "--until-idle", "--listen", "127.0.0.1:0"], capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"tenon run: {ran.stdout} {ran.stderr}")
        rows = {row["sku"]: row["answer"] for row in run(folder, "tables", "kept")}
        letters = run(folder, "dead", "list")
        return rows, sorted((letter["code"], letter["report"]["message"]) for letter in letters)


PLACE = """      - call:
          operation: shop.Place
          fields:
            headers: { Session: { user: { value: USER } } }
            body: { line: "[{'sku': order.sku, 'price': decimal('1.25')}, {'sku': 'b', 'price': decimal('2')}]" }
          as: placed
          failures: { OutOfStock: { reject: conflict, message: "failure.name + ': ' + failure.detail" } }
      - let: { answer: "placed.?PlaceResult.orValue(null)" }
      - reject: { when: answer == null, message: "'nothing was answered'" }"""


def spyne(version):
    url = served(sys.executable, HERE / "spyne_shop.py", "PORT", version)
    wsdl = urllib.request.urlopen(f"{url}/?wsdl").read().decode()
    system = {"shop": (wsdl, "{ soap: { wsdl: systems/shop.wsdl } }")}
    title = f"spyne, SOAP 1.{version[1]}"
    rows, letters = shop(system, PLACE.replace("USER", "tenon"), ["a", "gone", "broken"])
    same(f"{title}: document/literal with a header and two namespaces", rows, {"a": "3.25"})
    codes = [code for code, _ in letters]
    same(f"{title}: a declared fault by its details, and a mistake of the service", codes, ["F0043", "Y0425"])
    same(f"{title}: what the fault says", letters[0][1], "OutOfStock: there is no gone")
    rows, letters = shop(system, PLACE.replace("USER", "nobody"), ["a"])
    same(f"{title}: a fault of the client", (rows, [code for code, _ in letters]), ({}, ["Y0421"]))


def signed():
    """Messages that are signed by keys of both kinds, and one by a key that the service does not know."""
    made = {
        "RSA": ["-newkey", "rsa:2048"],
        "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, key in made.items():
            command = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=tenon", "-days", "2", *key, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"]
            subprocess.run(command, check=True, capture_output=True)
        read = lambda name: pathlib.Path(folder, name).read_text()
        for name, other in [("RSA", "P-256"), ("P-256", "RSA")]:
            url = served(sys.executable, HERE / "spyne_shop.py", "PORT", "11", f"{folder}/{name}.pem")
            wsdl = urllib.request.urlopen(f"{url}/?wsdl").read().decode()
            auth = "{ ws_security: { certificate: systems/shop.pem, key: '${secret:SHOP_KEY}', timestamp: 5m } }"
            system = {"shop": (wsdl, f"{{ soap: {{ wsdl: systems/shop.wsdl }}, auth: {auth} }}")}
            by = lambda key: [("systems/shop.pem", read(f"{key}.pem")), ("secrets/SHOP_KEY", read(f"{key}.key"))]
            place = PLACE.replace("USER", "tenon")
            same(f"a message that is signed by {name}", shop(system, place, ["a"], by(name)), ({"a": "3.25"}, []))
            rows, letters = shop(system, place, ["a"], by(other))
            same(f"a message that is signed by another key than {name}", (rows, [code for code, _ in letters]), ({}, ["Y0421"]))


def node(version):
    url = served("node", SOAP_SHOP, "PORT", version, HERE / "shop.wsdl")
    wsdl = (HERE / "shop.wsdl").read_text()
    settings = (
        f"{{ soap: {{ wsdl: systems/shop.wsdl, port: Port{version}, url: '{url}/{version}' }}, "
        "auth: { ws_security: { user: tenon, password: '${secret:SHOP_PASSWORD}', send_password: digest, timestamp: 5m } } }"
    )
    call = """      - call: { operation: shop.tell, fields: { customer: order.sku } }
      - call:
          operation: shop.place
          fields: { headers: { session: "'s1'" }, body: { customer: order.sku, line: "[{'type': 'Line', 'count': 2, 'price': decimal('1.5')}]" } }
          as: placed
          failures: { refused: { reject: conflict, message: "failure.name + ' ' + failure.value.customer + ': ' + failure.detail" } }
      - let: { answer: placed.number }"""
    title = f"node-soap, SOAP 1.{version[1]}"
    rows, letters = shop({"shop": (wsdl, settings)}, call, ["a", "gone", "broken"])
    same(f"{title}: a message by WS-Security, answered", rows, {"a": "9007199254740001"})
    same(f"{title}: faults", [code for code, _ in letters], ["F0043", "Y0425"])
    same(f"{title}: what the fault says", letters[0][1], "refused gone: there is no gone")
    same(f"{title}: messages without an answer", json.load(urllib.request.urlopen(url)), ["a", "gone", "broken"])
    if version == "11":
        settings = settings.replace("Port11", "PortSums").replace("/11'", "/sums'")
        call = """      - call: { operation: shop.add, fields: { a: size(order.sku), b: 2 }, as: added }
      - let: { answer: added.sum }"""
        rows, letters = shop({"shop": (wsdl, settings)}, call, ["a", "bcd"])
        same("node-soap: rpc/literal", (rows, letters), ({"a": "3", "bcd": "5"}, []))


for version in ["11", "12"]:
    spyne(version)
    if SOAP_SHOP:
        node(version)
if importlib.util.find_spec("xmlsec") and importlib.util.find_spec("zeep") and shutil.which("openssl"):
    signed()
else:
    print("SKIPPED: signatures of messages, for which zeep, xmlsec or openssl cannot be installed", file=sys.stderr)
finish()
