"""Asks a project that is served by gRPC as clients of grpcio do: `served_grpc.py TENON`."""

import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile

import grpc
import grpc_tools
from google.rpc import error_details_pb2
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from grpc_tools import protoc

import checks
from checks import finish, free_port, same

HERE = pathlib.Path(__file__).parent
TENON = sys.argv[1]
KEY = "k" * 40


def project(root, listen, tls):
    text = {"type": "string"}
    line = {"type": "object", "additionalProperties": False, "required": ["sku", "quantity"], "properties": {"sku": text, "quantity": {"type": "integer", "minimum": 1}}}
    properties = {
        "id": {"type": "string", "minLength": 1, "maxLength": 10}, "state": {"enum": ["OPEN", "SENT"]}, "at": {"type": "string", "format": "date-time"},
        "total": {"type": "string", "format": "decimal"}, "lines": {"type": "array", "items": line}, "note": {"type": ["string", "null"]},
        "day": {"type": "string", "format": "date"},
    }
    contracts = {
        "order": {"type": "object", "additionalProperties": False, "required": ["id", "state", "at", "total", "lines", "day"], "properties": properties},
        "receipt": {"type": "object", "additionalProperties": False, "required": ["id", "words"], "properties": {"id": text, "words": text}},
    }
    for name, shape in contracts.items():
        (root / f"contracts/{name}").mkdir(parents=True)
        (root / f"contracts/{name}/1.json").write_text(json.dumps(shape))
    (root / "apis").mkdir()
    (root / "apis/orders.proto").write_text((HERE / "orders.proto").read_text())
    (root / "secrets").mkdir(exist_ok=True)
    (root / "secrets/CLERK").write_text(KEY)
    (root / "tenon.yaml").write_text(f"""project: shop
server: {{ listen: "{listen}"{tls} }}
systems:
  db: {{ sql: {{ url: "sqlite://shop.db" }} }}
tables:
  orders: {{ in: db, contract: order, key: id }}
apis:
  shop:
    auth: {{ api_keys: {{ clerk: {{ key: "${{secret:CLERK}}", scopes: [orders] }} }} }}
    expose: {{ rest: /v1, grpc: {{ proto: apis/orders.proto }} }}
    operations:
      get-order: {{ rest: "GET /orders/{{id}}", table: orders, scope: orders }}
      list-orders: {{ rest: GET /orders, table: orders, filter: [state], sort: [id, day], scope: orders, limit: 50/m per client }}
      submit-order: {{ rest: POST /orders, input: order, output: receipt, flow: submit, scope: orders }}
flows:
  submit:
    steps:
      - reject: {{ when: size(order.lines) == 0, message: "'an order without lines: ' + order.id" }}
      - map: {{ to: order, fields: {{ ...: order }} }}
      - upsert: orders
    reply: {{ id: order.id, words: "'für ' + order.id" }}
""")


def run(folder, identity=None):
    """Serves the project in `folder`: with TLS, where there are a certificate and a key."""
    address = f"127.0.0.1:{free_port()}"
    tls = ""
    if identity:
        for name, text in identity.items():
            pathlib.Path(folder, name).parent.mkdir(exist_ok=True)
            pathlib.Path(folder, name).write_text(text)
        tls = ', tls: { certificate: tls/server.pem, key: tls/server.key }'
    project(pathlib.Path(folder), address, tls)
    checked = subprocess.run([TENON, "check", folder], capture_output=True, text=True, check=False)
    if checked.returncode:
        raise SystemExit(f"tenon check: {checked.stdout} {checked.stderr}")
    log = open(f"{folder}/log", "w+")
    return address, subprocess.Popen([TENON, "run", folder], stdout=log, stderr=log)


def refused(call):
    """The code, the words and the details of a call that is refused."""
    try:
        call()
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        details = {}
        for kind in [error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo, error_details_pb2.RequestInfo]:
            for packed in status.details if status else []:
                one = kind()
                if packed.Unpack(one):
                    details[kind.__name__] = one
        return error.code().name, error.details(), details
    return "OK", "", {}


def ask(channel, stubs, messages):
    service = stubs.OrderServiceStub(channel)
    key = [("x-api-key", KEY)]
    order = messages.Order(id="o1", state=messages.OPEN, total="12.50", day="2026-02-03", lines=[messages.Line(sku="a", quantity=2)])
    order.at.FromJsonString("2026-02-03T04:05:06.789Z")
    receipt = service.SubmitOrder(order, metadata=key)
    same("a message through a flow", (receipt.id, receipt.words), ("o1", "für o1"))
    same("a row by its key", service.GetOrder(messages.OrderKey(id="o1"), metadata=key), order)
    for number in [2, 3]:
        other = messages.Order()
        other.CopyFrom(order)
        other.id, other.state, other.note = f"o{number}", messages.SENT, "x"
        service.SubmitOrder(other, metadata=key)
    page = service.ListOrders(messages.OrdersAsked(page_size=2, order_by="-id"), metadata=key)
    rest = service.ListOrders(messages.OrdersAsked(page_size=2, order_by="-id", page_token=page.next_page_token), metadata=key)
    same("pages of rows", [[one.id for one in it.orders] for it in [page, rest]] + [rest.next_page_token], [["o3", "o2"], ["o1"], ""])
    sent = service.ListOrders(messages.OrdersAsked(state="SENT"), metadata=key)
    same("rows by a filter", [one.id for one in sent.orders], ["o2", "o3"])

    code, words, details = refused(lambda: service.GetOrder(messages.OrderKey(id="none"), metadata=key))
    same("no such row", (code, words, details["ErrorInfo"].reason, details["ErrorInfo"].metadata["code"]), ("NOT_FOUND", "there is no row with this key", "NOT_FOUND", "A0103"))
    order.id, order.lines[0].quantity = "far too long an id", 0
    code, words, details = refused(lambda: service.SubmitOrder(order, metadata=key))
    fields = sorted(one.field for one in details["BadRequest"].field_violations)
    same("fields that are wrong", (code, fields), ("INVALID_ARGUMENT", ["id", "lines[0].quantity"]))
    order.id = "o9"
    del order.lines[:]
    code, words, details = refused(lambda: service.SubmitOrder(order, metadata=key))
    same("what a flow rejects", (code, words), ("FAILED_PRECONDITION", "an order without lines: o9"))
    same("a page that is too large", refused(lambda: service.ListOrders(messages.OrdersAsked(page_size=9_999), metadata=key))[0], "INVALID_ARGUMENT")
    code, _, details = refused(lambda: service.GetOrder(messages.OrderKey(id="o1")))
    same("no credentials", (code, bool(details["RequestInfo"].request_id)), ("UNAUTHENTICATED", True))
    same("credentials that are wrong", refused(lambda: service.GetOrder(messages.OrderKey(id="o1"), metadata=[("x-api-key", "x" * 40)]))[0], "UNAUTHENTICATED")
    bearer = [("authorization", f"Bearer {KEY}")]
    same("a key as a token", service.GetOrder(messages.OrderKey(id="o1"), metadata=bearer).id, "o1")
    compressed = service.GetOrder(messages.OrderKey(id="o1"), metadata=key, compression=grpc.Compression.Gzip)
    same("a message that is compressed", compressed.id, "o1")
    unknown = channel.unary_unary("/shop.v1.OrderService/Nothing", request_serializer=bytes, response_deserializer=bytes)
    same("a method that there is not", refused(lambda: unknown(b""))[0], "UNIMPLEMENTED")
    broken = channel.unary_unary("/shop.v1.OrderService/GetOrder", request_serializer=bytes, response_deserializer=bytes)
    same("a message that is none", refused(lambda: broken(b"\xff", metadata=key))[0], "INVALID_ARGUMENT")
    for _ in range(60):
        code, _, details = refused(lambda: service.ListOrders(messages.OrdersAsked(), metadata=key))
        if code != "OK":
            break
    same("too many calls", (code, "RetryInfo" in details), ("RESOURCE_EXHAUSTED", True))
    health = health_pb2_grpc.HealthStub(channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    for name in ["", "shop.v1.OrderService"]:
        same(f"health of `{name}`", health.Check(health_pb2.HealthCheckRequest(service=name)).status, serving)
    same("health of a service that there is not", refused(lambda: health.Check(health_pb2.HealthCheckRequest(service="x")))[0], "NOT_FOUND")


def reflect(channel, address):
    """Calls without the `.proto`, which is asked for."""
    known = ProtoReflectionDescriptorDatabase(channel)
    services = sorted(known.get_services())
    same("the services", services, ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "shop.v1.OrderService"])
    pool = descriptor_pool.DescriptorPool(known)
    method = pool.FindServiceByName("shop.v1.OrderService").FindMethodByName("GetOrder")
    made = [message_factory.GetMessageClass(it) for it in (method.input_type, method.output_type)]
    call = channel.unary_unary("/shop.v1.OrderService/GetOrder", request_serializer=made[0].SerializeToString, response_deserializer=made[1].FromString)
    row = json_format.MessageToDict(call(made[0](id="o1"), metadata=[("x-api-key", KEY)]))
    same("a row by its description alone", row["lines"], [{"sku": "a", "quantity": "2"}])

    # Tools ask on one stream, and wait for each answer before they ask again.
    asked, answers = queue.Queue(), None
    answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(asked.get, None), timeout=20)
    for question, field in [({"list_services": "*"}, "list_services_response"), ({"file_containing_symbol": "shop.v1.Order"}, "file_descriptor_response"), ({"file_by_filename": "none.proto"}, "error_response")]:
        asked.put(reflection_pb2.ServerReflectionRequest(**question))
        same(f"reflection on one stream: {field}", next(answers).WhichOneof("message_response"), field)
    asked.put(None)
    same("reflection ends well", (list(answers), answers.code().name), ([], "OK"))
    buf = shutil.which("buf", path=f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}")
    if buf:
        command = [buf, "curl", "--protocol", "grpc", "--http2-prior-knowledge", "-H", f"x-api-key: {KEY}", "-d", '{"id":"o1"}', f"http://{address}/shop.v1.OrderService/GetOrder"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        same("buf curl, with reflection", json.loads(ran.stdout or "{}").get("total", ran.stderr), "12.50")


def with_tls(stubs, messages):
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as folder:
        command = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
        command += ["-newkey", "rsa:2048", "-keyout", f"{made}/key", "-out", f"{made}/pem"]
        subprocess.run(command, check=True, capture_output=True)
        read = lambda name: pathlib.Path(made, name).read_text()
        address, server = run(folder, {"tls/server.pem": read("pem"), "tls/server.key": read("key")})
        try:
            trust = grpc.ssl_channel_credentials(read("pem").encode())
            with grpc.secure_channel(address.replace("127.0.0.1", "localhost"), trust) as channel:
                grpc.channel_ready_future(channel).result(timeout=60)
                page = stubs.OrderServiceStub(channel).ListOrders(messages.OrdersAsked(), metadata=[("x-api-key", KEY)])
                same("with TLS", list(page.orders), [])
        finally:
            server.terminate()
            server.wait()


with tempfile.TemporaryDirectory() as code, tempfile.TemporaryDirectory() as folder:
    known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    if protoc.main(["", f"-I{HERE}", f"-I{known}", f"--python_out={code}", f"--grpc_python_out={code}", str(HERE / "orders.proto")]):
        raise SystemExit("protoc does not read orders.proto")
    sys.path.insert(0, code)
    import orders_pb2
    import orders_pb2_grpc

    address, server = run(folder)
    try:
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=60)
            ask(channel, orders_pb2_grpc, orders_pb2)
            reflect(channel, address)
        read = subprocess.run(["curl", "-sf", f"http://{address}/shop.v1.OrderService.proto"], capture_output=True, text=True, check=False)
        with_tls(orders_pb2_grpc, orders_pb2)
        same("the description", read.stdout, (HERE / "orders.proto").read_text())
    finally:
        server.terminate()
        server.wait()
        if checks.failed:
            print(pathlib.Path(folder, "log").read_text()[-4000:])
finish()
