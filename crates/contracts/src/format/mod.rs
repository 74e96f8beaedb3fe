//! What a contract format is to the rest of Tenon: it reads text into types and writes text from them.
//!
//! One folder and one line in [`FORMATS`] add a format. What only one format knows (numbers of fields, namespaces) stays in its
//! folder.

mod codec;
pub mod encoding;
mod exchange;
mod files;
mod loss;
mod operation;
mod refusal;
mod unsaid;

use std::sync::Arc;

use tenon_errors::{Place, Report, Reports};
use tenon_model::{Shape, Str, Value};

#[cfg(test)]
pub(crate) use self::files::InMemory;
pub use self::{
    codec::{Codec, Codecs},
    encoding::{Encoding, MediaType},
    exchange::{
        Again, Answer, Answering, Effect, Exchange, Exchanges, Incoming, Outgoing, Received, RefusesBy,
        Standing, is_of_connection,
    },
    files::{Files, NoFiles, join},
    loss::Loss,
    operation::{Failure, Operation},
    refusal::Refusal,
    unsaid::{Unsaid, unsaid},
};
pub(crate) use self::{
    loss::Says,
    refusal::{beginning, certainly_not, is_of_statuses, kind, may_have_acted, shown, told},
    unsaid::{Sayings, listed},
};
use crate::{
    asyncapi::AsyncApi,
    avro::Avro,
    graphql::GraphQl,
    json_schema::JsonSchema,
    openapi::OpenApi,
    protobuf::Protobuf,
    relate::{
        Change,
        operations::{self, Subject},
    },
    sql::Sql,
    wsdl::Wsdl,
    xsd::Xsd,
};

/// Every format, in the order in which they are listed to people.
pub const FORMATS: &[&dyn Format] =
    &[&OpenApi, &AsyncApi, &JsonSchema, &Avro, &Protobuf, &Xsd, &Wsdl, &GraphQl, &Sql];

/// The format of files with this ending (without its point). Where formats share it, the last one: it takes what no other claims.
#[must_use]
pub fn of_ending(ending: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().rev().find(|format| format.endings().contains(&ending))
}

/// Every ending of a contract file, each once, in the order of the formats.
#[must_use]
pub fn endings() -> Vec<&'static str> {
    let mut endings = Vec::new();
    for ending in FORMATS.iter().flat_map(|format| format.endings()) {
        if !endings.contains(ending) {
            endings.push(*ending);
        }
    }
    endings
}

/// The format of a file: the first with its ending that [claims](Format::claims) what is in it.
#[must_use]
pub fn of(file: &str, text: &str) -> Option<&'static dyn Format> {
    let (_, ending) = file.rsplit_once('.')?;
    FORMATS.iter().copied().find(|format| format.endings().contains(&ending) && format.claims(text))
}

/// A format that describes data.
pub trait Format: Send + Sync + std::fmt::Debug {
    /// What people call it: `JSON Schema`.
    fn name(&self) -> &'static str;

    /// How the names of its files end, without the point; the first is the usual one.
    fn endings(&self) -> &'static [&'static str];

    /// Whether `text`, of a file with one of these endings, is in this format. Formats that share an ending look at the text;
    /// the last of them takes what is left.
    fn claims(&self, _text: &str) -> bool {
        true
    }

    /// Reads a file and what it refers to.
    ///
    /// # Errors
    /// Every problem of the text, each at its place: `C0001` for what is not valid in the format, `C0002` for what could not be
    /// enforced, and more that the format names.
    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports>;

    /// Writes `shape` as a file of this format, with the name that it has there.
    ///
    /// # Errors
    /// `C0008` where the format has nothing that comes near to a part.
    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports>;

    /// What a file says of its type `name`, and of what that leads to, beyond the values that it allows: what only this format knows,
    /// such as numbers of fields, keys, and what is an attribute. Each once, where it is come to first.
    ///
    /// # Errors
    /// As [`Format::read`].
    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports>;

    /// The operations of a file as they are compared with those of another version of it, in the finest parts that the format knows.
    ///
    /// # Errors
    /// As [`Format::read`].
    fn subjects(&self, source: &Source<'_>) -> Result<Vec<Subject>, Reports> {
        Ok(operations::subjects(&self.read(source)?.operations))
    }

    /// Where a file, or one that it refers to, declares what is at `path` (`lines[].price`) in values of its type `name`, or the nearest
    /// part around it. `None` where that is not known.
    fn locate(&self, _source: &Source<'_>, _name: &str, _path: &str, _sought: Sought) -> Option<Place> {
        None
    }

    /// The file and all that it refers to as the text of one file; `None` where it refers to no other, or where the format
    /// cannot bundle.
    ///
    /// # Errors
    /// What is wrong with the files, and `C0008` where they cannot be one.
    fn bundle(&self, _source: &Source<'_>) -> Result<Option<String>, Reports> {
        Ok(None)
    }
}

/// What is looked for at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// Where it is declared that there is something.
    Field,
    /// Where it is said what that is; in another file, if it refers to one.
    Value,
}

impl Sought {
    /// What says that there is `change`.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        if change.rule.is_of_presence() { Self::Field } else { Self::Value }
    }
}

/// A file to be read.
#[derive(Clone, Copy)]
pub struct Source<'s> {
    /// Where it is, from the top of the project.
    pub file: &'s str,
    /// What is in it.
    pub text: &'s str,
    /// The other files of the project.
    pub files: &'s dyn Files,
}

/// What a file declares: types, and the operations of a system where it describes one.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// The types that have a name of their own, in the order of the file.
    pub types: Vec<Definition>,
    /// The operations that it declares, in the order of the file; none where the format has none.
    pub operations: Vec<Operation>,
    /// What is valid but has no effect, or less than it seems to: each once, at its first place.
    pub notes: Vec<Report>,
    /// Makes codecs of the types in the encoding of the format; `None` where it has none but JSON.
    pub codecs: Option<Arc<dyn Codecs>>,
    /// Makes requests of the operations; `None` where it describes none that can be called over HTTP.
    pub exchanges: Option<Arc<dyn Exchanges>>,
}

impl Schema {
    /// The type of a file that has only one; the first, where there are more.
    #[must_use]
    pub fn into_only(self) -> Option<Definition> {
        self.types.into_iter().next()
    }

    /// The type that a contract called `name` means: the only one of the file, or the one of that name. Names are
    /// compared by the letters and digits of their last part: `order-line` means `shop.OrderLine`.
    ///
    /// # Errors
    /// The names that the file has, where several types have other names.
    pub fn of_name(&self, name: &str) -> Result<&Definition, Vec<&str>> {
        self.position_of(name).map(|position| &self.types[position])
    }

    /// The position of [that type](Self::of_name).
    ///
    /// # Errors
    /// The names that the file has, where several types have other names.
    pub fn position_of(&self, name: &str) -> Result<usize, Vec<&str>> {
        match &self.types[..] {
            [_] => Ok(0),
            types => {
                let found = types.iter().position(|definition| is_called(&definition.name, name));
                found.ok_or_else(|| types.iter().map(|it| it.name.as_str()).collect())
            }
        }
    }
}

/// Whether `name` means the type that a file calls `full`, by the letters and digits of its last part.
pub(crate) fn is_called(full: &str, name: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(full.rsplit(['.', ':', '/', '}']).next().unwrap_or(full)) == plain(name)
}

/// One type of a file.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What the format calls it; empty where it has no name.
    pub name: Str,
    /// What values it allows.
    pub shape: Shape,
    /// A short name for people.
    pub title: Option<Str>,
    /// What it stands for.
    pub doc: Option<Str>,
    /// Values that its author gives as examples; each follows it.
    pub examples: Vec<Value>,
}

/// The text of a file, and what its format cannot express.
#[derive(Debug, Clone)]
pub struct Written {
    /// The text of the file.
    pub text: String,
    /// What the text does not say of the types, or says less exactly.
    pub losses: Vec<Loss>,
}

/// The text of a file, shared with whoever shows places in it.
pub type Text = Arc<str>;

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(names: &[&str]) -> Schema {
        let definition = |name: &&str| Definition {
            name: Str::new(name),
            shape: Shape::ANY,
            title: None,
            doc: None,
            examples: Vec::new(),
        };
        Schema { types: names.iter().map(definition).collect(), ..Schema::default() }
    }

    #[test]
    fn the_type_of_a_contract_is_found_by_its_name() {
        let of = |names: &[&str], name: &str| {
            let schema = schema(names);
            schema.of_name(name).map(|found| found.name.to_string()).map_err(|all| all.len())
        };
        assert_eq!(of(&[""], "order"), Ok(String::new()));
        assert_eq!(of(&["shop.Order", "shop.OrderLine"], "order-line"), Ok("shop.OrderLine".into()));
        assert_eq!(of(&["Order", "Line"], "invoice"), Err(2));
    }

    #[test]
    fn of_formats_that_share_an_ending_only_the_last_takes_what_it_does_not_know() {
        for ending in FORMATS.iter().flat_map(|format| format.endings()) {
            let sharing: Vec<_> = FORMATS.iter().filter(|format| format.endings().contains(ending)).collect();
            let takers = sharing.iter().filter(|format| format.claims("")).count();
            assert_eq!(takers, 1, "{ending}");
            assert!(sharing.last().is_some_and(|last| last.claims("")), "{ending}");
        }
    }

    #[test]
    fn a_file_is_of_the_format_that_claims_what_is_in_it() {
        let of = |file: &str, text: &str| of(file, text).map(Format::name);
        assert_eq!(of("a.yaml", "info: {}\nopenapi: 3.1.0\n"), Some("OpenAPI"));
        assert_eq!(of("a.json", r#"{ "swagger": "2.0" }"#), Some("OpenAPI"));
        assert_eq!(of("a.json", r#"{ "asyncapi": "3.0.0" }"#), Some("AsyncAPI"));
        assert_eq!(of("a.json", r#"{ "properties": { "openapi": {} } }"#), Some("JSON Schema"));
        assert_eq!(of("a.txt", ""), None);
        assert_eq!(of_ending("yaml").map(Format::name), Some("JSON Schema"));
        assert_eq!(endings().iter().filter(|ending| **ending == "json").count(), 1);
    }
}
