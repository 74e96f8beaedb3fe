"""Has `tenon run` and `tenon call` call a service of grpcio, as it is, without TLS and with it: `called_grpc.py TENON`."""

import json
import pathlib
import subprocess
import sys
import tempfile

import grpc_tools
from grpc_tools import protoc

import checks
from checks import finish, same

HERE = pathlib.Path(__file__).parent
TENON = sys.argv[1]


def start(*arguments):
    """Starts the service: its port."""
    return checks.start(sys.executable, HERE / "grpc_stock.py", "PORT", *arguments)


def project(folder, url, beside=""):
    root = pathlib.Path(folder)
    text = {"type": "string"}
    for path, shape in {
        "contracts/order/1.json": {"type": "object", "additionalProperties": False, "required": ["sku"], "properties": {"sku": text}},
        "contracts/kept/1.json": {
            "type": "object", "additionalProperties": False, "required": ["sku", "answer"], "properties": {"sku": text, "answer": text},
        },
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(json.dumps(shape))
    for path in ["systems", "secrets", "data"]:
        (root / path).mkdir()
    (root / "systems/stock.proto").write_text((HERE / "stock.proto").read_text())
    (root / "secrets/STOCK_TOKEN").write_text("hunter2")
    (root / "secrets/WRONG_TOKEN").write_text("hunter3")
    (root / "data/orders.csv").write_text("sku\na\ngone\nnone\nbroken\nbusy\nslow\n")
    (root / "tenon.yaml").write_text(f"""project: shop
systems:
  files: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: "sqlite://shop.db" }} }}
  stock:
    grpc: {{ proto: systems/stock.proto, url: "{url}" }}
    auth: {{ bearer: "${{secret:STOCK_TOKEN}}" }}
    retry: {{ attempts: 2, backoff: 1ms..2ms }}
    breaker: {{ failures: 1000 }}{beside}
tables:
  kept: {{ in: db, contract: kept, key: sku }}
flows:
  ask:
    from: {{ file: {{ in: files, path: orders.csv, contract: order }} }}
    retry: {{ attempts: 2, backoff: 1ms..2ms }}
    steps:
      - call:
          operation: stock.Take
          fields: {{ sku: order.sku }}
          as: level
          failures:
            NOT_FOUND: none
            FAILED_PRECONDITION: {{ reject: conflict, message: "failure.detail + ': ' + string(failure.value.details[0].reason) + ' ' + string(failure.value.details[1].left)" }}
      - let: {{ answer: "level != null ? string(level.left) + ' ' + string(level.?as_of.orValue(timestamp('1970-01-01T00:00:00Z'))) : failure != null ? failure.detail : ''" }}
      - map: {{ to: kept, fields: {{ sku: order.sku, answer: answer }} }}
      - upsert: kept
""")


def tenon(*arguments):
    return subprocess.run([TENON, *arguments, "--format", "json"], capture_output=True, text=True, check=False)


def called(folder, operation, sku):
    """What `tenon call` answers: the value, or the code of its report."""
    done = tenon("call", operation, "--input", json.dumps({"sku": sku}), "-C", folder)
    said = json.loads(done.stdout or "null")
    return said if done.returncode == 0 else (done.returncode, done.stdout + done.stderr)


def flow(url):
    with tempfile.TemporaryDirectory() as folder:
        project(folder, url)
        ran = tenon("run", folder, "--until-idle", "--listen", "127.0.0.1:0")
        if ran.returncode:
            raise SystemExit(f"tenon run: {ran.stdout} {ran.stderr}")
        rows = json.loads(tenon("tables", "kept", "-C", folder).stdout)
        letters = json.loads(tenon("dead", "list", "-C", folder).stdout)
        rows = {row["sku"]: row["answer"] for row in rows}
        letters = sorted((letter["code"], letter["report"]["message"].split(":")[0]) for letter in letters)
        same("a flow: answers, a status that is expected, one that turned the call away", rows, {
            "a": "-7 2026-02-03T04:05:06.789Z", "gone": "there is no gone: für 100 %", "busy": "-7 2026-02-03T04:05:06.789Z",
        })
        same("a flow: details in the message, and calls in doubt", letters, [
            ("F0043", "none is left"), ("Y0425", "`stock.Take` may have acted or not"), ("Y0425", "`stock.Take` may have acted or not"),
        ])


def calls(title, url, beside=""):
    with tempfile.TemporaryDirectory() as folder:
        project(folder, url, beside)
        made = {"sku": "a", "left": -7, "place": "NORTH", "as_of": "2026-02-03T04:05:06.789Z", "prices": {"eur": 1.25}, "own": True}
        same(f"{title}: an answer of every kind of field", called(folder, "stock.GetLevel", "a"), made)
        same(f"{title}: an answer that is compressed", len(called(folder, "stock.GetLevel", "big")["sku"]), 300_000)
        lefts = [one["left"] for one in called(folder, "stock.History", "a")]
        same(f"{title}: a stream is a list", lefts, [0, -1, -2])
        for sku, words in {
            "gone": ["Y0422", "NOT_FOUND", "there is no gone: für 100 %"], "none": ["Y0421", "FAILED_PRECONDITION", "NONE_LEFT"],
            "broken": ["Y0424", "UNKNOWN", "a mistake of the service"], "slow": ["Y0424", "DEADLINE_EXCEEDED", "it says: True"],
        }.items():
            _, said = called(folder, "stock.GetLevel", sku)
            same(f"{title}: {words[1]}", [word for word in words if word not in said], [])
        _, said = called(folder, "stock.History", "broken")
        same(f"{title}: a stream that breaks", [word for word in ["DATA_LOSS", "the rest is lost"] if word not in said], [])
        path = pathlib.Path(folder, "tenon.yaml")
        path.write_text(path.read_text().replace("secret:STOCK", "secret:WRONG"))
        _, said = called(folder, "stock.GetLevel", "a")
        same(f"{title}: credentials that are wrong", [word for word in ["Y0423", "UNAUTHENTICATED"] if word not in said], [])


with tempfile.TemporaryDirectory() as folder:
    known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    code = ["", f"-I{HERE}", f"-I{known}", f"--python_out={folder}", f"--grpc_python_out={folder}", str(HERE / "stock.proto")]
    if protoc.main(code):
        raise SystemExit("protoc does not read stock.proto")
    url = f"http://127.0.0.1:{start(folder)}"
    flow(url)
    calls("without TLS", url)
    command = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command += ["-addext", "basicConstraints=critical,CA:FALSE", "-newkey", "rsa:2048", "-keyout", f"{folder}/key", "-out", f"{folder}/certificate"]
    subprocess.run(command, check=True, capture_output=True)
    url = f"https://localhost:{start(folder, f'{folder}/certificate', f'{folder}/key')}"
    certificate = pathlib.Path(folder, "certificate").read_text()
    write = project

    def project(root, *arguments):
        write(root, *arguments)
        pathlib.Path(root, "systems/ca.pem").write_text(certificate)

    calls("with TLS", url, "\n    tls: { ca: systems/ca.pem }")
finish()
