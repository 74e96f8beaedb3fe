//! Values as they are written.

use tenon_errors::{Report, catalogue::data::CONTRACT_VIOLATION};
use tenon_model::Value;

use super::{Form, Style, escape::Escaping};
use crate::{json, openapi::Location, violation::Path};

/// `value` of the parameter `name`, as it stands in an address, a header or a cookie: `color=blue,black`, `;color=blue`,
/// `blue,black`. An absent parameter is not written at all; `value` is null for one that is there without a value. The parts of an
/// exploded query are joined by `&`, and those of a cookie by `; `.
///
/// # Errors
/// `D0001` for what the style cannot write: records in records, lists in lists, a lone value where the style is one of lists, and
/// in headers and cookies, where nothing is escaped, characters that they cannot hold; and a list of one empty text where that would
/// be read as a list without items.
pub fn encode(name: &str, value: &Value, style: Style, location: Location) -> Result<String, Report> {
    let parts = Parts::of(name, value, style, location)?;
    let Style { form, explode, .. } = style;
    let is_bare = !explode || matches!(form, Form::Simple | Form::Label);
    if is_bare && matches!(&parts, Parts::List(items) if matches!(&items[..], [only] if only.is_empty())) {
        let message =
            format!("the style `{}` writes a list of one empty text as it writes none", form.name());
        let report = Report::new(&CONTRACT_VIOLATION, message).path(Path::ROOT.field(name, false).pointer());
        return Err(report.hint("describe the parameter with `content`, or leave the item out"));
    }
    let mut escaped_name = String::new();
    Escaping::of(location, form == Form::Cookie, false, None).write(name, &mut escaped_name);
    let name = escaped_name.as_str();
    let named = |text: &str| format!("{name}={text}");
    Ok(match (form, parts) {
        (Form::Matrix, Parts::Nothing) => format!(";{name}"),
        (Form::Matrix, Parts::One(text)) => format!(";{}", named(&text)),
        (Form::Matrix, Parts::List(items)) if explode => {
            items.iter().map(|item| format!(";{}", named(item))).collect()
        }
        (Form::Matrix, Parts::List(items)) => format!(";{}", named(&items.join(","))),
        (Form::Matrix, Parts::Fields(fields)) if explode => {
            fields.iter().map(|(key, value)| format!(";{key}={value}")).collect()
        }
        (Form::Matrix, Parts::Fields(fields)) => format!(";{}", named(&flat(&fields, ","))),

        (Form::Label, Parts::Nothing) => ".".to_owned(),
        (Form::Label, Parts::One(text)) => format!(".{text}"),
        (Form::Label, Parts::List(items)) => format!(".{}", items.join(if explode { "." } else { "," })),
        (Form::Label, Parts::Fields(fields)) if explode => format!(".{}", pairs(&fields, ".")),
        (Form::Label, Parts::Fields(fields)) => format!(".{}", flat(&fields, ",")),

        (Form::Simple, Parts::Nothing) => String::new(),
        (Form::Simple, Parts::One(text)) => text,
        (Form::Simple, Parts::List(items)) => items.join(","),
        (Form::Simple, Parts::Fields(fields)) if explode => pairs(&fields, ","),
        (Form::Simple, Parts::Fields(fields)) => flat(&fields, ","),

        (Form::DeepObject, Parts::Fields(fields)) => {
            let field = |(key, value): &(String, String)| format!("{name}%5B{key}%5D={value}");
            fields.iter().map(field).collect::<Vec<_>>().join("&")
        }
        (Form::DeepObject, _) => return Err(unwritable(style, value, "an object")),

        (_, Parts::Nothing) => named(""),
        (Form::Form | Form::Cookie, Parts::One(text)) => named(&text),
        (_, Parts::One(_)) => return Err(unwritable(style, value, "a list or an object")),
        (_, Parts::List(items)) if explode => {
            items.iter().map(|item| named(item)).collect::<Vec<_>>().join(between(location))
        }
        (_, Parts::List(items)) => named(&items.join(form.separator())),
        (Form::Form | Form::Cookie, Parts::Fields(fields)) if explode => pairs(&fields, between(location)),
        (_, Parts::Fields(_)) if explode => return Err(unwritable(style, value, "a list")),
        (_, Parts::Fields(fields)) => named(&flat(&fields, form.separator())),
    })
}

fn between(location: Location) -> &'static str {
    if location == Location::Cookie { "; " } else { "&" }
}

/// What a value consists of, each part escaped.
enum Parts {
    Nothing,
    One(String),
    List(Vec<String>),
    Fields(Vec<(String, String)>),
}

impl Parts {
    fn of(name: &str, value: &Value, style: Style, location: Location) -> Result<Self, Report> {
        let separator = match (style.form, style.explode) {
            (Form::Label, true) => Some(b'.'),
            (Form::Simple, _) | (_, false) => Some(b','),
            (_, true) => None,
        };
        // A lone value has nothing that it would be separated from.
        let is_lone = !matches!(value, Value::List(_) | Value::Map(_));
        let separator = separator.filter(|_| !is_lone);
        let escaping = Escaping::of(location, style.form == Form::Cookie, style.allow_reserved, separator);
        // A separator that is written as an escape cannot be told from the same character in a value.
        let hidden = match style.form {
            Form::SpaceDelimited => Some(' '),
            Form::PipeDelimited => Some('|'),
            Form::TabDelimited => Some('\t'),
            _ => None,
        };
        let hidden = hidden.filter(|_| !is_lone && !style.explode);
        let written = |text: &str, path: &Path<'_>| {
            if let Some(c) = escaping.refuses(text).or(hidden.filter(|c| text.contains(*c))) {
                let message =
                    format!("the character `{}` is not allowed in a {}", c.escape_debug(), location.name());
                let report = Report::new(&CONTRACT_VIOLATION, message).path(path.pointer());
                return Err(report.hint("describe the parameter with `content`, or encode the value"));
            }
            let mut out = String::new();
            escaping.write(text, &mut out);
            Ok(out)
        };
        let one = |value: &Value, path: &Path<'_>| {
            if matches!(value, Value::List(_) | Value::Map(_)) {
                let message = format!("{} cannot be written inside of a parameter", value.kind_name());
                let report = Report::new(&CONTRACT_VIOLATION, message).path(path.pointer());
                return Err(report.hint("describe the parameter with `content: application/json`"));
            }
            written(&text_of(value), path)
        };
        let own = Path::ROOT.field(name, false);
        Ok(match value {
            Value::Null => Self::Nothing,
            Value::List(items) => {
                let item = |(at, item): (usize, &Value)| one(item, &own.item(at));
                Self::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?)
            }
            Value::Map(map) => {
                let mut fields = Vec::new();
                for (key, value) in map.iter() {
                    let key = key.to_string();
                    let path = own.field(&key, false);
                    let (name, value) = (written(&key, &path)?, one(value, &path)?);
                    fields.push((name, value));
                }
                Self::Fields(fields)
            }
            value => Self::One(one(value, &own)?),
        })
    }
}

/// A lone value as text; null as nothing.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.to_string(),
        value => json::text_of(value).unwrap_or_else(|| json::to_string(value)),
    }
}

fn flat(fields: &[(String, String)], separator: &str) -> String {
    fields.iter().map(|(key, value)| format!("{key}{separator}{value}")).collect::<Vec<_>>().join(separator)
}

fn pairs(fields: &[(String, String)], separator: &str) -> String {
    fields.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(separator)
}

fn unwritable(style: Style, value: &Value, expected: &str) -> Report {
    let message =
        format!("the style `{}` writes {expected}, and this is {}", style.form.name(), value.kind_name());
    Report::new(&CONTRACT_VIOLATION, message).hint("use the style `form`")
}
