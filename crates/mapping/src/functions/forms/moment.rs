//! Forms of dates and times: the letters of Unicode (UTS 35) and Java, `dd.MM.yyyy HH:mm:ss`.

mod read;
mod write;

use super::{BadForm, check_length};

/// A form, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::functions) struct MomentForm {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Stands for itself.
    Literal(char),
    /// A letter and how often it stands there.
    Letters(char, usize),
}

/// What a form is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions) enum Purpose {
    /// To read an instant; whether a time zone is given beside.
    ReadTimestamp {
        zone: bool,
    },
    ReadLocalDateTime,
    ReadDate,
    ReadTime,
    WriteTimestamp,
    WriteLocalDateTime,
    WriteDate,
    WriteTime,
}

/// The letters, how often they may stand, and what they are.
const LETTERS: &[(char, &[usize], &str)] = &[
    ('y', &[4, 2], "year"),
    ('M', &[2, 1, 3, 4], "month"),
    ('d', &[2, 1], "day of the month"),
    ('D', &[3], "day of the year"),
    ('E', &[3, 4], "day of the week"),
    ('H', &[2, 1], "hour from 0 to 23"),
    ('h', &[2, 1], "hour from 1 to 12"),
    ('a', &[1], "half of the day, AM or PM"),
    ('m', &[2, 1], "minute"),
    ('s', &[2, 1], "second"),
    ('S', &[3, 1, 2, 4, 5, 6, 7, 8, 9], "fraction of a second"),
    ('X', &[3, 2, 1], "offset from UTC"),
    ('x', &[3, 2, 1], "offset from UTC"),
];
const OF_DATES: &str = "yMdDE";
const OF_TIMES: &str = "HhamsS";
const OF_OFFSETS: &str = "Xx";

/// What a letter is.
fn named(letter: char) -> &'static str {
    LETTERS.iter().find(|(known, ..)| *known == letter).map_or("", |(_, _, name)| name)
}

fn repeated(letter: char, count: usize) -> String {
    std::iter::repeat_n(letter, count).collect()
}

impl MomentForm {
    /// # Errors
    /// Where a letter is unknown or stands where it cannot be read.
    pub(in crate::functions) fn compile(form: &str) -> Result<Self, BadForm> {
        check_length(form)?;
        let mut parts: Vec<Part> = Vec::with_capacity(form.len());
        let mut letters = form.chars().peekable();
        while let Some(c) = letters.next() {
            if c == '\'' {
                literal(&mut letters, &mut parts, form)?;
            } else if c.is_ascii_alphabetic() {
                let mut count = 1;
                while letters.next_if_eq(&c).is_some() {
                    count += 1;
                }
                parts.push(field(c, count)?);
            } else if "[]{}#%".contains(c) {
                let hint = if c == '%' {
                    "write letters, for example `yyyy-MM-dd`, and a `%` as '%'".to_owned()
                } else {
                    format!("write '{c}' if the texts have it")
                };
                return Err(BadForm::new(format!("`{c}` means nothing in a form"), hint));
            } else {
                parts.push(Part::Literal(c));
            }
        }
        let form = Self { parts };
        form.check_parts()?;
        Ok(form)
    }

    fn letters(&self) -> impl Iterator<Item = (char, usize)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Letters(letter, count) => Some((*letter, *count)),
            Part::Literal(_) => None,
        })
    }

    fn has(&self, letter: char) -> bool {
        self.letters().any(|(known, _)| known == letter)
    }

    /// What is wrong for reading and for writing.
    fn check_parts(&self) -> Result<(), BadForm> {
        let mut seen = Vec::new();
        for (letter, count) in self.letters() {
            if seen.contains(&named(letter)) {
                let message = format!(
                    "the form has the {} twice, again as `{}`",
                    named(letter),
                    repeated(letter, count)
                );
                return Err(BadForm::new(message, "leave one of them out"));
            }
            seen.push(named(letter));
        }
        if self.has('h') != self.has('a') {
            let message = "an hour from 1 to 12 (`hh`) needs AM or PM (`a`), and only it does";
            return Err(BadForm::new(message, "write `hh:mm a`, or `HH:mm` for an hour from 0 to 23"));
        }
        if self.has('H') && self.has('h') {
            return Err(BadForm::new("the form has the hour twice", "leave `HH` or `hh` and `a` out"));
        }
        for pair in self.parts.windows(2) {
            if let [Part::Letters(letter, 1), next] = pair
                && "MdHhms".contains(*letter)
                && next.may_be_digit()
            {
                let message = format!("it is unclear where the {} (`{letter}`) ends", named(*letter));
                return Err(BadForm::new(message, format!("write `{letter}{letter}` if it has two digits")));
            }
        }
        Ok(())
    }

    /// Whether it can be used so.
    ///
    /// # Errors
    /// What is missing, or cannot be.
    pub(in crate::functions) fn check(&self, purpose: Purpose) -> Result<(), BadForm> {
        let (what, allowed) = match purpose {
            Purpose::ReadTimestamp { .. } | Purpose::WriteTimestamp => {
                ("timestamp", [OF_DATES, OF_TIMES, OF_OFFSETS])
            }
            Purpose::ReadLocalDateTime | Purpose::WriteLocalDateTime => {
                ("local date-time", [OF_DATES, OF_TIMES, ""])
            }
            Purpose::ReadDate | Purpose::WriteDate => ("date", [OF_DATES, "", ""]),
            Purpose::ReadTime | Purpose::WriteTime => ("time of day", [OF_TIMES, "", ""]),
        };
        if let Some((letter, count)) =
            self.letters().find(|(letter, _)| !allowed.iter().any(|of| of.contains(*letter)))
        {
            let message = format!("a {what} has no {} (`{}`)", named(letter), repeated(letter, count));
            let hint = match letter {
                'm' if !self.has('M') => "write `MM` for the month",
                'M' if !self.has('m') => "write `mm` for the minute",
                'X' | 'x' if matches!(purpose, Purpose::ReadLocalDateTime) => "use `parseTimestamp`",
                _ if matches!(purpose, Purpose::ReadDate) => "write `date(parseTimestamp(...))`",
                _ if matches!(purpose, Purpose::ReadTime) => "write `time(parseTimestamp(...))`",
                _ => "leave it out",
            };
            return Err(BadForm::new(message, hint));
        }
        match purpose {
            Purpose::ReadTimestamp { zone } => {
                self.check_date().and_then(|()| self.check_time()).and_then(|()| self.check_zone(zone))
            }
            Purpose::ReadLocalDateTime => self.check_date().and_then(|()| self.check_time()),
            Purpose::ReadDate => self.check_date(),
            Purpose::ReadTime => self.check_time(),
            Purpose::WriteTimestamp
            | Purpose::WriteLocalDateTime
            | Purpose::WriteDate
            | Purpose::WriteTime => Ok(()),
        }
    }

    fn check_date(&self) -> Result<(), BadForm> {
        let of_year = self.has('D');
        if of_year && (self.has('M') || self.has('d')) {
            let message = "the form has the day of the year (`DDD`) beside the month or its day";
            return Err(BadForm::new(message, "write `dd` for the day of the month"));
        }
        let missing = "yMd".chars().find(|letter| !self.has(*letter) && (*letter == 'y' || !of_year));
        match missing {
            Some('M') if self.has('m') => {
                Err(BadForm::new("the form has no month, and `mm` is the minute", "write `MM` for the month"))
            }
            Some(letter) => {
                let message = format!("the form has no {}", named(letter));
                Err(BadForm::new(message, "write all of a date, for example `dd.MM.yyyy` or `yyyyDDD`"))
            }
            None => Ok(()),
        }
    }

    fn check_time(&self) -> Result<(), BadForm> {
        let missing = if !self.has('H') && !self.has('h') {
            Some(("hour", "write `HH`, or `hh` and `a`; where there is none, use `parseDate`"))
        } else if self.has('s') && !self.has('m') {
            Some(("minute", "write `mm` for the minute"))
        } else if self.has('S') && !self.has('s') {
            Some(("second", "write `ss` before its fraction"))
        } else {
            None
        };
        missing.map_or(Ok(()), |(what, hint)| Err(BadForm::new(format!("the form has no {what}"), hint)))
    }

    fn check_zone(&self, zone: bool) -> Result<(), BadForm> {
        match (self.has('X') || self.has('x'), zone) {
            (false, false) => Err(BadForm::new(
                "the form has no offset, and no time zone is given",
                "give the time zone last, for example \"Europe/Berlin\", or write `XXX` where the texts have an offset",
            )),
            (true, true) => Err(BadForm::new(
                "the form has an offset, and a time zone is given as well",
                "leave out the time zone",
            )),
            _ => Ok(()),
        }
    }
}

impl Part {
    /// Whether what it stands for may begin with a digit.
    fn may_be_digit(self) -> bool {
        match self {
            Self::Literal(c) => c.is_ascii_digit(),
            Self::Letters('M', count) => count < 3,
            Self::Letters(letter, _) => "ydDHhmsS".contains(letter),
        }
    }
}

/// What stands between single quotes; two of them are one.
fn literal(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    parts: &mut Vec<Part>,
    form: &str,
) -> Result<(), BadForm> {
    if letters.next_if_eq(&'\'').is_some() {
        parts.push(Part::Literal('\''));
        return Ok(());
    }
    while let Some(c) = letters.next() {
        if c != '\'' {
            parts.push(Part::Literal(c));
        } else if letters.next_if_eq(&'\'').is_some() {
            parts.push(Part::Literal('\''));
        } else {
            return Ok(());
        }
    }
    Err(BadForm::new(format!("a quote in `{form}` is not closed"), "close it with another '"))
}

fn field(letter: char, count: usize) -> Result<Part, BadForm> {
    let written = repeated(letter, count);
    if let Some((_, counts, name)) = LETTERS.iter().find(|(known, ..)| *known == letter) {
        if counts.contains(&count) {
            return Ok(Part::Letters(letter, count));
        }
        let known: Vec<_> =
            counts.iter().take(4).map(|count| format!("`{}`", repeated(letter, *count))).collect();
        let hint = match letter {
            'D' => "write `dd` for the day of the month, or `DDD` for the day of the year".to_owned(),
            _ => format!("write {}", known.join(" or ")),
        };
        return Err(BadForm::new(format!("the {name} is not written `{written}` in a form"), hint));
    }
    let hint = match letter {
        'Y' | 'u' => "write `yyyy` for the year",
        'L' => "write `MM` for the month",
        'e' | 'c' => "write `EEE` for the day of the week",
        'k' => "write `HH` for an hour from 0 to 23",
        'K' => "write `hh` for an hour from 1 to 12",
        'n' | 'N' | 'A' => "write `SSS` for a fraction of a second",
        'Z' => "write `xx` for an offset such as +0100, `xxx` for +01:00, `XXX` where it may be Z",
        'z' | 'V' | 'v' | 'O' => "give the time zone as the last argument, or write `XXX` for an offset",
        'T' | 't' => "put text that stands for itself in single quotes: yyyy-MM-dd'T'HH:mm",
        _ => {
            "use the letters of y M d D E H h a m s S X x, and put text that stands for itself in single quotes"
        }
    };
    Err(BadForm::new(format!("`{written}` means nothing in a form"), hint))
}

#[cfg(test)]
mod tests;
