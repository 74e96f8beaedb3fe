"""A stock service of grpcio: `grpc_stock.py PORT FOLDER [CERTIFICATE KEY]`, where FOLDER has the code of `stock.proto`. Prints `ready`.

`gone` is not found, `none` fails with details, `busy` is turned away once, `broken` raises, `slow` takes longer than anybody waits, and `big` is compressed.
"""

import concurrent.futures
import pathlib
import sys
import threading

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

port, folder, *identity = sys.argv[1:]
sys.path.insert(0, folder)
import stock_pb2  # noqa: E402
import stock_pb2_grpc  # noqa: E402

lock = threading.Lock()
seen = set()


def status(code, message, *details):
    packed = []
    for detail in details:
        one = any_pb2.Any()
        one.Pack(detail)
        packed.append(one)
    return rpc_status.to_status(status_pb2.Status(code=code, message=message, details=packed))


def level(sku, left=7):
    made = stock_pb2.Level(sku=sku, left=-left, place=stock_pb2.NORTH, own=True)
    made.as_of.FromJsonString("2026-02-03T04:05:06.789Z")
    made.prices["eur"].value = 1.25
    return made


class Stock(stock_pb2_grpc.StockServicer):
    def GetLevel(self, request, context):
        with lock:
            is_first = request.sku not in seen
            seen.add(request.sku)
        metadata = dict(context.invocation_metadata())
        if metadata.get("authorization") != "Bearer hunter2":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who is calling?")
        if request.sku == "gone":
            context.abort(grpc.StatusCode.NOT_FOUND, "there is no gone: für 100 %")
        if request.sku == "none":
            info = error_details_pb2.ErrorInfo(reason="NONE_LEFT", domain="shop", metadata={"sku": "none"})
            context.abort_with_status(status(code_pb2.FAILED_PRECONDITION, "none is left", info, stock_pb2.Shortage(left=2)))
        if request.sku == "broken":
            raise RuntimeError("a mistake of the service")
        if request.sku == "busy" and is_first:
            delay = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=1_000_000))
            context.abort_with_status(status(code_pb2.UNAVAILABLE, "later", delay))
        if request.sku == "slow":
            left = context.time_remaining()
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, f"{0 < left <= 30}")
        if request.sku == "big":
            context.set_compression(grpc.Compression.Gzip)
            return level("big" * 100_000)
        return level(request.sku)

    Take = GetLevel

    def History(self, request, context):
        for left in range(3):
            yield level(request.sku, left)
        if request.sku == "broken":
            context.abort(grpc.StatusCode.DATA_LOSS, "the rest is lost")


server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
stock_pb2_grpc.add_StockServicer_to_server(Stock(), server)
if identity:
    certificate, key = (pathlib.Path(path).read_bytes() for path in identity)
    server.add_secure_port(f"localhost:{port}", grpc.ssl_server_credentials([(key, certificate)]))
else:
    server.add_insecure_port(f"127.0.0.1:{port}")
server.start()
print("ready", flush=True)
server.wait_for_termination()
