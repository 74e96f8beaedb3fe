//! What to write where operands do not go together.

use crate::types::{Ty, View};

/// How two operands of different kinds are made to go together.
pub(super) fn conversion_hint(left: (&str, &Ty), right: (&str, &Ty)) -> String {
    match (left.1.view(), right.1.view()) {
        (View::Int | View::Uint, View::Float) => format!("write `double({})`", left.0),
        (View::Float, View::Int | View::Uint) => format!("write `double({})`", right.0),
        (View::Int, View::Uint) => format!("write `int({})`", right.0),
        (View::Uint, View::Int) => format!("write `int({})`", left.0),
        (View::Float, View::Decimal) => format!("write `decimal({})`", left.0),
        (View::Decimal, View::Float) => format!("write `decimal({})`", right.0),
        (View::Text, View::List(_) | View::Record(_) | View::Map(..) | View::Null)
        | (View::List(_) | View::Record(_) | View::Map(..) | View::Null, View::Text) => String::new(),
        (View::Text, view) if let Some(function) = constructor(&view) => {
            format!("write `{function}({})`", left.0)
        }
        (view, View::Text) if let Some(function) = constructor(&view) => {
            format!("write `{function}({})`", right.0)
        }
        // A month is added to what a calendar shows, and calendars differ by their time zones.
        (View::Timestamp, View::Period) => in_zone(left.0, right.0),
        (View::Period, View::Timestamp) => in_zone(right.0, left.0),
        (View::Date, View::Duration) | (View::Duration, View::Date) => {
            "add days of the calendar, such as `period(\"P1D\")`".to_owned()
        }
        (View::Duration, View::Period) => format!("write `period({})`", left.0),
        (View::Period, View::Duration) => format!("write `period({})`", right.0),
        (View::Text, _) => format!("write `string({})`", right.0),
        (_, View::Text) => format!("write `string({})`", left.0),
        _ => "convert one of them".to_owned(),
    }
}

/// The function that makes a value of this type of a text, where operands of it go with each other only.
fn constructor(view: &View<'_>) -> Option<&'static str> {
    Some(match view {
        View::Timestamp => "timestamp",
        View::Date => "date",
        View::LocalDateTime => "localDateTime",
        View::Duration => "duration",
        View::Period => "period",
        _ => return None,
    })
}

fn in_zone(timestamp: &str, period: &str) -> String {
    format!("name the time zone: `timestamp(localDateTime({timestamp}, \"UTC\") + {period}, \"UTC\")`")
}
