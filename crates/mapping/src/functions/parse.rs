//! Numbers, dates and times of texts that have another form than Tenon's own, and dates and times in such a form.

use bigdecimal::ToPrimitive;
use jiff::tz::Offset;
use tenon_model::{Instant, Value, instant::NoInstant};

use super::{
    Answer,
    Form::{Date, Decimal, Int, LocalDateTime, Optional, Text, Time, Timestamp},
    Function, Overload, Run,
    forms::{BadForm, MomentForm, NumberForm, Purpose},
    no_overload,
    zones::{instant, offset_at, shown_at, zone_of},
};
use crate::evaluate::{Context, Failure, Val};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "parseTimestamp",
        doc: "The instant that a text in a form of date and time stands for, in a time zone where the form has no offset; in a gap of its clocks it is as much later, in a fold the earlier one.",
        example: r#"parseTimestamp('12.06.1998 17:30', 'dd.MM.yyyy HH:mm', 'Europe/Berlin') == timestamp('1998-06-12T15:30:00Z')"#,
        overloads: &[
            Overload::function(&[Text, Text], Timestamp),
            Overload::function(&[Text, Text, Text], Timestamp),
        ],
        run: Run::Data(|args, context| strictly(parse_timestamp, args, context)),
    },
    Function {
        name: "parseLocalDateTime",
        doc: "The local date-time that a text in a form of date and time without an offset stands for.",
        example: "parseLocalDateTime('12.06.1998 17:30', 'dd.MM.yyyy HH:mm') == localDateTime('1998-06-12T17:30:00')",
        overloads: &[Overload::function(&[Text, Text], LocalDateTime)],
        run: Run::Data(|args, context| strictly(parse_local, args, context)),
    },
    Function {
        name: "parseDate",
        doc: "The date that a text in a form stands for.",
        example: "parseDate('Jun 12 1998', 'MMM d yyyy') == date('1998-06-12')",
        overloads: &[Overload::function(&[Text, Text], Date)],
        run: Run::Data(|args, context| strictly(parse_date, args, context)),
    },
    Function {
        name: "parseTime",
        doc: "The time of day that a text in a form stands for.",
        example: "parseTime('5:30 pm', 'h:mm a') == time('17:30:00')",
        overloads: &[Overload::function(&[Text, Text], Time)],
        run: Run::Data(|args, context| strictly(parse_time, args, context)),
    },
    Function {
        name: "parseNumber",
        doc: "The decimal number that a text stands for, with all its digits; the form is the number 1234.5 as such texts write it.",
        example: "parseNumber('-12.345,60', '1.234,5') == decimal('-12345.60') && parseNumber('12%', '1234.5%') == decimal('0.12')",
        overloads: &[Overload::function(&[Text, Text], Decimal)],
        run: Run::Data(|args, context| strictly(parse_number, args, context)),
    },
    Function {
        name: "parseInteger",
        doc: "The integer that a text stands for; the form is the number 1234 as such texts write it.",
        example: "parseInteger('(12,345)', '(1,234)') == -12345",
        overloads: &[Overload::function(&[Text, Text], Int)],
        run: Run::Data(|args, context| strictly(parse_integer, args, context)),
    },
    Function {
        name: "tryParseTimestamp",
        doc: "What `parseTimestamp` gives, and none where the text does not follow the form.",
        example: "!tryParseTimestamp('soon', 'yyyy-MM-dd HH:mmXXX').hasValue()",
        overloads: &[
            Overload::function(&[Text, Text], Optional(&Timestamp)),
            Overload::function(&[Text, Text, Text], Optional(&Timestamp)),
        ],
        run: Run::Results(|args, context| leniently(parse_timestamp, args, context)),
    },
    Function {
        name: "tryParseLocalDateTime",
        doc: "What `parseLocalDateTime` gives, and none where the text does not follow the form.",
        example: "!tryParseLocalDateTime('soon', 'yyyy-MM-dd HH:mm').hasValue()",
        overloads: &[Overload::function(&[Text, Text], Optional(&LocalDateTime))],
        run: Run::Results(|args, context| leniently(parse_local, args, context)),
    },
    Function {
        name: "tryParseDate",
        doc: "What `parseDate` gives, and none where the text does not follow the form.",
        example: "tryParseDate('1998-06-12', 'dd.MM.yyyy').or(tryParseDate('1998-06-12', 'yyyy-MM-dd')).hasValue()",
        overloads: &[Overload::function(&[Text, Text], Optional(&Date))],
        run: Run::Results(|args, context| leniently(parse_date, args, context)),
    },
    Function {
        name: "tryParseTime",
        doc: "What `parseTime` gives, and none where the text does not follow the form.",
        example: "tryParseTime('noon', 'HH:mm').orValue(time('12:00:00')) == time('12:00:00')",
        overloads: &[Overload::function(&[Text, Text], Optional(&Time))],
        run: Run::Results(|args, context| leniently(parse_time, args, context)),
    },
    Function {
        name: "tryParseNumber",
        doc: "What `parseNumber` gives, and none where the text does not follow the form.",
        example: "!tryParseNumber('12.5', '1.234,5').hasValue()",
        overloads: &[Overload::function(&[Text, Text], Optional(&Decimal))],
        run: Run::Results(|args, context| leniently(parse_number, args, context)),
    },
    Function {
        name: "tryParseInteger",
        doc: "What `parseInteger` gives, and none where the text does not follow the form.",
        example: "tryParseInteger('none', '1.234').orValue(0) == 0",
        overloads: &[Overload::function(&[Text, Text], Optional(&Int))],
        run: Run::Results(|args, context| leniently(parse_integer, args, context)),
    },
    Function {
        name: "formatTimestamp",
        doc: "A timestamp in a form of date and time, as a time zone shows it (UTC if none is given).",
        example: "formatTimestamp(timestamp('1998-06-12T15:30:00Z'), 'dd.MM.yyyy HH:mm', 'Europe/Berlin') == '12.06.1998 17:30'",
        overloads: &[
            Overload::function(&[Timestamp, Text], Text),
            Overload::function(&[Timestamp, Text, Text], Text),
        ],
        run: Run::Data(|args, _| format_timestamp(args)),
    },
    Function {
        name: "formatLocalDateTime",
        doc: "A local date-time in a form of date and time.",
        example: "formatLocalDateTime(localDateTime('1998-06-12T17:30:00'), 'dd.MM.yyyy HH:mm') == '12.06.1998 17:30'",
        overloads: &[Overload::function(&[LocalDateTime, Text], Text)],
        run: Run::Data(|args, _| format_local(args)),
    },
    Function {
        name: "formatDate",
        doc: "A date in a form.",
        example: "formatDate(date('1998-06-12'), 'EEE, d MMM yyyy') == 'Fri, 12 Jun 1998'",
        overloads: &[Overload::function(&[Date, Text], Text)],
        run: Run::Data(|args, _| format_date(args)),
    },
    Function {
        name: "formatTime",
        doc: "A time of day in a form.",
        example: "formatTime(time('17:30:00'), 'h:mm a') == '5:30 PM'",
        overloads: &[Overload::function(&[Time, Text], Text)],
        run: Run::Data(|args, _| format_time(args)),
    },
    Function {
        name: "fromEpochMillis",
        doc: "The instant that a number of milliseconds since 1970 stands for.",
        example: "fromEpochMillis(1371234567890) == timestamp('2013-06-14T18:29:27.890Z')",
        overloads: &[Overload::function(&[Int], Timestamp)],
        run: Run::Data(|args, _| from_epoch(args, 1_000_000, "milliseconds")),
    },
    Function {
        name: "fromEpochMicros",
        doc: "The instant that a number of microseconds since 1970 stands for.",
        example: "fromEpochMicros(1371234567890123) == timestamp('2013-06-14T18:29:27.890123Z')",
        overloads: &[Overload::function(&[Int], Timestamp)],
        run: Run::Data(|args, _| from_epoch(args, 1_000, "microseconds")),
    },
    Function {
        name: "toEpochMillis",
        doc: "The whole milliseconds from 1970 to a timestamp.",
        example: "toEpochMillis(timestamp('2013-06-14T18:29:27.890Z')) == 1371234567890",
        overloads: &[Overload::function(&[Timestamp], Int)],
        run: Run::Data(|args, _| to_epoch(args, 1_000_000)),
    },
    Function {
        name: "toEpochMicros",
        doc: "The whole microseconds from 1970 to a timestamp.",
        example: "toEpochMicros(timestamp('2013-06-14T18:29:27.890123Z')) == 1371234567890123",
        overloads: &[Overload::function(&[Timestamp], Int)],
        run: Run::Data(|args, _| to_epoch(args, 1_000)),
    },
];

/// What is wrong with a form that function `name` is called with beside `count` arguments in all; `None` if nothing is, or it
/// takes no form.
pub(crate) fn form_problem(name: &str, form: &str, count: usize) -> Option<BadForm> {
    let parsed = name.strip_prefix("tryParse").or_else(|| name.strip_prefix("parse"));
    let moment = |purpose| moment_form(form, purpose).err();
    match (parsed, name) {
        (Some("Timestamp"), _) => moment(Purpose::ReadTimestamp { zone: count > 2 }),
        (Some("LocalDateTime"), _) => moment(Purpose::ReadLocalDateTime),
        (Some("Date"), _) => moment(Purpose::ReadDate),
        (Some("Time"), _) => moment(Purpose::ReadTime),
        (Some("Number"), _) => NumberForm::compile(form).err(),
        (Some("Integer"), _) => integer_form(form).err(),
        (_, "formatTimestamp") => moment(Purpose::WriteTimestamp),
        (_, "formatLocalDateTime") => moment(Purpose::WriteLocalDateTime),
        (_, "formatDate") => moment(Purpose::WriteDate),
        (_, "formatTime") => moment(Purpose::WriteTime),
        _ => None,
    }
}

fn moment_form(form: &str, purpose: Purpose) -> Result<MomentForm, BadForm> {
    let form = MomentForm::compile(form)?;
    form.check(purpose).map(|()| form)
}

fn integer_form(form: &str) -> Result<NumberForm, BadForm> {
    let compiled = NumberForm::compile(form)?;
    if compiled.has_fraction() {
        return Err(BadForm {
            message: format!("an integer has no fraction, and the form `{form}` has one"),
            hint: "write the number 1234, for example `1.234`, or use `parseNumber`".to_owned(),
        });
    }
    Ok(compiled)
}

/// Reads a text: the value, or why the text has none. What is wrong with a form or a time zone is a failure.
type Parse = fn(&[Value]) -> Answer<Result<Value, String>>;

fn strictly(parse: Parse, args: &[Value], context: &mut Context) -> Answer<Value> {
    spend(args, context)?;
    parse(args)?.map_err(|why| {
        Failure::because(match args {
            [text, form, ..] => format!("{text} does not follow the form {form}: {why}"),
            _ => why,
        })
    })
}

fn leniently(parse: Parse, args: &[Val], context: &mut Context) -> Answer<Val> {
    let args: Option<Vec<Value>> =
        args.iter().map(|arg| if let Val::Data(value) = arg { Some(value.clone()) } else { None }).collect();
    let args = args.ok_or(Failure::NoOverload)?;
    spend(&args, context)?;
    Ok(parse(&args)?.map_or(Val::Absent, Val::Present))
}

fn spend(args: &[Value], context: &mut Context) -> Result<(), Failure> {
    let bytes = args.iter().filter_map(Value::as_str).map(str::len).sum();
    context.budget.spend_bytes(bytes)
}

fn parse_timestamp(args: &[Value]) -> Answer<Result<Value, String>> {
    let (text, form, zone) = match args {
        [Value::String(text), Value::String(form)] => (text, form, None),
        [Value::String(text), Value::String(form), Value::String(zone)] => (text, form, Some(zone)),
        _ => return no_overload(),
    };
    let form = moment_form(form, Purpose::ReadTimestamp { zone: zone.is_some() })?;
    let zone = zone.map(|name| zone_of(name).map(|zone| (name, zone))).transpose()?;
    let read = form.read(text).and_then(|fields| {
        let local = fields.date()?.to_datetime(fields.time()?);
        match (fields.offset(), &zone) {
            (None, Some((name, zone))) => instant(local, zone, name).map_err(Failure::into_message),
            (offset, _) => Instant::from_local(local, offset.unwrap_or(Offset::UTC))
                .ok_or_else(|| format!("it {}", NoInstant::Range)),
        }
    });
    Ok(read.map(Value::Timestamp))
}

fn parse_local(args: &[Value]) -> Answer<Result<Value, String>> {
    let [Value::String(text), Value::String(form)] = args else { return no_overload() };
    let form = moment_form(form, Purpose::ReadLocalDateTime)?;
    let read = form.read(text).and_then(|fields| Ok(fields.date()?.to_datetime(fields.time()?)));
    Ok(read.map(Value::LocalDateTime))
}

fn parse_date(args: &[Value]) -> Answer<Result<Value, String>> {
    let [Value::String(text), Value::String(form)] = args else { return no_overload() };
    let form = moment_form(form, Purpose::ReadDate)?;
    Ok(form.read(text).and_then(|fields| fields.date()).map(Value::Date))
}

fn parse_time(args: &[Value]) -> Answer<Result<Value, String>> {
    let [Value::String(text), Value::String(form)] = args else { return no_overload() };
    let form = moment_form(form, Purpose::ReadTime)?;
    Ok(form.read(text).and_then(|fields| fields.time()).map(Value::Time))
}

fn parse_number(args: &[Value]) -> Answer<Result<Value, String>> {
    let [Value::String(text), Value::String(form)] = args else { return no_overload() };
    Ok(NumberForm::compile(form)?.read(text).map(Value::from))
}

fn parse_integer(args: &[Value]) -> Answer<Result<Value, String>> {
    let [Value::String(text), Value::String(form)] = args else { return no_overload() };
    Ok(integer_form(form)?.read(text).and_then(|number| {
        let whole = number.as_big().to_i64();
        whole.map(Value::Int).ok_or_else(|| "it does not fit into a 64-bit integer".to_owned())
    }))
}

fn format_timestamp(args: &[Value]) -> Answer<Value> {
    let (at, form, shown, offset) = match args {
        [Value::Timestamp(at), Value::String(form)] => (at, form, at.to_utc(), Offset::UTC),
        [Value::Timestamp(at), Value::String(form), Value::String(name)] => {
            let offset = offset_at(*at, &zone_of(name)?);
            (at, form, shown_at(*at, offset, name)?, offset)
        }
        _ => return no_overload(),
    };
    let written = moment_form(form, Purpose::WriteTimestamp)?.write(shown, offset);
    written.map(Value::from).ok_or_else(|| unwritable(at, form))
}

fn format_local(args: &[Value]) -> Answer<Value> {
    let [Value::LocalDateTime(local), Value::String(form)] = args else { return no_overload() };
    let written = moment_form(form, Purpose::WriteLocalDateTime)?.write(*local, Offset::UTC);
    written.map(Value::from).ok_or_else(|| unwritable(local, form))
}

fn format_date(args: &[Value]) -> Answer<Value> {
    let [Value::Date(date), Value::String(form)] = args else { return no_overload() };
    let written =
        moment_form(form, Purpose::WriteDate)?.write(date.to_datetime(jiff::civil::Time::MIN), Offset::UTC);
    written.map(Value::from).ok_or_else(|| unwritable(date, form))
}

fn format_time(args: &[Value]) -> Answer<Value> {
    let [Value::Time(time), Value::String(form)] = args else { return no_overload() };
    let written = moment_form(form, Purpose::WriteTime)?.write(time.on(1970, 1, 1), Offset::UTC);
    written.map(Value::from).ok_or_else(|| unwritable(time, form))
}

fn unwritable(value: &impl std::fmt::Display, form: &str) -> Failure {
    Failure::because(format!("{value} cannot be written in the form \"{form}\""))
}

fn from_epoch(args: &[Value], nanoseconds: i128, unit: &str) -> Answer<Value> {
    let [Value::Int(count)] = args else { return no_overload() };
    Instant::from_nanosecond(i128::from(*count) * nanoseconds).map(Value::Timestamp).ok_or_else(|| {
        Failure::because(format!("{count} {unit} since 1970 are an instant that {}", NoInstant::Range))
    })
}

fn to_epoch(args: &[Value], nanoseconds: i128) -> Answer<Value> {
    let [Value::Timestamp(at)] = args else { return no_overload() };
    let count = i64::try_from(at.as_nanosecond().div_euclid(nanoseconds));
    count.map(Value::Int).map_err(|_| Failure::because(format!("{at} does not fit into a 64-bit integer")))
}
