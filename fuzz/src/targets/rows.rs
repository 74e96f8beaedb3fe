//! Files of rows as flows read them: through compression and encoding, to the arrivals of each row format.

use std::{
    io::{self, Cursor, Read, Write},
    sync::{Arc, LazyLock},
};

use tenon_connectors::rows::{self, Blob};
use tenon_contracts::{
    format::{NoFiles, Source},
    xsd::Document,
};
use tenon_errors::Report;
use tenon_model::{Field, Shape, Str};
use tenon_ports::{Compression, CsvFormat, ENCODINGS, FileFormat, RowFormat, XmlFormat};
use tokio::runtime::{Builder, Runtime};

use super::outcome;
use crate::{Target, seeds};

pub(super) const ROWS: Target = Target { name: "rows", seeds: of_rows, run: read };

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread().max_blocking_threads(1).build().expect("the runtime starts")
});

static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
    Shape::record(vec![Field::optional("id", Shape::INT), Field::optional("name", Shape::string())])
});

static FORMATS: LazyLock<[RowFormat; 5]> = LazyLock::new(|| {
    let text = include_str!("../../types/everything.xsd");
    let document =
        Document::read(&Source { file: "a.xsd", text, files: &NoFiles }).expect("the schema is read");
    let codec = Arc::new(document.codec("order").expect("it has an order"));
    [
        RowFormat::Csv(CsvFormat { skip: 1, comment: Some(b'#'), ..CsvFormat::default() }),
        RowFormat::Csv(CsvFormat { header: Some(vec!["id".into(), "name".into()]), ..CsvFormat::default() }),
        RowFormat::JsonLines,
        RowFormat::Json { items: Arc::from([Str::new("rows")]) },
        RowFormat::Xml(XmlFormat { items: Arc::from([Str::new("orders"), Str::new("order")]), codec }),
    ]
});

/// A file in memory.
struct Memory(Str, Vec<u8>);

impl Blob for Memory {
    fn name(&self) -> &Str {
        &self.0
    }

    fn size(&self) -> u64 {
        self.1.len() as u64
    }

    fn read_at(&mut self, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.1.len());
        Ok(Box::new(Cursor::new(self.1[from..].to_vec())))
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("it is written to memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn of_rows() -> Vec<Vec<u8>> {
    let texts = seeds::texts(&[
        "title\nid,name\n1,a\n# no row\n2,\"b \"\"c\"\"\nd\"\n3\n",
        "1,a\r\n2,b\r\n",
        "{\"id\":1,\"name\":\"a\"}\n\n{\"id\":2}\n[]\n",
        "{\"meta\":{\"n\":[1,{}]},\"rows\":[{\"id\":1},{\"id\":2,\"name\":\"b\"},3]}",
        "<orders xmlns='urn:shop'><!-- c --><order id='7'><placed-at>2013-01-01T10:00:00Z</placed-at><note/></order><order/></orders>",
    ]);
    let mut all = Vec::new();
    for (format, text) in texts.iter().enumerate() {
        for (compression, bytes) in [text.clone(), gzip(text), zstd(text)].into_iter().enumerate() {
            let first = u8::try_from(format + FORMATS.len() * compression).unwrap_or(0);
            all.push([&[first, 0], &bytes[..]].concat());
        }
        all.push([&[u8::try_from(format).unwrap_or(0), 2], &text[..]].concat());
    }
    all
}

/// The first byte chooses the format and the compression, the second one the encoding.
fn read(bytes: &[u8]) -> u64 {
    let [first, second, content @ ..] = bytes else { return 2 };
    let first = usize::from(*first);
    let (compression, ..) = Compression::ALL[(first / FORMATS.len()) % Compression::ALL.len()];
    let encoding = usize::from(*second).checked_sub(1).and_then(|at| ENCODINGS.get(at)).copied();
    let rows = FORMATS[first % FORMATS.len()].clone();
    let format = FileFormat { compression, encoding, max_row: 4 << 10, ..FileFormat::of(rows) };
    let _ = rows::preview(&content[..content.len().min(512)], "file", &format);
    let told = RUNTIME.block_on(arrivals(content, &format));
    outcome(&told)
}

/// Reads to the end; the first report of a row, or of the file.
async fn arrivals(content: &[u8], format: &FileFormat) -> Result<(), Report> {
    let blob = Box::new(Memory("file".into(), content.to_vec()));
    let mut opened = rows::open(blob, format, &SHAPE, None).await?;
    let (mut told, mut at) = (Ok(()), 0);
    loop {
        let batch = opened.source.next(64).await?;
        for arrival in batch.arrivals {
            assert!(arrival.next.offset >= at, "positions go back from {at} to {}", arrival.next.offset);
            at = arrival.next.offset;
            if let (Err(report), Ok(())) = (arrival.payload, &told) {
                assert!(!report.places().is_empty(), "no place: {report:?}");
                told = Err(report);
            }
        }
        if batch.end {
            return told;
        }
    }
}
