"""Holds Tenon's messages of SOAP to those of zeep, in both directions: `soap.py ENVELOPE`, the example `envelope` of `crates/contracts`."""

import datetime
import decimal
import json
import pathlib
import subprocess
import sys

import zeep
from lxml import etree
from zeep.transports import Transport

WSDL = pathlib.Path(__file__).with_name("shop.wsdl")
ENVELOPE = sys.argv[1]
failed = 0


def tenon(binding, operation, what, data):
    done = subprocess.run([ENVELOPE, WSDL, binding, operation, what], input=data, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{binding} {operation} {what}: {done.stderr.decode()}")
    return done.stdout


def same(title, found, expected):
    global failed
    if found == expected:
        print(f"ok  {title}")
    else:
        failed += 1
        print(f"BAD {title}\n  found    {found}\n  expected {expected}")


def canonical(xml):
    """The XML by its meaning: prefixes that stand for a namespace are written alike, and `xsi:type` without its prefix."""
    def plain(node):
        attributes = {name: text.split(":")[-1] if name.endswith("}type") else text for name, text in node.attrib.items()}
        return (node.tag, attributes, (node.text or "").strip(), [plain(child) for child in node])
    return plain(etree.fromstring(xml))


class Canned(Transport):
    """Answers what it is given."""
    answer = b""

    def post(self, address, message, headers):
        raise AssertionError("nothing is sent")


client = zeep.Client(str(WSDL), transport=Canned())
line, discounted = client.get_type("{urn:shop}Line"), client.get_type("{urn:shop}Discounted")

for port, binding in [("Port11", "Shop11"), ("Port12", "Shop12")]:
    service = client.bind("ShopService", port)
    lines = [line(price=decimal.Decimal("1.50"), count=2), discounted(price=decimal.Decimal("9.99"), count=1, percent=10)]
    message = client.create_message(
        service, "place", customer="A & <B>", line=lines, wanted=datetime.date(2026, 1, 31), _soapheaders={"session": "s1"}
    )
    theirs = etree.tostring(message)
    value = json.loads(tenon(binding, "place", "decode-request", theirs), parse_float=str)
    expected = {
        "headers": {"session": "s1"},
        "body": {
            "customer": "A & <B>",
            "line": [{"type": "Line", "count": 2, "price": "1.50"}, {"type": "Discounted", "count": 1, "price": "9.99", "percent": 10}],
            "wanted": "2026-01-31",
        },
    }
    same(f"{binding}: what zeep asks is read", value, expected)
    text = tenon(binding, "place", "decode-request", theirs)
    same(f"{binding}: the same is written", canonical(tenon(binding, "place", "encode-request", text)), canonical(theirs))

    ours = tenon(binding, "place", "encode-reply", b'{"number": 9007199254740993, "at": "2026-01-31T12:00:00Z"}')
    operation = service._binding.get("place")
    read = operation.process_reply(etree.fromstring(ours))
    at = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)
    same(f"{binding}: what Tenon answers is read", (read["number"], read["at"]), (9007199254740993, at))

service = client.bind("ShopService", "PortSums")
theirs = etree.tostring(client.create_message(service, "add", a=1, b=2))
same("rpc: what zeep asks is read", json.loads(tenon("Sums11", "add", "decode-request", theirs)), {"a": 1, "b": 2})
same("rpc: the same is written", canonical(tenon("Sums11", "add", "encode-request", b'{"a": 1, "b": 2}')), canonical(theirs))
answer = service._binding.get("add").process_reply(etree.fromstring(tenon("Sums11", "add", "encode-reply", b'{"sum": 3}')))
same("rpc: what Tenon answers is read", answer, 3)
sys.exit(failed > 0)
