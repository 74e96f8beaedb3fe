"""What independent validators say of contracts: libxml2 and xmlschema of XML Schema, zeep of WSDL, jsonschema and node (for patterns) of JSON
Schema.

Arguments: the kind. Standard input: one path a line. Standard output: for each, one line of JSON: the name of each validator with
null, or its message.
"""

import json
import re
import signal
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
SECONDS = 20


def libxml2(path):
    from lxml import etree

    etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True, resolve_entities=False)))


def xmlschema(path):
    import xmlschema as package

    with open(path, "rb") as file:
        # A schema of version 1.1 is one of nothing at all in version 1.0.
        if re.search(rb'minVersion\s*=\s*["\']1\.1', file.read(4000)):
            raise ValueError("says that it is of version 1.1")
    package.XMLSchema10(path, allow="local")


def zeep(path):
    from zeep import Client
    from zeep.transports import Transport

    class Local(Transport):
        def load(self, url):
            if url.startswith("http"):
                raise OSError(f"{url} is not read")
            return super().load(url)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Client(path, transport=Local())
    for warning in caught:
        # What it leaves out, it warns of.
        if "zeep" in warning.filename:
            raise ValueError(str(warning.message))


def jsonschema(path):
    from jsonschema.validators import validator_for

    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    validator_for(schema).check_schema(schema)
    patterns = []
    stack = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if isinstance(part.get("pattern"), str):
                patterns.append(part["pattern"])
            if isinstance(part.get("patternProperties"), dict):
                patterns.extend(part["patternProperties"])
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)
    # Patterns are those of ECMAScript, which only an engine of that language judges.
    test = "for (const it of JSON.parse(require('fs').readFileSync(0))) new RegExp(it)"
    made = subprocess.run(["node", "-e", test], input=json.dumps(patterns), text=True, capture_output=True)
    if made.returncode != 0:
        raise ValueError(next((it for it in made.stderr.splitlines() if "Error:" in it), "node refuses a pattern"))


JUDGES = {"xsd": (libxml2, xmlschema), "wsdl": (zeep,), "json": (jsonschema,)}


def verdict(judge, path):
    signal.alarm(SECONDS)
    try:
        judge(path)
        return None
    except BaseException as error:  # A judge that gives up says nothing good of the file.
        message = str(getattr(error, "message", None) or error) or type(error).__name__
        return " ".join(message.split())[:200]
    finally:
        signal.alarm(0)


def late(*_):
    raise TimeoutError(f"no answer in {SECONDS} seconds")


signal.signal(signal.SIGALRM, late)
for line in sys.stdin:
    path = line.rstrip("\n")
    print(json.dumps({judge.__name__: verdict(judge, path) for judge in JUDGES[sys.argv[1]]}), flush=True)
