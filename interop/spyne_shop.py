"""A service of spyne for `called.py`: `spyne_shop.py PORT VERSION`, where the version of SOAP is 11 or 12."""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from spyne import Application, ComplexModel, Decimal, Fault, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication

PORT, VERSION = sys.argv[1:]
SHOP = "urn:shop"


class Session(ComplexModel):
    __namespace__ = SHOP
    user = Unicode(min_occurs=1, nullable=False)


class Line(ComplexModel):
    __namespace__ = "urn:shop:lines"
    sku = Unicode(min_occurs=1, nullable=False)
    price = Decimal(min_occurs=1, nullable=False)


class OutOfStock(Fault):
    """Has no members: spyne would write them beside the details of the fault, and not into them."""
    __namespace__ = SHOP

    def __init__(self, sku):
        super().__init__("Server", f"there is no {sku}", detail={f"{{{SHOP}}}OutOfStock": ""})


class Shop(ServiceBase):
    __in_header__ = Session

    @rpc(Line.customize(min_occurs=1, max_occurs="unbounded", nullable=False), _returns=Decimal, _throws=OutOfStock)
    def Place(ctx, line):
        if ctx.in_header is None or ctx.in_header.user != "tenon":
            raise Fault("Client.Session", "who is calling?")
        for one in line:
            if one.sku == "gone":
                raise OutOfStock(one.sku)
            if one.sku == "broken":
                raise ValueError("this is a mistake of the service")
        return sum(one.price for one in line)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


protocol = Soap12 if VERSION == "12" else Soap11
application = Application([Shop], SHOP, in_protocol=protocol(validator="lxml"), out_protocol=protocol())
server = make_server("127.0.0.1", int(PORT), WsgiApplication(application), handler_class=Quiet)
print("ready", flush=True)
server.serve_forever()
