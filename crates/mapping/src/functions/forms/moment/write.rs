//! Writing dates and times by a form.

use std::fmt::Write as _;

use jiff::{civil::DateTime, tz::Offset};

use super::{
    MomentForm, Part,
    read::{MONTHS, SHORT, WEEKDAYS},
};

impl MomentForm {
    /// What calendar and clock show, and how far they are from UTC, in this form; `None` for a year before the
    /// first.
    pub(in crate::functions) fn write(&self, at: DateTime, offset: Offset) -> Option<String> {
        let mut out = String::with_capacity(self.parts.len() * 2);
        for part in &self.parts {
            match *part {
                Part::Literal(c) => out.push(c),
                Part::Letters(letter, count) => write(&mut out, letter, count, at, offset)?,
            }
        }
        Some(out)
    }
}

fn write(out: &mut String, letter: char, count: usize, at: DateTime, offset: Offset) -> Option<()> {
    let number = match letter {
        'y' if at.year() < 1 => return None,
        'y' if count == 2 => i32::from(at.year()) % 100,
        'y' => i32::from(at.year()),
        'M' if count >= SHORT => {
            out.push_str(short(MONTHS[usize::try_from(at.month() - 1).ok()?], count));
            return Some(());
        }
        'E' => {
            let weekday = usize::try_from(at.weekday().to_monday_zero_offset()).ok()?;
            out.push_str(short(WEEKDAYS[weekday], count));
            return Some(());
        }
        'a' => {
            out.push_str(if at.hour() < 12 { "AM" } else { "PM" });
            return Some(());
        }
        'X' | 'x' => return write_offset(out, letter == 'X', count, offset),
        'M' => i32::from(at.month()),
        'd' => i32::from(at.day()),
        'D' => i32::from(at.day_of_year()),
        'H' => i32::from(at.hour()),
        'h' => (i32::from(at.hour()) + 11) % 12 + 1,
        'm' => i32::from(at.minute()),
        's' => i32::from(at.second()),
        _ => at.subsec_nanosecond() / 10i32.pow(9 - u32::try_from(count).ok()?),
    };
    write!(out, "{number:0count$}").ok()
}

fn short(name: &'static str, count: usize) -> &'static str {
    if count == SHORT { &name[..SHORT] } else { name }
}

fn write_offset(out: &mut String, zulu: bool, count: usize, offset: Offset) -> Option<()> {
    // Offsets of centuries ago have seconds, which no form writes.
    let seconds = offset.seconds();
    if seconds % 60 != 0 {
        return None;
    }
    if zulu && seconds == 0 {
        out.push('Z');
        return Some(());
    }
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    write!(out, "{}{hours:02}", if seconds < 0 { '-' } else { '+' }).ok()?;
    match count {
        3 => write!(out, ":{minutes:02}").ok(),
        1 if minutes == 0 => Some(()),
        _ => write!(out, "{minutes:02}").ok(),
    }
}
