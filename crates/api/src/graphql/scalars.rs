//! What the scalars of the project take. The compiler knows GraphQL's own, and takes any value for another one.
//!
//! A literal is told by how it is written (GraphQL, section 3.5.1): an integer is one without a point and an exponent, and `1e0` is
//! none. A variable is a value of JSON, which has numbers and no integers: `1.0` and `1e0` are the integer 1, as in `graphql-js`,
//! whose `GraphQLInt.parseValue` asks `Number.isInteger`. Text is no number, and a number no text, in both.

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    ast::{self, Type},
    executable::{Selection, SelectionSet},
    parser::SourceSpan,
    schema::ExtendedType,
};
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL, clip};
use tenon_model::{Map, Str, Value};

use super::{faults::MOST, schema::Takes};

/// The longest value that a report shows.
const SHOWN: usize = 40;

/// The literals of `document` that the scalars of the project do not take, each with its place.
pub(super) fn misfits(schema: &Schema, document: &ExecutableDocument) -> Vec<(Report, Option<SourceSpan>)> {
    let mut literals = Literals { schema, misfits: Vec::new() };
    for operation in document.operations.iter() {
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                literals.value(&variable.ty, default);
            }
        }
        literals.set(&operation.selection_set);
    }
    document.fragments.values().for_each(|fragment| literals.set(&fragment.selection_set));
    literals.misfits.truncate(MOST);
    literals.misfits
}

struct Literals<'s> {
    schema: &'s Schema,
    misfits: Vec<(Report, Option<SourceSpan>)>,
}

impl Literals<'_> {
    fn set(&mut self, set: &SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    for argument in &field.arguments {
                        if let Some(defined) = field.definition.argument_by_name(&argument.name) {
                            self.value(&defined.ty, &argument.value);
                        }
                    }
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.selection_set),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn value(&mut self, ty: &Type, value: &Node<ast::Value>) {
        match (&**value, ty) {
            (ast::Value::Null | ast::Value::Variable(_), _) => {}
            (ast::Value::List(items), Type::List(item) | Type::NonNullList(item)) => {
                items.iter().for_each(|value| self.value(item, value));
            }
            // A single value counts as a list of one (section 3.11).
            (_, Type::List(item) | Type::NonNullList(item)) => self.value(item, value),
            (_, Type::Named(name) | Type::NonNullNamed(name)) => match self.schema.types.get(name) {
                Some(ExtendedType::InputObject(object)) => {
                    for (name, value) in value.as_object().unwrap_or_default() {
                        if let Some(field) = object.fields.get(name) {
                            self.value(&field.ty, value);
                        }
                    }
                }
                _ => {
                    let found = Takes::of(name).and_then(|takes| Some((takes, unlike(takes, value)?)));
                    if let Some((takes, found)) = found {
                        self.misfits.push((misfit("", takes, &found), value.location()));
                    }
                }
            },
        }
    }
}

/// What a literal is, if it is none that `takes` takes.
fn unlike(takes: Takes, value: &ast::Value) -> Option<String> {
    let fits = match (takes, value) {
        (Takes::Integer, ast::Value::Int(_))
        | (Takes::Number, ast::Value::Int(_) | ast::Value::Float(_))
        | (Takes::Text, ast::Value::String(_)) => true,
        (Takes::Data, ast::Value::List(items)) => return items.iter().find_map(|it| unlike(takes, it)),
        (Takes::Data, ast::Value::Object(fields)) => {
            return fields.iter().find_map(|(_, it)| unlike(takes, it));
        }
        (Takes::Data, ast::Value::Enum(_)) => false,
        (Takes::Data, _) => true,
        _ => false,
    };
    (!fits).then(|| match value {
        ast::Value::Int(number) => format!("the number {}", clip(number.as_str(), SHOWN)),
        ast::Value::Float(number) => format!("the number {}", clip(number.as_str(), SHOWN)),
        ast::Value::String(_) => "text".to_owned(),
        ast::Value::Boolean(b) => b.to_string(),
        ast::Value::Enum(name) => format!("the name `{}`", clip(name, SHOWN)),
        ast::Value::List(_) => "a list".to_owned(),
        ast::Value::Object(_) => "an object".to_owned(),
        ast::Value::Null | ast::Value::Variable(_) => "null".to_owned(),
    })
}

/// `value` of the variable `name`, in which integers are such.
///
/// # Errors
/// `A0201` for what the scalars of the project do not take, with its place in the variable.
pub(super) fn variable(schema: &Schema, name: &str, ty: &Type, value: &Value) -> Result<Value, Report> {
    given(schema, ty, value).map_err(|((takes, found), path)| {
        let path: String = path.iter().rev().map(|part| format!("/{part}")).collect();
        let at = if path.is_empty() { path } else { format!(" at `{path}`") };
        misfit(&format!("variable `${name}`{at}: "), takes, &found)
    })
}

/// What is expected and what was found, and where, from the inside out.
type Wrong = ((Takes, String), Vec<Str>);

fn given(schema: &Schema, ty: &Type, value: &Value) -> Result<Value, Wrong> {
    match (value, ty) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::List(items), Type::List(item) | Type::NonNullList(item)) => {
            let one = |(at, value)| given(schema, item, value).map_err(|wrong| within(wrong, &at));
            items.iter().enumerate().map(one).collect::<Result<_, _>>().map(Value::list)
        }
        (_, Type::List(item) | Type::NonNullList(item)) => given(schema, item, value),
        (_, Type::Named(name) | Type::NonNullNamed(name)) => match (schema.types.get(name), value) {
            (Some(ExtendedType::InputObject(object)), Value::Map(fields)) => {
                let mut made = Map::with_capacity(fields.len());
                for (key, value) in fields.iter() {
                    let field = key.as_str().and_then(|key| object.fields.get(key));
                    let value = match field {
                        Some(field) => given(schema, &field.ty, value)
                            .map_err(|wrong| within(wrong, &key.as_str().unwrap_or_default()))?,
                        // The compiler says that there is no such field.
                        None => value.clone(),
                    };
                    made.push_new(key.clone(), value);
                }
                Ok(Value::Map(made.into()))
            }
            _ if name == "Int" => Ok(whole(value).unwrap_or_else(|| value.clone())),
            _ => match Takes::of(name) {
                Some(takes) => takes.read(value).ok_or_else(|| ((takes, kind(value)), Vec::new())),
                None => Ok(value.clone()),
            },
        },
    }
}

fn within((what, mut path): Wrong, part: &dyn ToString) -> Wrong {
    path.push(part.to_string().into());
    (what, path)
}

impl Takes {
    /// `value` as it takes it.
    fn read(self, value: &Value) -> Option<Value> {
        match self {
            Self::Integer => whole(value),
            Self::Number => Some(value).filter(|value| is_number(value)).cloned(),
            Self::Text => Some(value).filter(|value| matches!(value, Value::String(_))).cloned(),
            Self::Data => Some(value.clone()),
        }
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_))
}

/// `value` as the integer that it is. One beyond 64 bits stays as it is: whoever takes integers says how large they may be.
fn whole(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Int(_) | Value::Uint(_) => return Some(value.clone()),
        Value::Decimal(number) => number.as_big(),
        _ => return None,
    };
    if !number.is_integer() {
        return None;
    }
    let digits = number.with_scale(0).to_plain_string();
    let small = digits.parse().map(Value::Int).or_else(|_| digits.parse().map(Value::Uint));
    Some(small.unwrap_or_else(|_| value.clone()))
}

fn kind(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::String(_) => "text".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "an object".to_owned(),
        number => format!("the number {}", clip(&tenon_contracts::json::to_string(number), SHOWN)),
    }
}

fn misfit(whose: &str, takes: Takes, found: &str) -> Report {
    let (expected, hint) = match takes {
        Takes::Integer => ("an integer", "write it without quotes, a point and an exponent"),
        Takes::Number => ("a number", "write it without quotes"),
        Takes::Text => ("text", "write it in quotes"),
        Takes::Data => ("a value of JSON", "write text in quotes"),
    };
    Report::new(&BAD_GRAPHQL, format!("{whose}expected {expected}, found {found}")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str =
        "scalar DateTime scalar UUID scalar JSON scalar Decimal input In { at: [DateTime!], any: JSON }
        type Query { f(at: DateTime, id: UUID, any: JSON, n: Decimal, in: In): Int }";

    #[test]
    fn each_scalar_takes_its_kind_of_literal() {
        let schema = Schema::parse_and_validate(SCHEMA, "schema").unwrap();
        let check = |arguments: &str, told: &[&str]| {
            let query = format!("{{ f({arguments}) }}");
            let document = ExecutableDocument::parse_and_validate(&schema, &query, "query").unwrap();
            let found = misfits(&schema, &document);
            assert_eq!(found.iter().map(|(report, _)| report.message()).collect::<Vec<_>>(), told, "{query}");
        };
        check("at: \"2013-01-31T10:00:00Z\", id: \"\", any: [1, 1.0, \"a\", { a: null }], n: 1e0", &[]);
        check("in: { at: \"\", any: true }", &[]);
        check("at: 2013", &["expected text, found the number 2013"]);
        check("id: a", &["expected text, found the name `a`"]);
        check("at: [\"\"]", &["expected text, found a list"]);
        check("any: [1, { a: b }]", &["expected a value of JSON, found the name `b`"]);
        check("n: \"1\"", &["expected a number, found text"]);
        check(
            "in: { at: [\"\", true], any: c }",
            &["expected text, found true", "expected a value of JSON, found the name `c`"],
        );
    }

    #[test]
    fn a_whole_number_of_json_is_an_integer_however_it_is_written() {
        let read = |text: &str| tenon_contracts::json::Decoder::verbatim().decode(text.as_bytes()).unwrap();
        for (text, expected) in [
            ("1", Some(Value::Int(1))),
            ("-1.0", Some(Value::Int(-1))),
            ("1.50e1", Some(Value::Int(15))),
            ("18446744073709551615.0", Some(Value::Uint(u64::MAX))),
            ("1.5", None),
            ("\"1\"", None),
            ("true", None),
        ] {
            assert_eq!(Takes::Integer.read(&read(text)), expected, "{text}");
        }
        assert!(Takes::Integer.read(&read("1e40")).is_some_and(|it| is_number(&it)));
    }
}
