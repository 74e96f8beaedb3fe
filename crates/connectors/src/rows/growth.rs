//! Whether a file whose last row has no line break is still being written.
//!
//! Such a row may be cut anywhere, also where it can be read, as `12` of `123`. So it waits until it goes on, or until the file has
//! not changed for a while. Nobody can know more: a writer that pauses for longer is found out when the file is read again.

use std::{
    io,
    time::{Duration, Instant, SystemTime},
};

/// A file that has not changed for so long is taken for whole.
const QUIET: Duration = Duration::from_secs(2);
/// So long after its end was reached, a file is taken for whole even if it still grows: what comes later is read with the next start.
const LONGEST: Duration = Duration::from_secs(60);

/// Looks at a file: how large it is now, and when it was written last.
pub type Look = Box<dyn Fn() -> io::Result<(u64, SystemTime)> + Send>;

/// What is seen of a file after its end was reached.
pub(crate) struct Growth {
    look: Look,
    began: Option<Instant>,
    seen: Option<((u64, SystemTime), Instant)>,
}

/// What becomes of a last row without a line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// It is whole, as far as anybody can tell.
    Whole,
    /// It goes on: the file ends here now.
    GoesOn(u64),
    /// That is not known yet.
    Unknown,
}

impl Growth {
    pub(crate) fn new(look: Look) -> Self {
        Self { look, began: None, seen: None }
    }

    /// What becomes of a last row that ends at `end`.
    pub(crate) fn of(&mut self, end: u64) -> io::Result<Last> {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        if now.duration_since(began) >= LONGEST {
            return Ok(Last::Whole);
        }
        let seen = (self.look)()?;
        let (size, written) = seen;
        if size > end {
            self.seen = None;
            return Ok(Last::GoesOn(size));
        }
        // A time that lies ahead says nothing.
        if written.elapsed().is_ok_and(|age| age >= QUIET) {
            return Ok(Last::Whole);
        }
        let since = match self.seen {
            Some((before, since)) if before == seen => since,
            _ => {
                self.seen = Some((seen, now));
                now
            }
        };
        Ok(if now.duration_since(since) >= QUIET { Last::Whole } else { Last::Unknown })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{File, OpenOptions},
        io::Write,
        time::UNIX_EPOCH,
    };

    use tenon_contracts::json::Decoder;
    use tenon_model::{Field, Shape};
    use tenon_ports::{CsvFormat, FileFormat, ROW, RowFormat};

    use super::*;
    use crate::{
        file::DiskFile,
        rows::{content::Content, csv, json_lines, source::Rows},
    };

    struct Written(tempfile::TempDir);

    impl Written {
        fn new(text: &str) -> Self {
            let written = Self(tempfile::tempdir().unwrap());
            std::fs::write(written.path(), text).unwrap();
            written
        }

        fn path(&self) -> std::path::PathBuf {
            self.0.path().join("file")
        }

        fn append(&self, text: &str) {
            let mut file = OpenOptions::new().append(true).open(self.path()).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        /// Nobody has written it for long.
        fn ages(&self) {
            File::options().write(true).open(self.path()).unwrap().set_modified(UNIX_EPOCH).unwrap();
        }

        fn rows(&self, csv: bool) -> Box<dyn Rows> {
            let shape = Shape::record(vec![Field::required("n", Shape::INT)]);
            let blob = Box::new(DiskFile::open(&self.path(), "file").unwrap());
            let format = |rows| FileFormat::of(rows);
            if csv {
                let rows = RowFormat::Csv(CsvFormat::default());
                let content = Content::open(blob, &format(rows), None).unwrap();
                csv::open(content, &CsvFormat::default(), ROW, &shape).unwrap().0
            } else {
                let content = Content::open(blob, &format(RowFormat::JsonLines), None).unwrap();
                json_lines::open(content, ROW, Decoder::new(&shape).unwrap()).unwrap().0
            }
        }
    }

    /// The bytes of the next row; `None` at the end, and an error while it is waited for.
    fn next(rows: &mut Box<dyn Rows>) -> Result<Option<String>, ()> {
        match rows.next() {
            Ok(row) => Ok(row.map(|row| String::from_utf8(row.bytes.to_vec()).unwrap())),
            Err(report) => {
                assert!(rows.waits(), "{report}");
                Err(())
            }
        }
    }

    #[test]
    fn a_last_row_without_a_line_break_waits_until_it_is_whole() {
        for (text, csv) in [("n\n1\n2", true), ("{\"n\":1}\n{\"n\":2", false)] {
            let written = Written::new(text);
            let mut rows = written.rows(csv);
            assert!(next(&mut rows).unwrap().unwrap().contains('1'));
            assert_eq!((next(&mut rows), next(&mut rows)), (Err(()), Err(())));
            written.append(if csv { "3\n4" } else { "3}\n{\"n\":4}" });
            assert!(next(&mut rows).unwrap().unwrap().contains("23"));
            assert_eq!(next(&mut rows), Err(()));
            written.ages();
            assert!(next(&mut rows).unwrap().unwrap().contains('4'));
            assert_eq!(next(&mut rows), Ok(None));
        }
    }

    #[test]
    fn a_file_that_is_old_or_ends_with_a_line_break_waits_for_nothing() {
        let written = Written::new("n\n1\n2");
        written.ages();
        let mut rows = written.rows(true);
        let all = [next(&mut rows), next(&mut rows), next(&mut rows)];
        assert_eq!(all, [Ok(Some("1".into())), Ok(Some("2".into())), Ok(None)]);
        let mut rows = Written::new("n\n1\n").rows(true);
        assert_eq!([next(&mut rows), next(&mut rows)], [Ok(Some("1".into())), Ok(None)]);
    }

    #[test]
    fn a_cell_in_quotes_that_is_open_waits_as_well() {
        for first in ["1", "1\n"] {
            let written = Written::new(&format!("n\n\"{first}"));
            let mut rows = written.rows(true);
            assert_eq!(next(&mut rows), Err(()));
            written.append("2\"\n");
            assert_eq!(next(&mut rows), Ok(Some(format!("\"{first}2\""))));
        }
    }

    #[test]
    fn nothing_is_waited_for_for_ever() {
        let now = SystemTime::now() + Duration::from_secs(9_999);
        let state = (5, now);
        let growth = || Growth::new(Box::new(move || Ok(state)));
        assert_eq!(growth().of(5).unwrap(), Last::Unknown);
        assert_eq!(growth().of(4).unwrap(), Last::GoesOn(5));
        let before = |time: Duration| Instant::now().checked_sub(time);
        let mut quiet = growth();
        quiet.seen = before(QUIET).map(|since| (state, since));
        assert_eq!(quiet.of(5).unwrap(), Last::Whole);
        let mut long = growth();
        long.began = before(LONGEST);
        assert_eq!(long.of(4).unwrap(), Last::Whole);
    }
}
