//! What is damaged is given up by order only, and then nobody stops at it.

use std::ops::Range;

use tenon_errors::catalogue::system::LOG_DAMAGED;
use tenon_ports::Gone;

use super::{super::survey, *};

const VALUES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// Bytes of the header of a segment, and of each record here.
const HEADER: usize = 40;
const RECORD: usize = 40;

fn settings() -> TopicSettings {
    TopicSettings { segment_size: 150, ..TopicSettings::default() }
}

fn open(disk: &SimDisk) -> Result<Writer, Report> {
    Writer::open(disk, settings(), &StillClock::new())
}

/// Two full segments of three records and one of two that is written.
fn published() -> SimDisk {
    let disk = SimDisk::default();
    let mut writer = open(&disk).unwrap();
    for value in VALUES {
        writer.publish(&[&[value]]).unwrap();
    }
    assert_eq!(disk.get(segment(6)).len(), HEADER + 2 * RECORD);
    disk
}

fn segment(base: u64) -> String {
    format!("{FOLDER}/{base:020}.log")
}

fn skip(disk: &SimDisk) -> Result<Vec<Report>, Report> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let found = survey::skip(&disk, Path::new(FOLDER), 0)?;
    Ok(found.iter().map(survey::Damage::report).collect())
}

/// Everything from offset `from` on, and the offsets of what is gone.
fn read(log: &Arc<Log>, from: u64) -> (Vec<String>, Vec<u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mut records, mut lost) = (Vec::new(), Vec::new());
        let mut reader = Reader::new(log.clone(), from).unwrap();
        while reader.position() < log.end() {
            records.extend(reader.next(2).await.unwrap());
            while let Some(Gone { offsets, damaged }) = reader.take_gone() {
                assert!(damaged);
                lost.extend(offsets);
            }
        }
        (texts(&records), lost)
    })
}

fn sound(lost: &Range<u64>, from: u64) -> Vec<String> {
    let all = VALUES.iter().zip(0..).filter(|(_, at)| *at >= from && !lost.contains(at));
    all.map(|(value, _)| (*value).to_owned()).collect()
}

/// Has `disk` be skipped, and sees that exactly the records of `lost` are gone, for every reader, and that it is written on.
fn gives_up(disk: &SimDisk, lost: &Range<u64>, what: &str) {
    let reports = skip(disk).unwrap_or_else(|report| panic!("{what}: {report}"));
    assert!(reports.iter().all(|report| report.code() == &LOG_DAMAGED), "{what}: {reports:?}");
    assert!(!reports.is_empty(), "{what}");
    if !lost.is_empty() {
        let named = match lost.end - lost.start {
            1 => format!("1 record with offset {} is lost", lost.start),
            more => format!("{more} records with offsets {} to {} are lost", lost.start, lost.end - 1),
        };
        assert!(reports.iter().any(|report| report.message().contains(&named)), "{what}: {reports:?}");
    }
    assert!(skip(disk).unwrap().is_empty(), "{what}: once is enough");
    for round in 0..2_u64 {
        let mut writer = open(disk).unwrap_or_else(|report| panic!("{what}: {report}"));
        assert_eq!(writer.log.end(), 8 + round, "{what}: no offset is given twice");
        assert_eq!(writer.log.skipped(), if lost.is_empty() { vec![] } else { vec![lost.clone()] }, "{what}");
        for from in 0..8 {
            let (mut records, gone) = read(&writer.log, from);
            assert_eq!(
                records.drain(..).take_while(|it| it != "new").collect::<Vec<_>>(),
                sound(lost, from),
                "{what}"
            );
            assert_eq!(gone, (lost.start.max(from)..lost.end.max(from)).collect::<Vec<_>>(), "{what}");
        }
        assert_eq!(writer.publish(&[&["new"]]).unwrap(), [8 + round], "{what}");
        assert_eq!(read(&writer.log, 8 + round).0, ["new"], "{what}");
    }
}

/// Where `bytes` of the segment that begins at `base` are changed, these records are hit.
fn hit(base: u64, count: u64, at: usize) -> Range<u64> {
    match at.checked_sub(HEADER) {
        None => base..base,
        Some(at) => {
            let first = base + (at / RECORD) as u64;
            first..(first + 1).min(base + count)
        }
    }
}

#[test]
fn a_bit_that_flips_anywhere_costs_the_record_that_it_is_in() {
    for (base, count) in [(0, 3), (3, 3), (6, 2)] {
        let length = HEADER + RECORD * usize::try_from(count).unwrap();
        for at in 0..length {
            for with_index in [true, false] {
                if !with_index && (at < HEADER || base == 6) {
                    continue;
                }
                let disk = published();
                let mut bytes = disk.get(segment(base));
                bytes[at] ^= 0x10;
                disk.put(segment(base), bytes.clone());
                if !with_index {
                    disk.remove(Path::new(&segment(base).replace(".log", ".index"))).unwrap();
                }
                // A full segment with its index is looked at when it is read.
                let refused = open(&disk).and_then(|writer| read_all(&writer.log).map(drop)).unwrap_err();
                assert_eq!(refused.code(), &LOG_DAMAGED, "byte {at} of {base}");
                gives_up(&disk, &hit(base, count, at), &format!("byte {at} of {base}"));
                if at >= HEADER {
                    let record = HEADER + (at - HEADER) / RECORD * RECORD;
                    let kept = disk.get(format!("{FOLDER}/damaged/{base:020}-{record}.bytes"));
                    assert_eq!(kept, bytes[record..record + RECORD], "the evidence is kept");
                }
            }
        }
    }
}

#[test]
fn a_file_that_is_cut_anywhere_costs_the_records_that_were_cut_off() {
    for (base, count) in [(0_u64, 3_u64), (3, 3), (6, 2)] {
        let length = HEADER + RECORD * usize::try_from(count).unwrap();
        for at in 0..length {
            let disk = published();
            let bytes = disk.get(segment(base));
            disk.put(segment(base), bytes[..at].to_vec());
            assert!(open(&disk).is_err(), "byte {at} of {base}");
            let first = base + (at.saturating_sub(HEADER) / RECORD) as u64;
            gives_up(&disk, &(first..base + count), &format!("cut at {at} of {base}"));
        }
    }
}

#[test]
fn a_segment_that_is_gone_costs_its_records() {
    for (base, lost) in [(3_u64, 3..6_u64), (6, 6..8)] {
        let disk = published();
        disk.remove(Path::new(&segment(base))).unwrap();
        assert!(open(&disk).is_err());
        gives_up(&disk, &lost, &format!("without {base}"));
    }
    let disk = published();
    disk.remove(Path::new(&segment(0))).unwrap();
    let reports = skip(&disk).unwrap();
    assert!(reports[0].message().contains("offsets 0 to 2 are not there"), "{reports:?}");
    let writer = open(&disk).unwrap();
    assert_eq!((writer.log.start(), writer.log.end()), (3, 8));
}

#[test]
fn what_is_damaged_in_several_places_is_given_up_at_once() {
    let disk = published();
    for (base, at) in
        [(0, HEADER + 5), (0, HEADER + 2 * RECORD + 30), (3, HEADER + 5), (6, HEADER + RECORD + 1)]
    {
        let mut bytes = disk.get(segment(base));
        bytes[at] ^= 1;
        disk.put(segment(base), bytes);
    }
    assert_eq!(skip(&disk).unwrap().len(), 4);
    let writer = open(&disk).unwrap();
    assert_eq!(
        read(&writer.log, 0),
        (vec!["b".into(), "e".into(), "f".into(), "g".into()], vec![0, 2, 3, 7])
    );
}

#[test]
fn nothing_is_skipped_where_nothing_is_damaged_and_a_torn_end_is_no_damage() {
    let disk = published();
    assert!(skip(&disk).unwrap().is_empty());
    open(&disk).unwrap().dies_writing(&disk, &["lost"], false);
    let mut bytes = disk.get(segment(6));
    bytes.truncate(bytes.len() - 3);
    disk.put(segment(6), bytes);
    assert!(skip(&disk).unwrap().is_empty());
    assert!(!disk.files().contains(&"skipped".to_owned()));
    assert_eq!(read(&open(&disk).unwrap().log, 0).0, VALUES);
}

#[test]
fn a_list_of_skips_that_is_not_what_was_written_is_refused() {
    let disk = published();
    let mut bytes = disk.get(segment(0));
    bytes[HEADER + 1] ^= 1;
    disk.put(segment(0), bytes);
    skip(&disk).unwrap();
    let path = format!("{FOLDER}/skipped");
    let mut list = disk.get(&path);
    let last = list.len() - 10;
    list[last] ^= 1;
    disk.put(&path, list);
    let report = open(&disk).err().unwrap();
    assert!(
        report.code() == &LOG_DAMAGED && report.message().contains("records that are skipped"),
        "{report}"
    );
}
