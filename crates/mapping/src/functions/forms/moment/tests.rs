use jiff::{civil::date, tz::Offset};
use proptest::prelude::*;

use super::*;

fn date_of(form: &str, text: &str) -> Result<String, String> {
    let form = MomentForm::compile(form).unwrap();
    form.check(Purpose::ReadDate).unwrap();
    form.read(text).and_then(|fields| fields.date()).map(|date| date.to_string())
}

fn time_of(form: &str, text: &str) -> Result<String, String> {
    let form = MomentForm::compile(form).unwrap();
    form.check(Purpose::ReadTime).unwrap();
    form.read(text).and_then(|fields| fields.time()).map(|time| time.to_string())
}

#[test]
fn dates_are_read_as_their_form_writes_them() {
    let cases = [
        ("dd.MM.yyyy", "12.06.1998", "1998-06-12"),
        ("MMM d yyyy", "Jun 12 1998", "1998-06-12"),
        ("MMM d yyyy", "JUN 2 1998", "1998-06-02"),
        ("EEEE, d MMMM yyyy", "friday, 12 june 1998", "1998-06-12"),
        ("EEE dd-MMM-yy", "Fri 12-Jun-98", "1998-06-12"),
        ("yyMMdd", "680612", "2068-06-12"),
        ("yyMMdd", "690612", "1969-06-12"),
        ("d/M/yyyy", "1/12/2024", "2024-12-01"),
        ("yyyyDDD", "2024366", "2024-12-31"),
        ("'on' d.M.yyyy ''", "on 1.2.2024 '", "2024-02-01"),
        ("yyyy'年'M'月'd'日'", "2024年2月29日", "2024-02-29"),
    ];
    for (form, text, expected) in cases {
        assert_eq!(date_of(form, text).as_deref(), Ok(expected), "{text:?} as {form:?}");
    }
}

#[test]
fn what_does_not_follow_the_form_is_refused() {
    let cases = [
        ("dd.MM.yyyy", "1.06.1998", "`1.06.1998` does not begin with the day of the month (`dd`)"),
        ("dd.MM.yyyy", "12.06.98", "`98` does not begin with the year (`yyyy`)"),
        ("dd.MM.yyyy", "12.06.", "it ends where the year (`yyyy`) should be"),
        ("dd.MM.yyyy", "12/06/1998", "`/06/1998` does not begin with `.`"),
        ("dd.MM.yyyy", "12.06.1998 ", "` ` is left over"),
        ("dd.MM.yyyy", "12.06.19981", "`1` is left over"),
        ("dd.MM.yyyy", "31.02.2013", "2013-02-31 is not a date"),
        ("dd.MM.yyyy", "12.13.2013", "2013-13-12 is not a date"),
        ("yyyyDDD", "2023366", "the year 2023 has no day 366"),
        ("MMM d yyyy", "June 12 1998", "`e 12 1998` does not begin with ` `"),
        ("EEE d.M.yyyy", "Mon 12.6.1998", "1998-06-12 is a Friday, not a Monday"),
    ];
    for (form, text, why) in cases {
        assert_eq!(date_of(form, text), Err(why.to_owned()), "{text:?} as {form:?}");
    }
}

#[test]
fn times_of_day_are_read_as_their_form_writes_them() {
    let cases = [
        ("HH:mm", "17:05", Ok("17:05:00")),
        ("H.mm", "7.05", Ok("07:05:00")),
        ("HHmmss", "235959", Ok("23:59:59")),
        ("HH:mm:ss.SSS", "10:00:00.250", Ok("10:00:00.25")),
        ("HH:mm:ss,SSSSSS", "10:00:00,000001", Ok("10:00:00.000001")),
        ("h:mm a", "12:05 am", Ok("00:05:00")),
        ("h:mm a", "12:05 PM", Ok("12:05:00")),
        ("hh:mma", "01:05pm", Ok("13:05:00")),
        ("h a", "13 PM", Err("13:00:00 is not a time of day")),
        ("HH:mm", "24:00", Err("24:00:00 is not a time of day")),
        ("HH:mm:ss", "23:59:60", Err("23:59:60 is not a time of day")),
        ("HH:mm:ss.SSS", "10:00:00.2500", Err("`0` is left over")),
        ("HH:mm:ss.SSS", "10:00:00.25", Err("`25` does not begin with the fraction of a second (`SSS`)")),
    ];
    for (form, text, expected) in cases {
        assert_eq!(
            time_of(form, text),
            expected.map(str::to_owned).map_err(str::to_owned),
            "{text:?} as {form:?}"
        );
    }
}

#[test]
fn offsets_are_read_in_three_forms() {
    let offset = |form: &str, text: &str| {
        let fields = MomentForm::compile(form).unwrap().read(text).ok()?;
        fields.offset().map(Offset::seconds)
    };
    let cases = [
        ("X", "Z", Some(0)),
        ("X", "+01", Some(3600)),
        ("X", "-0330", Some(-12_600)),
        ("XX", "+0530", Some(19_800)),
        ("XXX", "+05:30", Some(19_800)),
        ("XXX", "z", Some(0)),
        ("xxx", "-00:00", Some(0)),
        ("xxx", "Z", None),
        ("XX", "+05", None),
        ("XXX", "+0530", None),
        ("XXX", "+24:00", None),
        ("XXX", "05:30", None),
    ];
    for (form, text, expected) in cases {
        assert_eq!(offset(form, text), expected, "{text:?} as {form:?}");
    }
}

#[test]
fn a_form_that_cannot_be_read_says_what_to_write() {
    let cases = [
        ("YYYY-MM-dd", "`YYYY` means nothing in a form", "write `yyyy`"),
        ("yyy-MM-dd", "the year is not written `yyy` in a form", "write `yyyy` or `yy`"),
        ("yyyy-MM-DD", "the day of the year is not written `DD` in a form", "write `dd`"),
        ("%Y-%m-%d", "`%` means nothing in a form", "for example `yyyy-MM-dd`"),
        ("yyyy-MM-ddTHH:mm", "`T` means nothing in a form", "in single quotes: yyyy-MM-dd'T'HH:mm"),
        ("yyyy-MM-dd HH:mm z", "`z` means nothing in a form", "give the time zone as the last argument"),
        ("dd.MM.yyyy[ HH:mm]", "`[` means nothing in a form", "write '['"),
        ("dMyyyy", "it is unclear where the day of the month (`d`) ends", "write `dd`"),
        ("yyyy MM yy", "the form has the year twice, again as `yy`", "leave one of them out"),
        ("hh:mm", "an hour from 1 to 12 (`hh`) needs AM or PM (`a`), and only it does", "write `hh:mm a`"),
        ("yyyy 'at", "a quote in `yyyy 'at` is not closed", "close it"),
        ("", "the form is empty", "write how the texts look"),
    ];
    for (form, message, hint) in cases {
        let bad = MomentForm::compile(form).unwrap_err();
        assert_eq!(bad.message, message, "{form}");
        assert!(bad.hint.contains(hint), "{form}: {}", bad.hint);
    }
}

#[test]
fn a_form_has_what_it_is_for_and_nothing_else() {
    use Purpose::{ReadDate, ReadTime, ReadTimestamp, WriteDate, WriteTime, WriteTimestamp};
    let cases = [
        ("dd.mm.yyyy", ReadDate, "a date has no minute (`mm`)", "write `MM` for the month"),
        ("dd.mm.yyyy HH:mm", ReadTimestamp { zone: true }, "the form has the minute twice", ""),
        (
            "dd.mm.yyyy HH",
            ReadTimestamp { zone: true },
            "the form has no month, and `mm` is the minute",
            "write `MM`",
        ),
        ("dd.MM.yyyy HH:mm", ReadDate, "a date has no hour from 0 to 23 (`HH`)", "date(parseTimestamp(...))"),
        ("MM.yyyy", ReadDate, "the form has no day of the month", "write all of a date"),
        ("yyyyDDD dd", ReadDate, "the form has the day of the year (`DDD`) beside", "write `dd`"),
        ("HH:MM", ReadTime, "a time of day has no month (`MM`)", "write `mm` for the minute"),
        ("mm:ss", ReadTime, "the form has no hour", "write `HH`"),
        ("HH:ss", ReadTime, "the form has no minute", "write `mm`"),
        ("HH:mm.SSS", ReadTime, "the form has no second", "write `ss`"),
        ("dd.MM.yyyy", ReadTimestamp { zone: true }, "the form has no hour", "use `parseDate`"),
        (
            "yyyy-MM-dd HH:mm",
            ReadTimestamp { zone: false },
            "the form has no offset",
            "give the time zone last",
        ),
        (
            "yyyy-MM-dd HH:mmXXX",
            ReadTimestamp { zone: true },
            "the form has an offset",
            "leave out the time zone",
        ),
        ("yyyy HH", WriteDate, "a date has no hour from 0 to 23 (`HH`)", "leave it out"),
        ("yyyy HH", WriteTime, "a time of day has no year (`yyyy`)", "leave it out"),
    ];
    for (form, purpose, message, hint) in cases {
        let bad = MomentForm::compile(form).and_then(|form| form.check(purpose)).unwrap_err();
        assert!(bad.message.starts_with(message), "{form}: {}", bad.message);
        assert!(bad.hint.contains(hint), "{form}: {}", bad.hint);
    }
    assert_eq!(MomentForm::compile("MMM yyyy").and_then(|form| form.check(WriteTimestamp)), Ok(()));
}

#[test]
fn moments_are_written_by_their_form() {
    let at = date(2013, 2, 3).at(0, 5, 6, 78_900_000);
    let write = |form: &str, offset: Offset| MomentForm::compile(form).unwrap().write(at, offset);
    let cases = [
        ("dd.MM.yyyy HH:mm:ss.SSS", "03.02.2013 00:05:06.078"),
        ("EEE, d MMM yy h:m a", "Sun, 3 Feb 13 12:5 AM"),
        ("EEEE MMMM DDD 'o''clock'", "Sunday February 034 o'clock"),
    ];
    for (form, expected) in cases {
        assert_eq!(write(form, Offset::UTC).as_deref(), Some(expected), "{form}");
    }
    let quarter = Offset::from_seconds(-12_600).unwrap();
    assert_eq!(write("X", Offset::UTC).as_deref(), Some("Z"));
    assert_eq!(write("xxx", Offset::UTC).as_deref(), Some("+00:00"));
    assert_eq!(write("XXX", quarter).as_deref(), Some("-03:30"));
    assert_eq!(write("X", quarter).as_deref(), Some("-0330"));
    assert_eq!(write("X", Offset::constant(2)).as_deref(), Some("+02"));
    assert_eq!(write("X", Offset::from_seconds(3_208).unwrap()), None, "no form writes seconds of an offset");
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(second in 0i64..253_402_300_799, at in 0usize..4) {
        let forms = ["dd.MM.yyyy HH:mm:ss", "EEEE d MMMM yyyy hh:mm:ss a", "yyyyDDDHHmmss", "M/d/yyyy H:m:s XXX"];
        let form = MomentForm::compile(forms[at]).unwrap();
        let shown = tenon_model::Instant::from_second(second).unwrap().to_utc();
        let text = form.write(shown, Offset::UTC).unwrap();
        let fields = form.read(&text).unwrap();
        prop_assert_eq!(fields.date().unwrap().to_datetime(fields.time().unwrap()), shown, "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(form in "[yMdDEHhamsSXx]{0,9}[-. :']{0,2}\\PC{0,5}", text in "[-0-9:. A-Za-z]{0,30}|\\PC{0,20}") {
        if let Ok(form) = MomentForm::compile(&form) {
            let _ = form.read(&text).map(|fields| (fields.date(), fields.time()));
        }
    }
}
