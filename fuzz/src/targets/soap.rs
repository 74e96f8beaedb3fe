//! Messages of SOAP: replies as whoever asks reads them, and requests as whoever is asked does.

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_contracts::{
    format::{Answer, Exchange, Incoming, NoFiles, Source},
    wsdl::{Document, Opened},
};

use super::{asked::asked, outcome};
use crate::{Target, seeds};

pub(super) const SOAP: Target = Target { name: "soap", seeds: of_messages, run: messages };

const STATUSES: [StatusCode; 4] =
    [StatusCode::OK, StatusCode::ACCEPTED, StatusCode::BAD_REQUEST, StatusCode::INTERNAL_SERVER_ERROR];
const MEDIA_TYPES: [Option<&str>; 4] =
    [None, Some("text/xml; charset=utf-8"), Some("text/xml; charset=iso-8859-1"), Some("text/html")];

/// In both versions of SOAP, a message without an answer, and a call.
static EXCHANGES: LazyLock<Vec<Arc<dyn Exchange>>> = LazyLock::new(|| {
    let text = include_str!("../../types/everything.wsdl");
    let document = Document::read(&Source { file: "everything.wsdl", text, files: &NoFiles });
    let document = document.expect("the description is read");
    let made = (0..3).flat_map(|binding| {
        let (operations, exchanges) = document.of_binding(binding);
        (0..operations.len()).map(move |at| exchanges.exchange(at).expect("it can be called"))
    });
    made.flatten().collect()
});

fn of_messages() -> Vec<Vec<u8>> {
    let (old, new) = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    let bodies = [
        "<getOrderResponse xmlns='urn:shop'><total>1.50</total></getOrderResponse>",
        "<getOrder xmlns='urn:shop'><id>7</id></getOrder>",
        "<cancel xmlns='urn:shop'>7</cancel>",
        "<x:add xmlns:x='urn:sums'><a>1</a><b><id xmlns='urn:shop'>2</id></b></x:add>",
        "<x:addResponse xmlns:x='urn:sums'><x:sum>3</x:sum></x:addResponse>",
        "<e:Fault><faultcode>e:Server.Busy</faultcode><faultstring xml:lang='en'>why</faultstring><faultactor>urn:a</faultactor>\
         <detail><unknown xmlns='urn:shop'><id>7</id><x/></unknown></detail></e:Fault>",
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value xmlns:s='urn:s'>s:Late</e:Value></e:Subcode></e:Code>\
         <e:Reason><e:Text xml:lang='en'>why</e:Text></e:Reason><e:Role>urn:r</e:Role><e:Detail><x/></e:Detail></e:Fault>",
        "",
    ];
    let headers = [
        "",
        "<e:Header><session xmlns='urn:shop'>s</session><h xmlns='urn:h' e:mustUnderstand='1'/></e:Header>",
        "<e:Header><w:Security xmlns:w='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'>\
         <w:UsernameToken><w:Username>ann</w:Username><w:Password Type='urn:x#PasswordDigest'>a</w:Password></w:UsernameToken>\
         </w:Security></e:Header>",
    ];
    let mut seeds = seeds::texts(&["", "<html><body>Bad gateway</body></html>"]);
    for (first, namespace) in [(0, old), (2, new), (3, old), (64, old), (192, new)] {
        for (header, body) in headers.iter().flat_map(|header| bodies.map(|body| (*header, body))) {
            let text =
                format!("<e:Envelope xmlns:e='{namespace}'>{header}<e:Body>{body}</e:Body></e:Envelope>");
            seeds.push([&[first], text.as_bytes()].concat());
        }
    }
    seeds
}

/// The first byte chooses the operation, the status, and what the reply says of its encoding.
fn messages(bytes: &[u8]) -> u64 {
    let Some((first, body)) = bytes.split_first() else { return 2 };
    let first = usize::from(*first);
    let exchange = &EXCHANGES[first % EXCHANGES.len()];
    let answering = exchange.answering().expect("it has both sides");
    let mut headers = HeaderMap::new();
    if let Some(media_type) = MEDIA_TYPES[(first >> 4) % 4] {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    let status = STATUSES[(first >> 6) % 4];
    let answer = exchange.answer(&Incoming { status, headers: &headers, body, trailers: &HeaderMap::new() });
    if let Ok(Answer::Done(value)) = &answer {
        let again = answering.done(value).expect("what was read is written");
        assert_eq!(exchange.answer(&again.incoming()).expect("and read"), Answer::Done(value.clone()));
    }
    // As whoever is asked takes it, before its operation is known.
    let opened = Opened::new(body, None);
    outcome(&answer) ^ asked(&**exchange, answering, body) ^ outcome(&opened)
}
