//! What is asked by gRPC, and what replies mean: statuses, details, and replies that are not as they should be.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, StatusCode};
use tenon_errors::{Kind, Report};
use tenon_model::Value;

use super::GrpcExchanges;
use crate::{
    format::{Again, Answer, Effect, Exchange, Exchanges, Incoming, NoFiles, Refusal, Source},
    json,
    protobuf::read,
};

const STOCK: &str = r#"syntax = "proto3";
package shop.v1;
message Sku { string sku = 1; }
message Level { string sku = 1; int32 left = 2; }
message Shortage { int32 left = 1; }
service Stock {
  rpc GetLevel(Sku) returns (Level) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc SetLevel(Level) returns (Level) { option idempotency_level = IDEMPOTENT; }
  rpc Take(Level) returns (Level);
  rpc Watch(Sku) returns (stream Level);
  rpc Load(stream Level) returns (Level);
}
"#;

fn exchange(position: usize) -> Arc<dyn Exchange> {
    exchanges().exchange(position).unwrap().unwrap()
}

fn exchanges() -> GrpcExchanges {
    let read = read(&Source { file: "stock.proto", text: STOCK, files: &NoFiles }).unwrap();
    GrpcExchanges::of_all(&read.definitions)
}

fn value(json: &str) -> Value {
    json::Decoder::verbatim().decode(json.as_bytes()).unwrap()
}

fn fields(fields: &[(&str, &str)]) -> HeaderMap {
    let parsed =
        |(name, value): &(&str, &str)| (http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    fields.iter().map(parsed).collect()
}

/// A reply: status, head, body, trailers.
type Reply<'r> = (u16, &'r [(&'r str, &'r str)], &'r [u8], &'r [(&'r str, &'r str)]);

const GRPC: (&str, &str) = ("content-type", "application/grpc");

fn with<T>(reply: Reply<'_>, read: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let (status, head, body, trailers) = reply;
    let (headers, trailers) = (fields(head), fields(trailers));
    let status = StatusCode::from_u16(status).unwrap();
    read(&Incoming { status, headers: &headers, body, trailers: &trailers })
}

fn answer(position: usize, reply: Reply<'_>) -> Result<Answer, Report> {
    with(reply, |reply| exchange(position).answer(reply))
}

fn refusal(reply: Reply<'_>) -> Refusal {
    match answer(0, reply) {
        Ok(Answer::Failed(refusal)) => refusal,
        other => panic!("{reply:?}: {other:?}"),
    }
}

/// `{ "sku": "a", "left": 3 }`.
const LEVEL: &[u8] = b"\0\0\0\0\x05\x0a\x01a\x10\x03";

#[test]
fn a_request_is_a_message_to_the_path_of_its_method() {
    let get = exchange(0);
    let sent = get.request(&value(r#"{"sku":"a"}"#)).unwrap();
    assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", "/shop.v1.Stock/GetLevel"));
    assert_eq!(sent.headers["content-type"], "application/grpc+proto");
    assert_eq!(sent.headers["grpc-accept-encoding"], "gzip");
    assert_eq!(sent.body, &b"\0\0\0\0\x03\x0a\x01a"[..]);
    assert!(get.reads_trailers());
    let report = get.request(&value(r#"{"sku":7}"#)).unwrap_err();
    assert_eq!(report.details()[0].data_path(), Some("/sku"));
    for (left, said) in [(0, "1m"), (1_500, "1500m"), (99_999_999, "99999999m"), (100_000_999, "100000S")] {
        let (name, value) = get.deadline(Duration::from_millis(left)).unwrap();
        assert_eq!((name.as_str(), value.to_str().unwrap()), ("grpc-timeout", said));
    }
    let effects = [0, 1, 2, 3].map(|position| exchange(position).effect());
    assert_eq!(effects, [Effect::Safe, Effect::Idempotent, Effect::Acts, Effect::Acts]);
    let streams = exchanges().exchange(4).unwrap_err();
    let report = streams.iter().next().unwrap();
    assert!(report.message().contains("`Load` takes a stream") && !report.places().is_empty(), "{report}");
    assert!(exchanges().exchange(5).unwrap().is_none());
}

#[test]
fn what_ends_well_is_the_answer() {
    let done = Answer::Done(value(r#"{"sku":"a","left":3}"#));
    let ok = [("grpc-status", "0")];
    for content_type in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
        assert_eq!(answer(0, (200, &[("content-type", content_type)], LEVEL, &ok)).unwrap(), done);
    }
    let head = [GRPC, ("grpc-status", "0")];
    assert_eq!(answer(0, (200, &head, LEVEL, &[])).unwrap(), done, "some servers end in the head");
    let many = [LEVEL, LEVEL].concat();
    let both = value(r#"[{"sku":"a","left":3},{"sku":"a","left":3}]"#);
    assert_eq!(answer(3, (200, &[GRPC], &many, &ok)).unwrap(), Answer::Done(both));
    assert_eq!(answer(3, (200, &[GRPC], b"", &ok)).unwrap(), Answer::Done(Value::list(Vec::new())));
    assert_eq!(with((200, &[GRPC], LEVEL, &ok), |reply| exchange(0).standing(reply)), None);
}

#[test]
fn what_is_no_answer_by_the_description_is_told() {
    let ok = &[("grpc-status", "0")][..];
    let page = &[("content-type", "text/html; charset=utf-8")][..];
    for (reply, part) in [
        ((200, &[GRPC][..], &LEVEL[..7], ok), "cut off: 2 of the 5 bytes"),
        ((200, &[GRPC], b"", ok), "has 0 messages"),
        ((200, &[GRPC], &[LEVEL, LEVEL].concat(), ok), "has 2 messages"),
        ((200, &[GRPC], b"\x01\0\0\0\x05abcde", ok), "compressed by `identity`"),
        ((200, &[GRPC], b"\0\xff\xff\xff\xff", ok), "4294967295 bytes"),
        ((200, &[GRPC], b"\0\0\0\0\x02\x0a\xff", ok), "does not follow the description"),
        ((200, &[GRPC], b"\0\0\0\0\x03\x0a\x01\xff", ok), "does not follow the description"),
        ((200, &[GRPC], LEVEL, &[]), "ends without a status"),
        ((200, &[("content-type", "application/grpc+proto")], b"", &[]), "ends without a status"),
        ((200, page, b"<h1>Sign in</h1>", &[]), "is not one of gRPC, and says that it is `text/html`"),
        ((200, &[], b"", &[]), "is not one of gRPC"),
    ] {
        let report = answer(0, reply).unwrap_err();
        assert_eq!(report.code().id, "Y0420");
        assert!(report.message().contains(part), "{report}");
    }
    // What is cut off on its way is asked for again where that is harmless.
    let standing = with((200, &[GRPC], LEVEL, &[]), |reply| exchange(0).standing(reply)).unwrap();
    assert_eq!((standing.status.as_u16(), standing.is_untouched), (502, false));
}

#[test]
fn statuses_are_refusals_by_their_names() {
    for (code, name, kind, http, acted) in [
        ("1", "CANCELLED", Kind::Cancelled, 408, true),
        ("2", "UNKNOWN", Kind::Internal, 500, true),
        ("3", "INVALID_ARGUMENT", Kind::InvalidArgument, 400, false),
        ("4", "DEADLINE_EXCEEDED", Kind::DeadlineExceeded, 504, true),
        ("5", "NOT_FOUND", Kind::NotFound, 404, false),
        ("8", "RESOURCE_EXHAUSTED", Kind::ResourceExhausted, 429, true),
        ("9", "FAILED_PRECONDITION", Kind::FailedPrecondition, 400, false),
        ("10", "ABORTED", Kind::Aborted, 409, false),
        ("12", "UNIMPLEMENTED", Kind::Unimplemented, 501, false),
        ("13", "INTERNAL", Kind::Internal, 500, true),
        ("14", "UNAVAILABLE", Kind::Unavailable, 503, true),
        ("15", "DATA_LOSS", Kind::DataLoss, 500, true),
        ("16", "UNAUTHENTICATED", Kind::Unauthenticated, 401, false),
        // What nobody has defined, and what is no number.
        ("77", "UNKNOWN", Kind::Internal, 500, true),
        ("-1", "UNKNOWN", Kind::Internal, 500, true),
        ("fine", "UNKNOWN", Kind::Internal, 500, true),
    ] {
        let status = [("grpc-status", code), ("grpc-message", "f%C3%BCr 100 %25")];
        let head = [GRPC, status[0], status[1]];
        let replies: [Reply<'_>; 3] =
            [(200, &[GRPC], b"", &status), (200, &head, b"", &[]), (200, &[GRPC], LEVEL, &status)];
        for reply in replies {
            let refused = refusal(reply);
            let found = (refused.name.as_str(), refused.kind, refused.may_have_acted);
            assert_eq!(found, (name, kind, acted), "{code}");
            assert_eq!((refused.detail.as_str(), refused.value, refused.wait), ("für 100 %", None, None));
            let standing = with(reply, |reply| exchange(0).standing(reply)).unwrap();
            assert_eq!((standing.status.as_u16(), standing.again), (http, Again::Unsaid), "{code}");
            assert_eq!(standing.is_untouched, !acted, "{code}");
        }
        assert!(exchange(0).may_refuse_as(name));
    }
    for name in ["OK", "404", "NotFound", ""] {
        assert!(!exchange(0).may_refuse_as(name), "{name}");
    }
}

#[test]
fn what_does_not_speak_grpc_means_what_its_status_says() {
    for (status, head, name, acted) in [
        (400, &[][..], "INTERNAL", false),
        (401, &[], "UNAUTHENTICATED", false),
        (403, &[], "PERMISSION_DENIED", false),
        (404, &[], "UNIMPLEMENTED", false),
        (429, &[("retry-after", "3")], "UNAVAILABLE", false),
        (502, &[], "UNAVAILABLE", true),
        (503, &[], "UNAVAILABLE", true),
        (503, &[("retry-after", "3")], "UNAVAILABLE", false),
        (504, &[], "UNAVAILABLE", true),
        (418, &[], "UNKNOWN", false),
        (500, &[], "UNKNOWN", true),
    ] {
        let reply: Reply<'_> = (status, head, b"<h1>Bad gateway</h1>", &[]);
        let refused = refusal(reply);
        assert_eq!((refused.name.as_str(), refused.may_have_acted), (name, acted), "{status}");
        assert_eq!(refused.detail, "<h1>Bad gateway</h1>");
        assert!(refused.notes[0].contains(&status.to_string()), "{:?}", refused.notes);
        let wait = (!head.is_empty()).then_some(Duration::from_secs(3));
        assert_eq!(refused.wait, wait);
        let standing = with(reply, |reply| exchange(0).standing(reply)).unwrap();
        assert_eq!(
            (standing.status.as_u16(), standing.again),
            (status, wait.map_or(Again::Unsaid, Again::After))
        );
    }
}

#[test]
fn a_system_says_when_to_come_again_and_that_it_has_not_begun() {
    let second = Duration::from_secs(1);
    let retry = r#"{"details":[{"@type":"google.rpc.RetryInfo","retryDelay":"1s"}]}"#;
    for (name, code) in [("UNAVAILABLE", "14"), ("RESOURCE_EXHAUSTED", "8")] {
        let said = exchange(0).answering().unwrap().refused(name, "", Some(&value(retry))).unwrap();
        let Answer::Failed(refused) = exchange(0).answer(&said.incoming()).unwrap() else { panic!() };
        assert_eq!((refused.wait, refused.may_have_acted), (Some(second), false), "{name}");
        let pushed = [("grpc-status", code), ("grpc-retry-pushback-ms", "1000")];
        let refused = refusal((200, &[GRPC], b"", &pushed));
        assert_eq!((refused.wait, refused.may_have_acted), (Some(second), false), "{name}");
        for never in ["-1", "soon"] {
            let pushed = [("grpc-status", code), ("grpc-retry-pushback-ms", never)];
            let standing = with((200, &[GRPC], b"", &pushed), |reply| exchange(0).standing(reply)).unwrap();
            assert_eq!((standing.again, standing.is_untouched), (Again::Never, false));
        }
    }
    // What has failed in the middle has not been turned away.
    let pushed = [("grpc-status", "13"), ("grpc-retry-pushback-ms", "1000")];
    assert!(refusal((200, &[GRPC], b"", &pushed)).may_have_acted);
}

#[test]
fn details_are_values_of_the_types_that_are_known() {
    let said = r#"{"details":[
        {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"NONE_LEFT","domain":"shop","metadata":{"sku":"a"}},
        {"@type":"type.googleapis.com/shop.v1.Shortage","left":2}]}"#;
    let get = exchange(0);
    let replied =
        get.answering().unwrap().refused("FAILED_PRECONDITION", "none left", Some(&value(said))).unwrap();
    let coded = replied.headers["grpc-status-details-bin"].to_str().unwrap();
    assert!(!coded.ends_with('='), "{coded}");
    let Answer::Failed(refused) = get.answer(&replied.incoming()).unwrap() else { panic!() };
    let details = r#"{"code":9,"message":"none left","details":[
        {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"NONE_LEFT","domain":"shop","metadata":{"sku":"a"}},
        {"@type":"type.googleapis.com/shop.v1.Shortage","left":2}]}"#;
    assert_eq!(refused.value.as_ref().map(json::to_string), Some(json::to_string(&value(details))));
    assert!(refused.notes[0].contains("NONE_LEFT"), "{:?}", refused.notes);

    // With padding, of a type that is not known, and what is no status at all.
    let unknown = b"\x08\x05\x1a\x0a\x0a\x03a/B\x12\x03\x0a\x01x";
    let coded = BASE64_STANDARD.encode(unknown);
    let status = [("grpc-status", "5"), ("grpc-status-details-bin", coded.as_str())];
    let refused = refusal((200, &[GRPC], b"", &status));
    let value = json::to_string(&refused.value.unwrap());
    assert!(value.contains(r#""@type":"a/B","value":"CgF4""#), "{value}");
    for wrong in ["!!", "CA", "//8="] {
        let status = [("grpc-status", "5"), ("grpc-status-details-bin", wrong)];
        let refused = refusal((200, &[GRPC], b"", &status));
        assert_eq!((refused.name.as_str(), refused.value), ("NOT_FOUND", None), "{wrong}");
        assert!(refused.notes[0].contains("cannot be read"), "{:?}", refused.notes);
    }
}

#[test]
fn what_is_asked_and_answered_is_the_same_on_both_sides() {
    let (get, watch) = (exchange(0), exchange(3));
    let sku = value(r#"{"sku":"a"}"#);
    assert_eq!(get.answering().unwrap().asked(&get.request(&sku).unwrap()).unwrap(), sku);
    let level = value(r#"{"sku":"a","left":3}"#);
    let done = get.answering().unwrap().done(&level).unwrap();
    assert_eq!((&done.body[..], done.trailers["grpc-status"].to_str().unwrap()), (LEVEL, "0"));
    assert_eq!(get.answer(&done.incoming()).unwrap(), Answer::Done(level.clone()));
    let levels = Value::list(vec![level.clone(), level.clone()]);
    let done = watch.answering().unwrap().done(&levels).unwrap();
    assert_eq!(watch.answer(&done.incoming()).unwrap(), Answer::Done(levels));
    let refused = get.answering().unwrap().refused("NOT_FOUND", "no ä", None).unwrap();
    assert_eq!(refused.headers["grpc-message"], "no %C3%A4");
    let Answer::Failed(read) = get.answer(&refused.incoming()).unwrap() else { panic!() };
    assert_eq!((read.name.as_str(), read.detail.as_str(), read.value), ("NOT_FOUND", "no ä", None));

    let wrong = value(r#"{"details":[{"@type":"x.Unknown"}]}"#);
    let odd = value(r#"{"details":[{"@type":"google.rpc.ErrorInfo","reason":7}]}"#);
    for report in [
        get.answering().unwrap().done(&value(r#"{"left":"x"}"#)).unwrap_err(),
        watch.answering().unwrap().done(&level).unwrap_err(),
        get.answering().unwrap().refused("NotFound", "", None).unwrap_err(),
        get.answering().unwrap().refused("NOT_FOUND", "", Some(&wrong)).unwrap_err(),
        get.answering().unwrap().refused("NOT_FOUND", "", Some(&odd)).unwrap_err(),
        get.answering().unwrap().refused("NOT_FOUND", "", Some(&level)).unwrap_err(),
    ] {
        assert_eq!(report.code().id, "D0001");
        assert!(!report.details().is_empty(), "{report}");
    }
    let mut cut = get.request(&sku).unwrap();
    cut.body = cut.body.slice(..6);
    assert!(get.answering().unwrap().asked(&cut).unwrap_err().message().contains("cut off"));
}
