//! Rows that are too large, at the end of a file that grows.

use super::*;

#[tokio::test]
async fn a_large_row_that_was_not_at_its_end_is_read_again_when_it_goes_on() {
    let inside = "2,x\n".repeat(2_000);
    let lines = FileFormat::of(RowFormat::JsonLines);
    let cell = format!("id,name\n1,a\n2,\"{inside}");
    let line = format!("{{\"id\":1}}\n{{\"id\":2,\"name\":\"{}", "x".repeat(8_000));
    let again = [(3, Err("D0104")), (2_005, Ok(9))];
    for (format, before, after, expected) in [
        (csv(Compression::None, None), &cell, "3,y\n\"\n9,b\n", again),
        (csv(Compression::Gzip, None), &cell, "3,y\n\"\n9,b\n", again),
        (lines, &line, "x\"}\n{\"id\":9}\n", [(2, Err("D0104")), (3, Ok(9))]),
    ] {
        let format = FileFormat { max_row: 1 << 10, ..format };
        let pack = |text: &str| match format.compression {
            Compression::Gzip => packed::gzip(text.as_bytes()),
            _ => text.as_bytes().to_vec(),
        };
        let first = pack(before);
        let opened = rows(Memory::boxed("a.csv", &first), &format, &shape(), None).await.unwrap();
        let (all, failure) = read(&first, &format, None).await;
        assert_eq!((all.len(), failure), (2, None), "{format:?}");
        let next = Checkpoint {
            position: all[1].next,
            fingerprint: opened.fingerprint.clone(),
            ..Checkpoint::default()
        };
        let (rest, failure) = read(&first, &format, Some(next.clone())).await;
        assert_eq!((rest.len(), failure), (0, None), "{format:?}");
        let grown = [first.clone(), pack(after)].concat();
        let (rest, failure) = read(&grown, &format, Some(next.clone())).await;
        assert_eq!((outcomes(&rest), failure), (expected.to_vec(), None), "{format:?}");
        let (start, last) = before.rsplit_once('x').unwrap();
        let other = [pack(&format!("{start}z{last}")), pack(after)].concat();
        assert_eq!(read(&other, &format, Some(next)).await.1, Some("Y0301"), "{format:?}");
    }
}
