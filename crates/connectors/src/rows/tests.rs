//! Files as users have them, and as they should not be.

mod large;

use std::{
    fs,
    io::{self, Cursor, Read, Write},
    path::Path,
};

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::text::RowRules;
use tenon_errors::Report;
use tenon_model::{Field, Shape, Str, Value};
use tenon_ports::{
    Arrival, Batch, Checkpoint, Compression, CsvFormat, FileFormat, OpenedSource, Position, ROW, RowFormat,
    Source,
};

use super::{Blob, layers::tests as packed, open as rows};
use crate::file::DiskFile;

/// A file in memory.
pub(crate) struct Memory {
    name: Str,
    bytes: Vec<u8>,
}

impl Memory {
    pub(crate) fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self { name: "file".into(), bytes: bytes.as_ref().to_vec() }
    }

    pub(crate) fn boxed(name: &str, bytes: impl AsRef<[u8]>) -> Box<dyn Blob> {
        Box::new(Self { name: name.into(), ..Self::of(bytes) })
    }
}

impl Blob for Memory {
    fn name(&self) -> &Str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&mut self, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let from = usize::try_from(offset).unwrap().min(self.bytes.len());
        Ok(Box::new(Cursor::new(self.bytes[from..].to_vec())))
    }
}

/// Nobody has written the file for long, so that a last row without a line break is whole.
fn ages(path: &Path) {
    if let Ok(file) = fs::File::options().write(true).open(path) {
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
}

/// A file on disk, open as a source.
pub(crate) struct Opened(OpenedSource);

impl Opened {
    pub(crate) async fn csv(
        path: &Path,
        name: &str,
        shape: &Shape,
        format: &CsvFormat,
        max_row: usize,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let format = FileFormat { max_row, ..FileFormat::of(RowFormat::Csv(format.clone())) };
        ages(path);
        rows(Box::new(DiskFile::open(path, name)?), &format, shape, checkpoint).await.map(Self)
    }

    async fn lines(
        path: &Path,
        name: &str,
        shape: &Shape,
        max_row: usize,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let format = FileFormat { max_row, ..FileFormat::of(RowFormat::JsonLines) };
        ages(path);
        rows(Box::new(DiskFile::open(path, name)?), &format, shape, checkpoint).await.map(Self)
    }

    pub(crate) fn fingerprint(&self) -> Str {
        self.0.fingerprint.clone()
    }

    pub(crate) fn header(&self) -> Bytes {
        self.0.context.clone()
    }
}

#[async_trait]
impl Source for Opened {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        self.0.source.next(max).await
    }

    async fn commit(&mut self, position: Position) -> Result<(), Report> {
        self.0.source.commit(position).await
    }

    fn lag(&self) -> Option<u64> {
        self.0.source.lag()
    }

    fn progress(&self) -> Option<f64> {
        self.0.source.progress()
    }
}

fn shape() -> Shape {
    Shape::record(vec![Field::required("id", Shape::INT), Field::optional("name", Shape::string())])
}

async fn open(folder: &tempfile::TempDir, checkpoint: Option<Checkpoint>) -> Opened {
    let rules = RowRules { absent: vec!["NA".into()], ..RowRules::default() };
    let format = CsvFormat { rules, ..CsvFormat::default() };
    Opened::csv(&folder.path().join("a.csv"), "a.csv", &shape(), &format, ROW, checkpoint).await.unwrap()
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
    let opened = Opened::csv(&path, "a.csv", &shape(), &CsvFormat::default(), ROW, None).await;
    assert_eq!(opened.err().unwrap().code().id, "D0203");
}

#[tokio::test]
async fn lines_of_json_are_read_and_bad_ones_handed_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, "{\"id\":1}\n\n{\"id\":\n{\"id\":3}").unwrap();
    let mut source = Opened::lines(&path, "a.jsonl", &shape(), ROW, None).await.unwrap();
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
    let mut source = Opened::csv(&path, "a.csv", &shape(), &format, ROW, Some(checkpoint)).await?;
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
    let mut source = Opened::lines(&path, "a.jsonl", &shape(), ROW, None).await.unwrap();
    let (fingerprint, read) = (source.fingerprint(), all(&mut source).await);
    fs::write(&path, "{\"id\":1}\n{\"id\":2}   \n{\"id\":3}\n").unwrap();
    let open = async |position: Position| {
        let checkpoint = Checkpoint { position, fingerprint: fingerprint.clone(), ..Checkpoint::default() };
        let mut source = Opened::lines(&path, "a.jsonl", &shape(), ROW, Some(checkpoint)).await?;
        Ok::<_, Report>(outcomes(&all(&mut source).await))
    };
    let old = |position| Position { tail: 0, ..position };
    assert_eq!(open(old(read[0].next)).await.unwrap(), [(2, Ok(2)), (3, Ok(3))]);
    assert_eq!(open(old(read[1].next)).await.unwrap_err().code().id, "Y0301");
    assert_eq!(open(read[1].next).await.unwrap(), [(2, Ok(2)), (3, Ok(3))]);
}

#[tokio::test]
async fn a_row_that_was_changed_anywhere_before_the_position_is_noticed() {
    use super::open as rows_of;
    let rows = |changed: u64, count: u64| -> Vec<(u64, char)> {
        (0..count).map(|id| (id, if id == changed { 'b' } else { 'a' })).collect()
    };
    let csv_text = |rows: Vec<(u64, char)>| {
        let rows: String = rows.iter().map(|(id, name)| format!("{id},{name}\n")).collect();
        format!("id,name\n{rows}")
    };
    let lines_text = |rows: Vec<(u64, char)>| -> String {
        rows.iter().map(|(id, name)| format!("{{\"id\":{id},\"name\":\"{name}\"}}\n")).collect()
    };
    let json_text =
        |rows: Vec<(u64, char)>| format!("[{}]", lines_text(rows).trim_end().replace('\n', ",\n"));
    let plain = |text: &str| text.as_bytes().to_vec();
    // In pieces, so that a file that grows begins as it did.
    let gzip = |text: &str| -> Vec<u8> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines.chunks(500).flat_map(|lines| packed::gzip(lines.concat().as_bytes())).collect()
    };
    type Pack<'p> = &'p dyn Fn(&str) -> Vec<u8>;
    type Text<'t> = &'t dyn Fn(Vec<(u64, char)>) -> String;
    let json = FileFormat::of(RowFormat::Json { items: [].into() });
    let cases: [(FileFormat, Text<'_>, Pack<'_>); 5] = [
        (csv(Compression::None, None), &csv_text, &plain),
        (csv(Compression::Gzip, None), &csv_text, &gzip),
        (FileFormat::of(RowFormat::JsonLines), &lines_text, &plain),
        (json.clone(), &json_text, &plain),
        (FileFormat { compression: Compression::Gzip, ..json }, &json_text, &gzip),
    ];
    for (format, text, pack) in cases {
        let first = pack(&text(rows(u64::MAX, 5_000)));
        let opened = rows_of(Memory::boxed("a.csv", &first), &format, &shape(), None).await.unwrap();
        let mut source = opened.source;
        let arrivals = all(source.as_mut()).await;
        assert_eq!(arrivals.len(), 5_000);
        let after = |at: usize| Checkpoint {
            position: arrivals[at].next,
            fingerprint: opened.fingerprint.clone(),
            ..Checkpoint::default()
        };
        for (at, count, expected) in [
            (4_999, 5_000, (0, Some("Y0301"))),
            (4_999, 6_000, (0, Some("Y0301"))),
            (2_600, 6_000, (0, Some("Y0301"))),
            // What comes after the position was not read.
            (2_400, 5_000, (2_599, None)),
        ] {
            let changed = pack(&text(rows(2_500, count)));
            let (read, code) = read(&changed, &format, Some(after(at))).await;
            assert_eq!((read.len(), code), expected, "{format:?}, after row {at}, of {count}");
        }
        let grown = pack(&text(rows(u64::MAX, 6_000)));
        assert_eq!(read(&grown, &format, Some(after(4_999))).await.0.len(), 1_000, "{format:?}");
    }
}

#[tokio::test]
async fn a_position_of_an_earlier_version_is_recognised_by_the_rows_before_it() {
    let text = |last: char| {
        let rows: String = (0..3_000).map(|id| format!("{id},a\n")).collect();
        format!("id,name\n{rows}9,{last}\n")
    };
    for encoding in [None, Some("windows-1252")] {
        let format = csv(Compression::None, encoding);
        let opened = rows(Memory::boxed("a.csv", text('a')), &format, &shape(), None).await.unwrap();
        let mut source = opened.source;
        let position = all(source.as_mut()).await.last().unwrap().next;
        let last = "2999,a\n9,a\n";
        let tail = (last.len() as u64) << 32 | u64::from(crc32c::crc32c(last.as_bytes()));
        let fingerprint = opened.fingerprint;
        let checkpoint =
            Checkpoint { position: Position { tail, ..position }, fingerprint, ..Checkpoint::default() };
        let grown = format!("{}10,a\n", text('a'));
        let (rows, code) = read(grown.as_bytes(), &format, Some(checkpoint.clone())).await;
        assert_eq!((rows.len(), code), (1, None), "{encoding:?}");
        // From here on everything before counts.
        let next = Checkpoint { position: rows[0].next, ..checkpoint.clone() };
        assert_eq!(read(grown.as_bytes(), &format, Some(next.clone())).await.1, None);
        let changed = grown.replace("1500,a", "1500,b");
        assert_eq!(read(changed.as_bytes(), &format, Some(next)).await.1, Some("Y0301"));
        assert_eq!(
            read(text('b').as_bytes(), &format, Some(checkpoint)).await.1,
            Some("Y0301"),
            "{encoding:?}"
        );
    }
}

/// What is read of a file in this format, and the code of what ends it early.
async fn read(
    bytes: &[u8],
    format: &FileFormat,
    from: Option<Checkpoint>,
) -> (Vec<Arrival>, Option<&'static str>) {
    let mut source = match rows(Memory::boxed("a.csv", bytes), format, &shape(), from).await {
        Ok(opened) => opened.source,
        Err(report) => return (Vec::new(), Some(report.code().id)),
    };
    let mut arrivals = Vec::new();
    loop {
        match source.next(3).await {
            Ok(batch) => {
                arrivals.extend(batch.arrivals);
                if batch.end {
                    assert_eq!(source.progress(), Some(1.0));
                    return (arrivals, None);
                }
            }
            Err(report) => return (arrivals, Some(report.code().id)),
        }
    }
}

fn csv(compression: Compression, encoding: Option<&'static str>) -> FileFormat {
    FileFormat { compression, encoding, ..FileFormat::of(RowFormat::Csv(CsvFormat::default())) }
}

fn text_of(arrival: &Arrival) -> &str {
    let value = arrival.payload.as_ref().unwrap().value.as_ref().unwrap();
    value.get("name").and_then(Value::as_str).unwrap()
}

#[tokio::test]
async fn a_compressed_file_is_gone_on_with_where_it_was_left() {
    let content: String = (0..20_000).map(|id| format!("{id},\"n\n{id}\"\n")).collect();
    let content = format!("id,name\n{content}");
    type Pack = fn(&[u8]) -> Vec<u8>;
    let packs: [(_, Pack); 2] = [(Compression::Gzip, packed::gzip), (Compression::Zstd, packed::zstd)];
    for (compression, pack) in packs {
        let format = csv(compression, None);
        let bytes = pack(content.as_bytes());
        let (all, failure) = read(&bytes, &format, None).await;
        assert_eq!((all.len(), failure), (20_000, None));
        let fingerprint =
            rows(Memory::boxed("a.csv", &bytes), &format, &shape(), None).await.unwrap().fingerprint;
        let after = |at: usize| {
            let checkpoint = Checkpoint {
                position: all[at].next,
                fingerprint: fingerprint.clone(),
                ..Checkpoint::default()
            };
            Some(checkpoint)
        };
        for at in [0, 1, 9_999, 19_998, 19_999] {
            let (rest, failure) = read(&bytes, &format, after(at)).await;
            assert_eq!((rest.len(), failure), (19_999 - at, None));
            assert_eq!(rest.first().map(|it| &it.origin), all.get(at + 1).map(|it| &it.origin));
        }
        // A member that was appended.
        let grown = [bytes.clone(), pack(b"20000,x\n")].concat();
        let (rest, failure) = read(&grown, &format, after(19_999)).await;
        assert_eq!((rest.len(), failure), (1, None));
        assert_eq!((rest[0].origin.position.line, text_of(&rest[0])), (40_002, "x"));
        // What was cut off gives what was whole, and the rest when it is there.
        let (some, failure) = read(&bytes[..bytes.len() / 2], &format, None).await;
        assert_eq!(failure, Some("D0107"));
        assert!(some.iter().zip(&all).all(|(one, other)| one.bytes == other.bytes));
    }
}

#[tokio::test]
async fn a_last_row_of_a_compressed_file_that_goes_on_is_read_again_as_a_whole() {
    let format = csv(Compression::Gzip, None);
    let first = packed::gzip(b"id,name\n1,a\n2,hel");
    let opened = rows(Memory::boxed("a.csv", &first), &format, &shape(), None).await.unwrap();
    let (all, _) = read(&first, &format, None).await;
    let checkpoint =
        Checkpoint { position: all[1].next, fingerprint: opened.fingerprint, ..Checkpoint::default() };
    for (more, expected) in
        [("lo\n3,c\n", vec!["hello", "c"]), ("\n3,c\n", vec!["c"]), ("\r\n3,c", vec!["c"]), ("", vec![])]
    {
        let grown = [first.clone(), packed::gzip(more.as_bytes())].concat();
        let head = grown.len().min(first.len());
        assert_eq!(grown[..head], first[..head]);
        let (rest, failure) = read(&grown, &format, Some(checkpoint.clone())).await;
        assert_eq!((rest.iter().map(text_of).collect::<Vec<_>>(), failure), (expected, None), "{more:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_compressed_anew_is_known_by_what_it_holds() {
    let format = csv(Compression::Gzip, None);
    let text =
        |rows: std::ops::Range<usize>| -> String { rows.map(|row| format!("{row},name {row}\n")).collect() };
    let before = format!("id,name\n{}", text(0..3_000));
    let first = packed::gzip(before.as_bytes());
    let opened = rows(Memory::boxed("a.csv", &first), &format, &shape(), None).await.unwrap();
    let (all, _) = read(&first, &format, None).await;
    let after = |fingerprint: Str| {
        Some(Checkpoint { position: all[2_999].next, fingerprint, ..Checkpoint::default() })
    };
    let grown = packed::gzip_again(format!("{before}{}", text(3_000..3_002)).as_bytes());
    let again =
        rows(Memory::boxed("a.csv", &grown), &format, &shape(), after(opened.fingerprint.clone())).await;
    assert_eq!(again.unwrap().fingerprint, opened.fingerprint);
    let (rest, failure) = read(&grown, &format, after(opened.fingerprint.clone())).await;
    assert_eq!(
        (rest.iter().map(text_of).collect::<Vec<_>>(), failure),
        (vec!["name 3000", "name 3001"], None)
    );
    // Other rows before that are other content, wherever they stand.
    let corrected = before.replace("name 2990", "Name 2990");
    let (_, failure) =
        read(&packed::gzip_again(corrected.as_bytes()), &format, after(opened.fingerprint.clone())).await;
    assert_eq!(failure, Some("Y0301"));
    let other = Memory::boxed("a.csv", packed::gzip_again(b"id,name\n7,other\n"));
    let other = rows(other, &format, &shape(), after(opened.fingerprint.clone())).await.unwrap();
    assert_ne!(other.fingerprint, opened.fingerprint);
    // An earlier Tenon knew such a file by its bytes.
    let hash = first.iter().take(4096).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let earlier = Str::from(format!("{}-{hash:016x}", first.len().min(4096)));
    let (rest, failure) = read(&first, &format, after(earlier)).await;
    assert_eq!((rest.len(), failure), (0, None));
}

#[tokio::test]
async fn files_in_other_encodings_are_read_as_text() {
    let text = "id,name\n1,caf\u{e9}\n2,\u{20ac}\n";
    let wide = |mark: &str, to: fn(u16) -> [u8; 2]| {
        format!("{mark}{text}").encode_utf16().flat_map(to).collect::<Vec<u8>>()
    };
    let western = b"id,name\n1,caf\xe9\n2,\x80\n".to_vec();
    for (bytes, encoding) in [
        (wide("\u{feff}", u16::to_le_bytes), None),
        (wide("\u{feff}", u16::to_be_bytes), None),
        (wide("\u{feff}", u16::to_le_bytes), Some("utf-16le")),
        (wide("", u16::to_be_bytes), Some("utf-16be")),
        (western.clone(), Some("windows-1252")),
        (format!("\u{feff}{text}").into_bytes(), Some("utf-8")),
        (text.as_bytes().to_vec(), None),
    ] {
        for (compression, bytes) in
            [(Compression::None, bytes.clone()), (Compression::Gzip, packed::gzip(&bytes))]
        {
            let (found, failure) = read(&bytes, &csv(compression, encoding), None).await;
            assert_eq!(failure, None, "{encoding:?}");
            let lines: Vec<_> = found.iter().map(|it| (it.origin.position.line, text_of(it))).collect();
            assert_eq!(lines, [(2, "café"), (3, "€")], "{encoding:?}");
            assert_eq!(found[0].bytes, "1,café");
        }
    }
    let (found, _) = read(&western, &csv(Compression::None, Some("latin-1")), None).await;
    assert_eq!(found.iter().map(text_of).collect::<Vec<_>>(), ["café", "\u{80}"]);
    let (found, failure) = read(&western, &csv(Compression::None, None), None).await;
    assert_eq!((outcomes(&found), failure), (vec![(2, Err("D0105")), (3, Err("D0105"))], None));
    let (_, failure) =
        read(&wide("\u{feff}", u16::to_le_bytes), &csv(Compression::None, Some("latin-1")), None).await;
    assert_eq!(failure, Some("D0105"));
}

#[tokio::test]
async fn a_row_with_bytes_that_are_not_of_the_encoding_is_refused_and_no_other() {
    let mut bytes: Vec<u8> = "id,name\n1,a\n2,".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.extend_from_slice(b"\x00\xd8");
    bytes.extend("x\n3,c\n".encode_utf16().flat_map(u16::to_le_bytes));
    let (found, failure) = read(&bytes, &csv(Compression::None, Some("utf-16le")), None).await;
    assert_eq!((outcomes(&found), failure), (vec![(2, Ok(1)), (3, Err("D0105")), (4, Ok(3))], None));
    assert!(found[1].payload.as_ref().unwrap_err().message().contains("utf-16le"));
}

#[tokio::test]
async fn a_file_that_is_empty_or_blank_is_awaited_whatever_its_format() {
    let json = FileFormat::of(RowFormat::Json { items: [].into() });
    let formats = [csv(Compression::None, None), FileFormat::of(RowFormat::JsonLines), json];
    for format in formats {
        for blank in ["", "\n", " \r\n\t\n", "\u{feff}\n"] {
            let (rows, code) = read(blank.as_bytes(), &format, None).await;
            assert_eq!((rows.len(), code), (0, Some("Y0302")), "{format:?} {blank:?}");
        }
        let packed = FileFormat { compression: Compression::Gzip, ..format };
        assert_eq!(read(&packed::gzip(b"\n"), &packed, None).await.1, Some("Y0302"));
        let plain = rows(Memory::boxed("a.csv.gz", "id,name\n1,a\n"), &packed, &shape(), None).await;
        let report = plain.err().unwrap();
        assert!(
            report.code().id == "D0107" && report.message().contains("is not compressed with gzip"),
            "{report}"
        );
    }
}
