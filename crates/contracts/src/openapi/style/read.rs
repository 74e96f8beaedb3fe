//! Values from what was written.

use tenon_errors::{Report, catalogue::data::BAD_ENCODING, catalogue::data::CONTRACT_VIOLATION};
use tenon_model::{Kind, Shape, Str, Value};

use super::{
    Form, Style,
    escape::{BLANKS, Escaping},
};
use crate::{openapi::Location, text::ScalarDecoder, validate::Validator, violation::Path};

/// Reads a parameter. Made once, for as many requests as there are.
#[derive(Debug)]
pub struct StyleDecoder {
    name: Str,
    style: Style,
    location: Location,
    targets: Vec<Target>,
    validator: Validator,
    nullable: bool,
}

/// What the text is taken for.
#[derive(Debug)]
enum Target {
    One(ScalarDecoder),
    List(ScalarDecoder),
    Fields { known: Vec<(Str, ScalarDecoder)>, rest: Option<ScalarDecoder> },
}

/// How many alternatives a parameter has at most.
const MAX_TARGETS: usize = 64;

impl StyleDecoder {
    /// A decoder for the parameter `name`, whose values follow `shape`.
    ///
    /// # Errors
    /// `C0001` if the shape refers to what is not defined, `C0005` if a pattern cannot be run.
    pub fn new(name: &str, shape: &Shape, style: Style, location: Location) -> Result<Self, Report> {
        let mut targets = Vec::new();
        collect(shape, &mut targets, 0)?;
        Ok(Self {
            name: Str::new(name),
            style,
            location,
            targets,
            validator: Validator::new(shape)?,
            nullable: shape.nullable || shape.resolved().nullable,
        })
    }

    /// The value of the parameter in `text`: the whole query or `Cookie`, of which the parts of other parameters are passed over; the
    /// whole segment of a path; the value of a header. `None` where it is not there.
    ///
    /// # Errors
    /// `D0105` for octets that are no text, `D0001` to `D0006` for what does not follow the contract.
    pub fn decode(&self, text: &str) -> Result<Option<Value>, Report> {
        let mut why: Option<Report> = None;
        for target in &self.targets {
            match self.as_target(text, target) {
                Ok(Some(value)) => match self.validator.check(&value) {
                    Ok(()) => return Ok(Some(value)),
                    Err(report) => drop(why.get_or_insert(report)),
                },
                Ok(None) => {}
                Err(report) => drop(why.get_or_insert(report)),
            }
        }
        why.map_or(Ok(None), Err)
    }

    fn as_target(&self, text: &str, target: &Target) -> Result<Option<Value>, Report> {
        let own = Path::ROOT.field(&self.name, false);
        let at = |report: Report, path: &Path<'_>| report.path(path.pointer());
        match target {
            Target::One(decoder) => {
                let Some(text) = self.one(text)? else { return Ok(None) };
                match text {
                    None if self.nullable => Ok(Some(Value::Null)),
                    text => {
                        let text = text.unwrap_or_default();
                        decoder.decode(&text).map(Some).map_err(|report| at(report, &own))
                    }
                }
            }
            Target::List(decoder) => {
                let Some(items) = self.list(text)? else { return Ok(None) };
                let item = |(position, text): (usize, &String)| {
                    decoder.decode(text).map_err(|report| at(report, &own.item(position)))
                };
                let items: Vec<Value> = items.iter().enumerate().map(item).collect::<Result<_, _>>()?;
                Ok(Some(Value::list(items)))
            }
            Target::Fields { known, rest } => {
                let is_known = |name: &str| known.iter().any(|(field, _)| field == name);
                let Some(fields) = self.fields(text, &is_known)? else { return Ok(None) };
                let mut values = Vec::with_capacity(fields.len());
                for (name, text) in fields {
                    let decoder = known.iter().find(|(field, _)| *field == name).map(|(_, decoder)| decoder);
                    let Some(decoder) = decoder.or(rest.as_ref()) else {
                        let message = format!("has no field `{name}`");
                        return Err(at(Report::new(&CONTRACT_VIOLATION, message), &own.field(&name, false)));
                    };
                    let value =
                        decoder.decode(&text).map_err(|report| at(report, &own.field(&name, false)))?;
                    values.push((Str::from(name), value));
                }
                Ok(Some(Value::record(values)))
            }
        }
    }

    fn unescaped(&self, text: &str) -> Result<String, Report> {
        let escaping = Escaping::of(self.location, self.style.form == Form::Cookie, false, None);
        escaping.read(text, self.location == Location::Query).ok_or_else(|| {
            let message = format!("the parameter `{}` is not UTF-8", self.name);
            Report::new(&BAD_ENCODING, message).hint("escape the octets of UTF-8")
        })
    }

    /// The pairs that the text consists of, where it consists of pairs: the name, and what follows `=`, still escaped.
    fn pairs<'t>(&self, text: &'t str) -> Result<Vec<(String, Option<&'t str>)>, Report> {
        let separator = match self.style.form {
            Form::Matrix => ';',
            _ if self.location == Location::Cookie => ';',
            _ => '&',
        };
        let mut pairs = Vec::new();
        for part in text.split(separator).map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
            pairs.push((self.unescaped(name)?, value));
        }
        Ok(pairs)
    }

    fn has_pairs(&self) -> bool {
        !matches!(self.style.form, Form::Simple | Form::Label)
    }

    /// What follows the name or the prefix, still escaped; `Some(None)` for a name alone.
    fn after_name<'t>(&self, text: &'t str) -> Result<Option<Option<&'t str>>, Report> {
        if self.has_pairs() {
            let mut pairs = self.pairs(text)?.into_iter();
            return Ok(pairs.find(|(name, _)| *name == *self.name).map(|(_, value)| value));
        }
        let text = if self.style.form == Form::Label { text.strip_prefix('.').unwrap_or(text) } else { text };
        Ok(Some(Some(text)))
    }

    fn one(&self, text: &str) -> Result<Option<Option<String>>, Report> {
        let Some(found) = self.after_name(text)? else { return Ok(None) };
        let text = found.map(|text| self.unescaped(text)).transpose()?;
        Ok(Some(text.filter(|text| !text.is_empty() || !self.nullable)))
    }

    fn list(&self, text: &str) -> Result<Option<Vec<String>>, Report> {
        if self.style.explode && self.has_pairs() {
            let pairs = self.pairs(text)?;
            let own = pairs.into_iter().filter(|(name, _)| *name == *self.name);
            let items: Vec<String> =
                own.map(|(_, value)| self.unescaped(value.unwrap_or_default())).collect::<Result<_, _>>()?;
            return Ok((!items.is_empty()).then_some(items));
        }
        let Some(found) = self.after_name(text)? else { return Ok(None) };
        let parts = self.split(found.unwrap_or_default());
        parts.into_iter().map(|part| self.unescaped(part)).collect::<Result<_, _>>().map(Some)
    }

    fn fields(
        &self,
        text: &str,
        is_known: &dyn Fn(&str) -> bool,
    ) -> Result<Option<Vec<(String, String)>>, Report> {
        if self.style.form == Form::DeepObject {
            let mut fields = Vec::new();
            for (name, value) in self.pairs(text)? {
                let inner =
                    name.strip_prefix(&*self.name).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
                if let Some(inner) = inner {
                    fields.push((inner.to_owned(), self.unescaped(value.unwrap_or_default())?));
                }
            }
            return Ok((!fields.is_empty()).then_some(fields));
        }
        if self.style.explode && self.has_pairs() {
            // Nothing but their names tells the fields from other parameters.
            let own = self.pairs(text)?.into_iter().filter(|(name, _)| is_known(name));
            let fields: Vec<(String, String)> = own
                .map(|(name, value)| Ok((name, self.unescaped(value.unwrap_or_default())?)))
                .collect::<Result<_, Report>>()?;
            return Ok((!fields.is_empty()).then_some(fields));
        }
        let Some(found) = self.after_name(text)? else { return Ok(None) };
        let parts = self.split(found.unwrap_or_default());
        let uneven = || {
            let message = format!("`{}` is not a list of names and values", self.name);
            Report::new(&CONTRACT_VIOLATION, message)
        };
        let pairs: Vec<(&str, &str)> = if self.style.explode {
            parts.iter().map(|part| part.split_once('=').ok_or_else(uneven)).collect::<Result<_, _>>()?
        } else {
            parts
                .chunks(2)
                .map(|pair| Ok((pair[0], *pair.get(1).ok_or_else(uneven)?)))
                .collect::<Result<_, Report>>()?
        };
        let read = |(name, value)| Ok((self.unescaped(name)?, self.unescaped(value)?));
        pairs.into_iter().map(read).collect::<Result<_, Report>>().map(Some)
    }

    /// The items of a list that is not exploded. Separators are taken as they are written here, and as others write them.
    fn split<'t>(&self, text: &'t str) -> Vec<&'t str> {
        // White space around the value of a header is no part of it (RFC 9110, section 5.5).
        let text = if self.location == Location::Header { text.trim_matches(BLANKS) } else { text };
        if text.is_empty() {
            return Vec::new();
        }
        match self.style.form {
            Form::Label if self.style.explode => text.split('.').collect(),
            Form::SpaceDelimited => split_at_any(text, &["%20", "+", " "]),
            Form::PipeDelimited => split_at_any(text, &["%7C", "%7c", "|"]),
            Form::TabDelimited => split_at_any(text, &["%09", "\t"]),
            _ if self.location == Location::Header => {
                text.split(',').map(|item| item.trim_matches(BLANKS)).collect()
            }
            _ => text.split(',').collect(),
        }
    }
}

fn split_at_any<'t>(text: &'t str, separators: &[&str]) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let found = separators.iter().filter_map(|it| rest.find(it).map(|at| (at, it.len()))).min();
        let Some((at, length)) = found else {
            parts.push(rest);
            return parts;
        };
        parts.push(&rest[..at]);
        rest = &rest[at + length..];
    }
}

/// What a text may be taken for by `shape`: lists and records first, since a lone text fits almost anything.
fn collect(shape: &Shape, targets: &mut Vec<Target>, depth: usize) -> Result<(), Report> {
    let resolved = shape.resolved();
    match &resolved.kind {
        Kind::List(list) => targets.push(Target::List(ScalarDecoder::new(&list.item)?)),
        Kind::Record(record) => {
            let known = record.fields().iter();
            let known = known.map(|field| Ok((field.name.clone(), ScalarDecoder::new(&field.shape)?)));
            let known = known.collect::<Result<_, Report>>()?;
            let rest = record.rest.as_ref().map(ScalarDecoder::new).transpose()?;
            targets.push(Target::Fields { known, rest });
        }
        Kind::Map(map) => {
            targets.push(Target::Fields { known: Vec::new(), rest: Some(ScalarDecoder::new(&map.value)?) });
        }
        Kind::Union(union) if depth < 8 && union.variants.len() <= MAX_TARGETS => {
            let is_composite = |(_, shape): &&(Str, Shape)| {
                matches!(
                    shape.resolved().kind,
                    Kind::List(_) | Kind::Record(_) | Kind::Map(_) | Kind::Union(_)
                )
            };
            for (_, variant) in union.variants.iter().filter(is_composite) {
                collect(variant, targets, depth + 1)?;
            }
            targets.push(Target::One(ScalarDecoder::new(&resolved)?));
        }
        _ => targets.push(Target::One(ScalarDecoder::new(&resolved)?)),
    }
    Ok(())
}
