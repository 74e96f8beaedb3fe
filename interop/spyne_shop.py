"""A service of spyne for `called.py`: `spyne_shop.py PORT VERSION [CERTIFICATE]`, where the version of SOAP is 11 or 12. With a certificate, zeep and
libxmlsec1 look first whether each message is signed by it."""

import io
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from spyne import Application, ComplexModel, Decimal, Fault, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication

PORT, VERSION, *CERTIFICATE = sys.argv[1:]
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


class Signed:
    """Refuses what is not signed, or not all of it."""
    def __init__(self, inside):
        self.inside = inside

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            message = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(message)
            if why := wrong(message):
                start_response("403 Forbidden", [("Content-Type", "text/plain")])
                return [why.encode()]
        return self.inside(environ, start_response)


def wrong(message):
    from lxml import etree
    from zeep.exceptions import SignatureVerificationFailed
    from zeep.wsse.signature import verify_envelope

    envelope = etree.fromstring(message)
    try:
        verify_envelope(envelope, CERTIFICATE[0])
    except SignatureVerificationFailed as error:
        return f"the signature is wrong: {error}"
    signed = [it.get("URI").split("-")[0] for it in envelope.iter("{http://www.w3.org/2000/09/xmldsig#}Reference")]
    return None if signed == ["#time", "#body"] else f"{signed} is signed"


protocol = Soap12 if VERSION == "12" else Soap11
application = Application([Shop], SHOP, in_protocol=protocol(validator="lxml"), out_protocol=protocol())
served = WsgiApplication(application)
server = make_server("127.0.0.1", int(PORT), Signed(served) if CERTIFICATE else served, handler_class=Quiet)
print("ready", flush=True)
server.serve_forever()
