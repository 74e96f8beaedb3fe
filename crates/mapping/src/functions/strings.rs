//! Functions on text: CEL's standard ones and the `strings` extension. Positions count Unicode scalar values.

use tenon_model::Value;

use super::{
    Answer,
    Form::{Any, Bool, Bytes, Int, List, Map, Text},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Failure};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "size",
        doc: "How many characters a text, octets some bytes, items a list or entries a map has.",
        example: "size('müde') == 4 && [1, 2].size() == 2",
        overloads: &[
            Overload::function(&[Text], Int),
            Overload::function(&[Bytes], Int),
            Overload::function(&[List(&Any)], Int),
            Overload::function(&[Map], Int),
            Overload::method(&[Text], Int),
            Overload::method(&[Bytes], Int),
            Overload::method(&[List(&Any)], Int),
            Overload::method(&[Map], Int),
        ],
        run: Run::Data(size),
    },
    Function {
        name: "contains",
        doc: "Whether a text holds another.",
        example: "'Newark Liberty'.contains('Lib')",
        overloads: &[Overload::method(&[Text, Text], Bool)],
        run: Run::Data(|args, context| test(args, context, |text, part| text.contains(part))),
    },
    Function {
        name: "startsWith",
        doc: "Whether a text begins with another.",
        example: "'N14228'.startsWith('N')",
        overloads: &[Overload::method(&[Text, Text], Bool)],
        run: Run::Data(|args, context| test(args, context, |text, part| text.starts_with(part))),
    },
    Function {
        name: "endsWith",
        doc: "Whether a text ends with another.",
        example: "'report.csv'.endsWith('.csv')",
        overloads: &[Overload::method(&[Text, Text], Bool)],
        run: Run::Data(|args, context| test(args, context, |text, part| text.ends_with(part))),
    },
    Function {
        name: "charAt",
        doc: "The character at a position, from 0; the empty text at the end.",
        example: "'EWR'.charAt(1) == 'W'",
        overloads: &[Overload::method(&[Text, Int], Text)],
        run: Run::Data(|args, _| char_at(args)),
    },
    Function {
        name: "indexOf",
        doc: "Where a text first occurs in another, at or after a position; -1 if nowhere.",
        example: "'a-b-c'.indexOf('-') == 1 && 'a-b-c'.indexOf('-', 2) == 3",
        overloads: &[Overload::method(&[Text, Text], Int), Overload::method(&[Text, Text, Int], Int)],
        run: Run::Data(index_of),
    },
    Function {
        name: "lastIndexOf",
        doc: "Where a text last occurs in another, at or before a position; -1 if nowhere.",
        example: "'a-b-c'.lastIndexOf('-') == 3",
        overloads: &[Overload::method(&[Text, Text], Int), Overload::method(&[Text, Text, Int], Int)],
        run: Run::Data(last_index_of),
    },
    Function {
        name: "join",
        doc: "The texts of a list as one, with a separator between them.",
        example: "['a', 'b'].join('-') == 'a-b'",
        overloads: &[Overload::method(&[List(&Text)], Text), Overload::method(&[List(&Text), Text], Text)],
        run: Run::Data(join),
    },
    Function {
        name: "lowerAscii",
        doc: "The text with A to Z in lower case.",
        example: "'EWR'.lowerAscii() == 'ewr'",
        overloads: &[Overload::method(&[Text], Text)],
        run: Run::Data(|args, context| change(args, context, str::to_ascii_lowercase)),
    },
    Function {
        name: "upperAscii",
        doc: "The text with a to z in upper case.",
        example: "'ewr'.upperAscii() == 'EWR'",
        overloads: &[Overload::method(&[Text], Text)],
        run: Run::Data(|args, context| change(args, context, str::to_ascii_uppercase)),
    },
    Function {
        name: "replace",
        doc: "The text with each, or the first so many, occurrences of a text replaced by another.",
        example: "'a b c'.replace(' ', '-') == 'a-b-c' && 'a b c'.replace(' ', '-', 1) == 'a-b c'",
        overloads: &[
            Overload::method(&[Text, Text, Text], Text),
            Overload::method(&[Text, Text, Text, Int], Text),
        ],
        run: Run::Data(replace),
    },
    Function {
        name: "split",
        doc: "The parts of a text between separators; with a number, at most so many.",
        example: "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
        overloads: &[
            Overload::method(&[Text, Text], List(&Text)),
            Overload::method(&[Text, Text, Int], List(&Text)),
        ],
        run: Run::Data(split),
    },
    Function {
        name: "substring",
        doc: "The characters from a position, up to but without another.",
        example: "'N14228'.substring(1) == '14228' && 'N14228'.substring(0, 2) == 'N1'",
        overloads: &[Overload::method(&[Text, Int], Text), Overload::method(&[Text, Int, Int], Text)],
        run: Run::Data(|args, _| substring(args)),
    },
    Function {
        name: "trim",
        doc: "The text without white space at its ends.",
        example: "'  EWR '.trim() == 'EWR'",
        overloads: &[Overload::method(&[Text], Text)],
        run: Run::Data(|args, context| change(args, context, |text| text.trim().to_owned())),
    },
    Function {
        name: "reverse",
        doc: "The characters of a text, or the items of a list, from last to first.",
        example: "'abc'.reverse() == 'cba' && [1, 2].reverse() == [2, 1]",
        overloads: &[
            Overload::method(&[Text], Text),
            Overload::method(&[List(&super::Form::A)], List(&super::Form::A)),
        ],
        run: Run::Data(reverse),
    },
    Function {
        name: "strings.quote",
        doc: "The text in double quotes, with special characters escaped.",
        example: r#"strings.quote('say "hi"') == '"say \\"hi\\""'"#,
        overloads: &[Overload::function(&[Text], Text)],
        run: Run::Data(|args, context| change(args, context, quote)),
    },
];

fn length(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn size(args: &[Value], context: &mut Context) -> Answer<Value> {
    Ok(length(match args {
        [Value::String(text)] => {
            context.budget.spend_bytes(text.len())?;
            text.chars().count()
        }
        [Value::Bytes(bytes)] => bytes.len(),
        [Value::List(items)] => items.len(),
        [Value::Map(map)] => map.len(),
        _ => return no_overload(),
    }))
}

fn test(args: &[Value], context: &mut Context, holds: fn(&str, &str) -> bool) -> Answer<Value> {
    let [Value::String(text), Value::String(part)] = args else { return no_overload() };
    context.budget.spend_bytes(text.len())?;
    Ok(Value::Bool(holds(text, part)))
}

fn change(args: &[Value], context: &mut Context, make: impl Fn(&str) -> String) -> Answer<Value> {
    let [Value::String(text)] = args else { return no_overload() };
    context.budget.spend_bytes(text.len())?;
    Ok(Value::from(make(text)))
}

fn outside(position: i64, text: &str) -> Failure {
    Failure::because(format!("position {position} is outside a text of {} characters", text.chars().count()))
}

/// The byte offset of a character position; the end counts as a position.
fn offset(text: &str, position: i64) -> Result<usize, Failure> {
    let wanted = usize::try_from(position).map_err(|_| outside(position, text))?;
    if text.is_ascii() {
        return if wanted <= text.len() { Ok(wanted) } else { Err(outside(position, text)) };
    }
    let mut offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    offsets.nth(wanted).ok_or_else(|| outside(position, text))
}

/// The character position of a byte offset.
fn position(text: &str, offset: usize) -> Value {
    length(text[..offset].chars().count())
}

fn char_at(args: &[Value]) -> Answer<Value> {
    let [Value::String(text), Value::Int(at)] = args else { return no_overload() };
    let from = offset(text, *at)?;
    let length = text[from..].chars().next().map_or(0, char::len_utf8);
    Ok(Value::from(&text[from..from + length]))
}

fn index_of(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (text, part, from) = match args {
        [Value::String(text), Value::String(part)] => (text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => (text, part, offset(text, *from)?),
        _ => return no_overload(),
    };
    context.budget.spend_bytes(text.len())?;
    Ok(text[from..].find(part.as_str()).map_or(Value::Int(-1), |found| position(text, from + found)))
}

fn last_index_of(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (text, part, last) = match args {
        [Value::String(text), Value::String(part)] => (text, part, text.len()),
        [Value::String(text), Value::String(part), Value::Int(last)] => (text, part, offset(text, *last)?),
        _ => return no_overload(),
    };
    context.budget.spend_bytes(text.len())?;
    // An occurrence may start at `last`, so it may end as much later as it is long; where no character ends, none does.
    let mut end = (last + part.len()).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Ok(text[..end].rfind(part.as_str()).map_or(Value::Int(-1), |found| position(text, found)))
}

fn join(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (items, separator) = match args {
        [Value::List(items)] => (items, ""),
        [Value::List(items), Value::String(separator)] => (items, separator.as_str()),
        _ => return no_overload(),
    };
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        let Value::String(item) = item else { return no_overload() };
        context.budget.spend_bytes(item.len() + separator.len() + 8)?;
        if at > 0 {
            text.push_str(separator);
        }
        text.push_str(item);
    }
    Ok(Value::from(text))
}

fn replace(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (text, old, new, most) = match args {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, usize::MAX),
        [Value::String(text), Value::String(old), Value::String(new), Value::Int(most)] => {
            // A negative number means all of them, as in Go's strings.Replace, which the extension follows.
            (text, old, new, usize::try_from(*most).unwrap_or(usize::MAX))
        }
        _ => return no_overload(),
    };
    let found = if old.is_empty() { text.len() + 1 } else { text.len() / old.len() };
    context.budget.spend_bytes(text.len().saturating_add(found.min(most).saturating_mul(new.len())))?;
    Ok(Value::from(text.replacen(old.as_str(), new, most)))
}

fn split(args: &[Value], context: &mut Context) -> Answer<Value> {
    let (text, separator, most) = match args {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [Value::String(text), Value::String(separator), Value::Int(most)] => (text, separator, *most),
        _ => return no_overload(),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    context.budget.spend(text.len() + 1)?;
    let parts: Vec<Value> = match most {
        0 => Vec::new(),
        _ if separator.is_empty() => characters(text, most),
        _ => text.splitn(most, separator.as_str()).map(Value::from).collect(),
    };
    Ok(Value::list(parts))
}

/// The characters of `text`, the last part holding what exceeds `most`.
fn characters(text: &str, most: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if parts.len() + 1 == most {
            parts.push(Value::from(rest));
            break;
        }
        let (head, tail) = rest.split_at(first.len_utf8());
        parts.push(Value::from(head));
        rest = tail;
    }
    parts
}

fn substring(args: &[Value]) -> Answer<Value> {
    let (text, start, end) = match args {
        [Value::String(text), Value::Int(start)] => (text, offset(text, *start)?, text.len()),
        [Value::String(text), Value::Int(start), Value::Int(end)] => {
            (text, offset(text, *start)?, offset(text, *end)?)
        }
        _ => return no_overload(),
    };
    let part = text
        .get(start..end)
        .ok_or_else(|| Failure::because("the end of the substring is before its start"))?;
    Ok(Value::from(part))
}

fn reverse(args: &[Value], context: &mut Context) -> Answer<Value> {
    match args {
        [Value::String(text)] => {
            context.budget.spend_bytes(text.len())?;
            Ok(Value::from(text.chars().rev().collect::<String>()))
        }
        [Value::List(items)] => {
            context.budget.spend(items.len())?;
            Ok(Value::list(items.iter().rev().cloned().collect()))
        }
        _ => no_overload(),
    }
}

/// As the `strings` extension quotes: the escapes of CEL, everything else as it is.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        let escape = match c {
            '\x07' => "\\a",
            '\x08' => "\\b",
            '\x0c' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\x0b' => "\\v",
            '\\' => "\\\\",
            '"' => "\\\"",
            other => {
                quoted.push(other);
                continue;
            }
        };
        quoted.push_str(escape);
    }
    quoted.push('"');
    quoted
}
