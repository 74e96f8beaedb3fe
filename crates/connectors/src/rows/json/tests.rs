//! Documents as they are delivered, and as they should not be.

use tenon_contracts::json::to_string;
use tenon_model::{Field, Shape};
use tenon_ports::{Checkpoint, FileFormat, RowFormat, Source};

use crate::rows::{open, tests::Memory};

/// The places and values of the items, or their codes, and the code of what ends the document early.
async fn read(content: &str, path: &[&str], row: usize) -> (Vec<String>, Option<String>) {
    let items = path.iter().map(|name| (*name).into()).collect();
    let format = FileFormat { max_row: row, ..FileFormat::of(RowFormat::Json { items }) };
    let opened = open(Memory::boxed("a.json", content), &format, &Shape::ANY, None).await.unwrap();
    drain(opened.source).await
}

async fn drain(mut source: Box<dyn Source>) -> (Vec<String>, Option<String>) {
    let mut found = Vec::new();
    loop {
        let batch = match source.next(2).await {
            Ok(batch) => batch,
            Err(report) => return (found, Some(report.to_string())),
        };
        for arrival in batch.arrivals {
            found.push(match arrival.payload {
                Ok(payload) => {
                    format!("{} {}", arrival.origin.position.line, to_string(&payload.value.unwrap()))
                }
                Err(report) => format!("{} {}", report.places()[0], report.code().id),
            });
        }
        if batch.end {
            assert_eq!(source.progress(), Some(1.0));
            return (found, None);
        }
    }
}

#[tokio::test]
async fn the_items_of_a_list_and_single_values_are_read() {
    let check = async |content: &str, path: &[&str], expected: &[&str]| {
        let (found, failure) = read(content, path, 1 << 20).await;
        assert_eq!((found, failure), (expected.iter().map(|&it| it.to_owned()).collect(), None), "{content}");
    };
    check("[1, {\"a\": [2]}\n, \"]\"]\n", &[], &["1 1", "1 {\"a\":[2]}", "2 \"]\""]).await;
    check("\u{feff}[ ]", &[], &[]).await;
    check("{\"a\": 1}", &[], &["1 {\"a\":1}"]).await;
    check(" 7", &[], &["1 7"]).await;
    let nested = "{\"meta\": {\"data\": [9]}, \"data\": {\n\"orders\": [1,\n2], \"x\": []}, \"y\": \"}\"}";
    check(nested, &["data", "orders"], &["2 1", "3 2"]).await;
    check("[[0], [1, [2, 3]], 4]", &["1", "1"], &["1 2", "1 3"]).await;
    check("{\"a\\u002fb\": [1]}", &["a/b"], &["1 1"]).await;
    check("{\"a\": {\"b\": 5}}", &["a"], &["1 {\"b\":5}"]).await;
}

#[tokio::test]
async fn a_bad_item_costs_only_itself() {
    let (found, failure) = read("{\"a\": [1, tru, {\"b\": }, [01],\n\"\u{1}\", 2]}", &["a"], 1 << 20).await;
    let expected = [
        "1 1",
        "a.json#/a/1:1:11 D0101",
        "a.json#/a/2:1:16 D0101",
        "a.json#/a/3:1:25 D0101",
        "a.json#/a/4:2:1 D0101",
        "2 2",
    ];
    assert_eq!((found, failure), (expected.map(str::to_owned).to_vec(), None));
    let content = format!("[1, \"{}\", {{\"x\": \"{}\"}}, 2]", "y".repeat(50), "z".repeat(100_000));
    let (found, failure) = read(&content, &[], 40).await;
    assert_eq!(found, ["1 1", "a.json#/1:1:5 D0104", "a.json#/2:1:59 D0104", "1 2"]);
    assert_eq!(failure, None);
}

#[tokio::test]
async fn a_document_that_is_broken_ends_after_what_was_whole() {
    for (content, path, says) in [
        ("[1, 2", &[][..], "D0101"),
        ("[1, 2, {\"a\": [3", &[], "D0101"),
        ("[1, 2 3]", &[], "found `3`"),
        ("[1, 2,]", &[], "found `]`"),
        ("[1, 2}", &[], "found `}`"),
        ("[1, 2] [3]", &[], "the end of the document"),
        ("[1, 2]\n{\"a\": 1}", &[], "jsonl"),
        ("{\"a\": [1, 2], \"b\": 3", &["a"], "D0101"),
        ("{\"a\": [1, 2], \"a\": [3]}", &["a"], "D0102"),
        ("{\"a\": 1}", &["b"], "[D0108] `a.json` has nothing at `/b`: the document is an object with `a`"),
        ("{}", &["b"], "is an empty object"),
        ("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1}", &["x"], "`a`, `b`, `c`, `d`, `e` and more"),
        ("[[1]]", &["b"], "the document is a list, whose items have numbers"),
        ("[0, [1]]", &["01"], "the document is a list, whose items have numbers"),
        ("[0, [1]]", &["+1"], "the document is a list, whose items have numbers"),
        ("[0, [1]]", &["-1"], "the document is a list, whose items have numbers"),
        ("{\"a/b\": null}", &["a/b", "c"], "nothing at `/a~1b/c`: `/a~1b` is null"),
        ("{\"a\": 1}", &["a", "b"], "nothing at `/a/b`: `/a` is a number"),
        ("[1]", &["5"], "nothing at `/5`: the document is a list of 1 item"),
        ("{\"a\" 1}", &["a"], "`:`"),
    ] {
        let (found, failure) = read(content, path, 1 << 20).await;
        let whole =
            if content.contains("1, 2") { vec!["1 1".to_owned(), "1 2".to_owned()] } else { Vec::new() };
        assert_eq!(found, whole, "{content}");
        let failure = failure.unwrap_or_default();
        assert!(
            failure.contains(says) || says == "jsonl" && failure.contains("D0101"),
            "{content}: {failure}"
        );
    }
}

#[tokio::test]
async fn an_object_that_is_no_row_says_where_rows_are_named() {
    let row = Shape::record(vec![Field::required("id", Shape::INT)]);
    for (content, path, hint) in [
        (
            "{\"data\": [{\"id\": 1}]}",
            &[][..],
            Some("the whole document is read as one row: say with `items`"),
        ),
        ("{\"data\": {\"all\": []}}", &["data"], Some("the object there is read as one row")),
        ("[{\"ID\": 1}]", &[], None),
    ] {
        let items = path.iter().map(|name| (*name).into()).collect();
        let format = FileFormat::of(RowFormat::Json { items });
        let mut opened = open(Memory::boxed("a.json", content), &format, &row, None).await.unwrap();
        let arrivals = opened.source.next(9).await.unwrap().arrivals;
        let report = arrivals[0].payload.as_ref().unwrap_err();
        let advice = report.advice().unwrap_or_default();
        assert!(
            hint.map_or(!advice.contains("items"), |hint| advice.starts_with(hint)),
            "{content}: {advice}"
        );
    }
}

#[tokio::test]
async fn reading_goes_on_after_each_item() {
    let content = "{\"n\": 3, \"a\": [10,\n20, 30]}";
    let format = FileFormat::of(RowFormat::Json { items: ["a".into()].into_iter().collect() });
    let mut opened = open(Memory::boxed("a.json", content), &format, &Shape::ANY, None).await.unwrap();
    let all = opened.source.next(9).await.unwrap().arrivals;
    for (at, arrival) in all.iter().enumerate() {
        let checkpoint = Checkpoint {
            position: arrival.next,
            fingerprint: opened.fingerprint.clone(),
            ..Checkpoint::default()
        };
        let again =
            open(Memory::boxed("a.json", content), &format, &Shape::ANY, Some(checkpoint.clone())).await;
        let rest = again.unwrap().source.next(9).await.unwrap().arrivals;
        let origins = |arrivals: &[tenon_ports::Arrival]| {
            arrivals.iter().map(|it| (it.origin.clone(), it.next)).collect::<Vec<_>>()
        };
        assert_eq!(origins(&rest), origins(&all[at + 1..]));
    }
    // Of the same beginning, and with another item where reading went on.
    let long = |last: u32| format!("[{} {last}, 7]", "1, ".repeat(3_000));
    let format = FileFormat::of(RowFormat::Json { items: std::iter::empty().collect() });
    let mut opened = open(Memory::boxed("a.json", long(5)), &format, &Shape::ANY, None).await.unwrap();
    let mut position = None;
    for _ in 0..3_001 {
        position = Some(opened.source.next(1).await.unwrap().arrivals[0].next);
    }
    let checkpoint = Checkpoint {
        position: position.unwrap(),
        fingerprint: opened.fingerprint.clone(),
        ..Checkpoint::default()
    };
    let other = open(Memory::boxed("a.json", long(6)), &format, &Shape::ANY, Some(checkpoint)).await;
    assert_eq!(other.err().unwrap().code().id, "Y0301");
}

#[tokio::test]
async fn problems_of_a_document_have_their_column() {
    let (found, failure) = read("[\"\u{e9}\", tru, {\"b\": }] 7", &[], 1 << 20).await;
    assert_eq!(found[1..], ["a.json#/1:1:7 D0101", "a.json#/2:1:12 D0101"], "{found:?}");
    let failure = failure.unwrap();
    assert!(failure.contains("a.json:1:21"), "{failure}");
}
