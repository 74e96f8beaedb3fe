//! What was seen at one place of data, and the schema that it speaks for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use tenon_contracts::text::scalar;
use tenon_model::Shape;

/// Of how many distinct texts an enumeration can be guessed.
const MOST_MEMBERS: usize = 12;
/// How many times over each must have been seen.
const LEAST_REPEATS: usize = 3;
/// How many distinct texts are remembered.
const MOST_TEXTS: usize = 200;

/// Forms of text that are looked for, as JSON Schema calls them. The first that all texts have is taken.
const FORMS: &[(&str, Shape)] = &[
    ("date-time", Shape::TIMESTAMP),
    ("date", Shape::DATE),
    ("time-local", Shape::TIME),
    ("uuid", Shape::UUID),
    ("duration", Shape::DURATION),
];

/// What was seen at one place.
#[derive(Debug, Default)]
pub struct Seen {
    /// How often something was there, null included.
    pub count: usize,
    pub nulls: usize,
    bools: usize,
    integers: usize,
    numbers: usize,
    texts: usize,
    /// How many of the texts have each form.
    forms: [usize; FORMS.len()],
    distinct: BTreeSet<String>,
    is_many: bool,
    lists: usize,
    items: Option<Box<Seen>>,
    objects: usize,
    /// In the order in which they were first seen.
    fields: Vec<(String, Seen)>,
    positions: BTreeMap<String, usize>,
}

impl Seen {
    /// Something was there.
    pub fn add(&mut self, value: &Json) {
        self.count += 1;
        match value {
            Json::Null => self.nulls += 1,
            Json::Bool(_) => self.bools += 1,
            Json::Number(number) if number.is_i64() => self.integers += 1,
            Json::Number(_) => self.numbers += 1,
            Json::String(text) => self.text(text),
            Json::Array(items) => {
                self.lists += 1;
                let seen = self.items.get_or_insert_default();
                items.iter().for_each(|item| seen.add(item));
            }
            Json::Object(object) => {
                self.objects += 1;
                object.iter().for_each(|(name, value)| self.field(name).add(value));
            }
        }
    }

    /// A cell was there, whose text stands for what it looks like.
    pub fn add_cell(&mut self, text: &str) {
        let is_number = text == "0" || !text.trim_start_matches('-').starts_with('0') || text.contains('.');
        match serde_json::from_str::<Json>(text) {
            Ok(Json::Number(number)) if is_number => self.add(&Json::Number(number)),
            Ok(Json::Bool(is)) => self.add(&Json::Bool(is)),
            _ => self.add(&Json::from(text)),
        }
    }

    /// The field `name` of what was seen here.
    pub fn field(&mut self, name: &str) -> &mut Seen {
        let at = *self.positions.entry(name.to_owned()).or_insert_with(|| {
            self.fields.push((name.to_owned(), Seen::default()));
            self.fields.len() - 1
        });
        &mut self.fields[at].1
    }

    /// A row was there, whose cells are added one by one.
    pub fn add_row(&mut self) {
        self.count += 1;
        self.objects += 1;
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        for (count, (_, shape)) in self.forms.iter_mut().zip(FORMS) {
            *count += usize::from(scalar(text, shape).is_ok());
        }
        if self.distinct.len() < MOST_TEXTS {
            self.distinct.insert(text.to_owned());
        } else {
            self.is_many |= !self.distinct.contains(text);
        }
    }

    /// The schema that it speaks for.
    pub fn schema(&self, enums: bool) -> Json {
        let mut kinds: Vec<Json> = Vec::new();
        if self.objects > 0 {
            kinds.push(self.object(enums));
        }
        if self.lists > 0 {
            let items = self.items.as_ref().map_or_else(|| json!({}), |items| items.schema(enums));
            kinds.push(json!({ "type": "array", "items": items }));
        }
        if self.texts > 0 {
            kinds.push(self.text_schema(enums));
        }
        if self.numbers > 0 {
            kinds.push(json!({ "type": "number" }));
        } else if self.integers > 0 {
            kinds.push(json!({ "type": "integer" }));
        }
        if self.bools > 0 {
            kinds.push(json!({ "type": "boolean" }));
        }
        match (&mut kinds[..], self.nulls > 0) {
            ([], false) => json!({}),
            ([], true) => json!({ "type": "null" }),
            ([only], false) => only.take(),
            ([only], true) => or_null(only.take()),
            (several, nulls) => {
                let null = nulls.then(|| json!({ "type": "null" }));
                json!({ "anyOf": several.iter_mut().map(Json::take).chain(null).collect::<Json>() })
            }
        }
    }

    fn object(&self, enums: bool) -> Json {
        let properties: Map<String, Json> =
            self.fields.iter().map(|(name, seen)| (name.clone(), seen.schema(enums))).collect();
        let always = self.fields.iter().filter(|(_, seen)| seen.count == self.objects);
        let required: Json = always.map(|(name, _)| Json::from(name.as_str())).collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }

    /// The form that all texts have.
    fn form(&self) -> Option<&'static str> {
        let all = self.forms.iter().zip(FORMS).find(|(count, _)| **count == self.texts && self.texts > 0);
        all.map(|(_, (name, _))| *name)
    }

    fn members(&self) -> Option<&BTreeSet<String>> {
        let is_few = !self.is_many && self.distinct.len() <= MOST_MEMBERS;
        (is_few && self.texts >= self.distinct.len() * LEAST_REPEATS).then_some(&self.distinct)
    }

    fn text_schema(&self, enums: bool) -> Json {
        match (self.form(), self.members()) {
            (Some(form), _) => json!({ "type": "string", "format": form }),
            (None, Some(members)) if enums => json!({ "type": "string", "enum": members }),
            _ => json!({ "type": "string" }),
        }
    }

    /// What was seen, as a line for each place.
    pub fn told(&self, path: &str, out: &mut Vec<Vec<String>>) {
        let kinds = [
            (self.objects, "object"),
            (self.lists, "list"),
            (self.texts, "text"),
            (self.integers, "integer"),
            (self.numbers, "number"),
            (self.bools, "bool"),
        ];
        let kinds =
            kinds.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}"));
        let mut remarks: Vec<String> =
            self.form().map(|form| format!("all are {form}")).into_iter().collect();
        if self.form().is_none()
            && let Some(members) = self.members()
        {
            remarks.push(format!("{} distinct, perhaps an enumeration", members.len()));
        }
        let path_shown = if path.is_empty() { "(whole)" } else { path };
        out.push(vec![
            path_shown.to_owned(),
            self.count.to_string(),
            self.nulls.to_string(),
            kinds.collect::<Vec<_>>().join(", "),
            remarks.join(", "),
        ]);
        let below = |step: &str| {
            if path.is_empty() { step.trim_start_matches('.').to_owned() } else { format!("{path}{step}") }
        };
        if let Some(items) = &self.items {
            items.told(&below("[]"), out);
        }
        for (name, seen) in &self.fields {
            seen.told(&below(&format!(".{name}")), out);
        }
    }
}

fn or_null(mut schema: Json) -> Json {
    if let Some(members) = schema.get_mut("enum").and_then(Json::as_array_mut) {
        members.push(Json::Null);
    }
    match schema.get_mut("type") {
        Some(kind) => *kind = json!([kind.take(), "null"]),
        None => schema = json!({ "anyOf": [schema, { "type": "null" }] }),
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_for_what_they_look_like_and_codes_with_zeros_stay_text() {
        let schema = |cells: &[&str]| {
            let mut seen = Seen::default();
            cells.iter().for_each(|cell| seen.add_cell(cell));
            seen.schema(false)
        };
        assert_eq!(schema(&["1", "-20"]), json!({ "type": "integer" }));
        assert_eq!(schema(&["0.5", "1"]), json!({ "type": "number" }));
        assert_eq!(schema(&["007"]), json!({ "type": "string" }));
        assert_eq!(schema(&["2026-01-31"]), json!({ "type": "string", "format": "date" }));
        assert_eq!(schema(&["true"]), json!({ "type": "boolean" }));
    }
}
