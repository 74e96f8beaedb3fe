//! Files as users have them, and as they should not be.

use std::{fs, io::Write};

use tenon_contracts::text::RowRules;
use tenon_errors::Report;
use tenon_model::{Field, Shape, Value};
use tenon_ports::{Arrival, Checkpoint, CsvFormat, Position, ROW, Source};

use super::{CsvSource, JsonLinesSource};

fn shape() -> Shape {
    Shape::record(vec![Field::required("id", Shape::INT), Field::optional("name", Shape::string())])
}

async fn open(folder: &tempfile::TempDir, checkpoint: Option<Checkpoint>) -> CsvSource {
    let rules = RowRules { absent: vec!["NA".into()], ..RowRules::default() };
    let format = CsvFormat { rules, ..CsvFormat::default() };
    CsvSource::open(&folder.path().join("a.csv"), "a.csv", &shape(), &format, ROW, checkpoint).await.unwrap()
}

async fn all(source: &mut dyn Source) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    loop {
        let batch = source.next(3).await.unwrap();
        arrivals.extend(batch.arrivals);
        if batch.end {
            return arrivals;
        }
    }
}

fn outcomes(arrivals: &[Arrival]) -> Vec<(u64, Result<i64, &'static str>)> {
    let id = |value: &Value| value.get("id").and_then(Value::as_i64).unwrap();
    let outcome = |arrival: &Arrival| match &arrival.payload {
        Ok(payload) => Ok(id(payload.value.as_ref().unwrap())),
        Err(report) => Err(report.code().id),
    };
    arrivals.iter().map(|arrival| (arrival.origin.position.line, outcome(arrival))).collect()
}

async fn check(content: &[u8], expected: &[(u64, Result<i64, &'static str>)]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), content).unwrap();
    let arrivals = all(&mut open(&folder, None).await).await;
    assert_eq!(outcomes(&arrivals), expected, "{}", String::from_utf8_lossy(content));
}

#[tokio::test]
async fn rows_are_read_whatever_their_line_ends() {
    check(b"id,name\n1,a\n2,NA\n", &[(2, Ok(1)), (3, Ok(2))]).await;
    check(b"\xef\xbb\xbfid,name\r\n1,a\r\n\r\n2,b", &[(2, Ok(1)), (4, Ok(2))]).await;
    check(b"id,name\n1,\"two\nlines\"\n2,b\n", &[(2, Ok(1)), (4, Ok(2))]).await;
    check(b"id,name\n", &[]).await;
}

#[tokio::test]
async fn a_bad_row_is_handed_on_and_the_next_one_read() {
    check(b"id,name\n1,a,x\n2,b\n", &[(2, Err("D0202")), (3, Ok(2))]).await;
    check(b"id,name\n1,\xff\n2,b\n", &[(2, Err("D0105")), (3, Ok(2))]).await;
    check(b"id,name\nx,a\n2,b\n", &[(2, Err("D0001")), (3, Ok(2))]).await;
    check(b"id,name\n1,\"a\n2,b\n3,c\n", &[(2, Err("D0201")), (3, Ok(2)), (4, Ok(3))]).await;
    check(b"id,name\n1,\"a\"b\n2,b\n", &[(2, Err("D0201")), (3, Ok(2))]).await;
    check(b"id,name\n1,\"a\n2,\"b\"\n", &[(2, Err("D0201")), (3, Ok(2))]).await;
    check(b"id,name\n1,5\"\n2,b\n", &[(2, Err("D0201")), (3, Ok(2))]).await;
}

#[tokio::test]
async fn a_line_of_a_gibibyte_is_refused_without_being_held() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = fs::File::create(folder.path().join("a.csv")).unwrap();
    file.write_all(b"id,name\n1,a\n").unwrap();
    // A hole in the file reads as zeros and takes no disk.
    file.set_len(1 << 30).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(folder.path().join("a.csv")).unwrap();
    file.write_all(b"\n3,c\n").unwrap();
    let arrivals = all(&mut open(&folder, None).await).await;
    assert_eq!(outcomes(&arrivals), [(2, Ok(1)), (3, Err("D0104")), (4, Ok(3))]);
    assert!(arrivals[1].bytes.len() <= 64 << 10);
    let clipped: Vec<_> = arrivals.iter().map(|arrival| arrival.clipped).collect();
    assert_eq!(clipped, [false, true, false]);
}

#[tokio::test]
async fn reading_goes_on_from_a_checkpoint_in_the_same_file_only() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "id,name\n1,a\n2,b\n3,c\n").unwrap();
    let mut source = open(&folder, None).await;
    let first = source.next(1).await.unwrap().arrivals.remove(0);
    let checkpoint =
        Checkpoint { position: first.next, fingerprint: source.fingerprint(), ..Checkpoint::default() };
    let rest = all(&mut open(&folder, Some(checkpoint.clone())).await).await;
    assert_eq!(outcomes(&rest), [(3, Ok(2)), (4, Ok(3))]);
    fs::write(folder.path().join("a.csv"), "id,name\n7,a\n8,b\n9,c\n").unwrap();
    let anew = all(&mut open(&folder, Some(checkpoint)).await).await;
    assert_eq!(outcomes(&anew), [(2, Ok(7)), (3, Ok(8)), (4, Ok(9))]);
}

#[tokio::test]
async fn a_header_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "nr,name\n1,a\n").unwrap();
    let path = folder.path().join("a.csv");
    let opened = CsvSource::open(&path, "a.csv", &shape(), &CsvFormat::default(), ROW, None).await;
    assert_eq!(opened.err().unwrap().code().id, "D0203");
}

#[tokio::test]
async fn lines_of_json_are_read_and_bad_ones_handed_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, "{\"id\":1}\n\n{\"id\":\n{\"id\":3}").unwrap();
    let mut source = JsonLinesSource::open(&path, "a.jsonl", &shape(), ROW, None).await.unwrap();
    assert_eq!(outcomes(&all(&mut source).await), [(1, Ok(1)), (3, Err("D0101")), (4, Ok(3))]);
}

/// The content is read to its end, and then the other one from where that left off. The rows of the second reading.
async fn goes_on(first: &str, second: &str, from: usize) -> Result<Vec<Arrival>, Report> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, first).unwrap();
    let mut source = open(&folder, None).await;
    let read = all(&mut source).await;
    let position = read[from].next;
    let checkpoint = Checkpoint { position, fingerprint: source.fingerprint(), ..Checkpoint::default() };
    fs::write(&path, second).unwrap();
    let format = CsvFormat::default();
    let mut source = CsvSource::open(&path, "a.csv", &shape(), &format, ROW, Some(checkpoint)).await?;
    Ok(all(&mut source).await)
}

/// Rows after the first 4 KiB of a file, of the same length whatever `name` is.
fn export(name: &str, rows: u64) -> String {
    let head: String = (0..1_000).map(|id| format!("{id},same\n")).collect();
    let rest: String = (0..rows).map(|id| format!("{},{name}\n", 1_000 + id)).collect();
    format!("id,name\n{head}{rest}")
}

#[tokio::test]
async fn an_export_made_anew_under_the_same_name_is_not_gone_on_in() {
    let (monday, tuesday) = (export("mo", 2_000), export("tu", 3_000));
    assert_eq!(monday[..4096], tuesday[..4096]);
    for from in [2_999, 2_998, 1_500] {
        let report = goes_on(&monday, &tuesday, from).await.unwrap_err();
        assert_eq!(report.code().id, "Y0301", "from row {from}");
    }
    let longer = export("mo", 3_000);
    assert_eq!(goes_on(&monday, &longer, 2_999).await.unwrap().len(), 1_000);
    assert_eq!(goes_on(&monday, &longer, 0).await.unwrap().len(), 3_999);
}

#[tokio::test]
async fn a_last_row_that_goes_on_is_read_again_as_a_whole() {
    let names = |arrivals: Vec<Arrival>| -> Vec<(u64, String)> {
        let name = |it: &Arrival| {
            let value = it.payload.as_ref().unwrap().value.as_ref().unwrap();
            value.get("name").and_then(Value::as_str).unwrap().to_owned()
        };
        arrivals.iter().map(|it| (it.origin.position.line, name(it))).collect()
    };
    let check = async |first: &str, second: &str, expected: &[(u64, &str)]| {
        let found = names(goes_on(first, second, 1).await.unwrap());
        let expected: Vec<_> = expected.iter().map(|(line, name)| (*line, (*name).to_owned())).collect();
        assert_eq!(found, expected, "{first:?}, then {second:?}");
    };
    check("id,name\n1,a\n2,hel", "id,name\n1,a\n2,hello\n3,c\n", &[(3, "hello"), (4, "c")]).await;
    check("id,name\n1,a\n2,hel", "id,name\n1,a\n2,hel\n3,c\n", &[(4, "c")]).await;
    check("id,name\n1,a\n2,hel", "id,name\n1,a\n2,hel\r\n3,c\n", &[(4, "c")]).await;
    check("id,name\n1,a\n2,hel", "id,name\n1,a\n2,hel", &[]).await;
    check("id,name\n1,a\n2,\"x\ny\"", "id,name\n1,a\n2,\"x\ny\"\n3,c\n", &[(5, "c")]).await;
}

#[tokio::test]
async fn a_position_that_an_earlier_version_kept_is_gone_on_from_between_rows_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, "{\"id\":1}\n{\"id\":2}").unwrap();
    let mut source = JsonLinesSource::open(&path, "a.jsonl", &shape(), ROW, None).await.unwrap();
    let (fingerprint, read) = (source.fingerprint(), all(&mut source).await);
    fs::write(&path, "{\"id\":1}\n{\"id\":2}   \n{\"id\":3}\n").unwrap();
    let open = async |position: Position| {
        let checkpoint = Checkpoint { position, fingerprint: fingerprint.clone(), ..Checkpoint::default() };
        let mut source = JsonLinesSource::open(&path, "a.jsonl", &shape(), ROW, Some(checkpoint)).await?;
        Ok::<_, Report>(outcomes(&all(&mut source).await))
    };
    let old = |position| Position { tail: 0, ..position };
    assert_eq!(open(old(read[0].next)).await.unwrap(), [(2, Ok(2)), (3, Ok(3))]);
    assert_eq!(open(old(read[1].next)).await.unwrap_err().code().id, "Y0301");
    assert_eq!(open(read[1].next).await.unwrap(), [(2, Ok(2)), (3, Ok(3))]);
}
