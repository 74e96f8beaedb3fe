//! What is written in a `.proto` file, before names are resolved.

use super::lex::Span;
use crate::protobuf::definitions::Scalar;

/// A name with its place; may be dotted, and begin with a dot.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

/// By which rules a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Proto2,
    Proto3,
    Edition2023,
    Edition2024,
}

impl Syntax {
    pub(super) fn is_edition(self) -> bool {
        matches!(self, Self::Edition2023 | Self::Edition2024)
    }
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) syntax: Syntax,
    pub(super) package: String,
    pub(super) imports: Vec<Import>,
    pub(super) options: Vec<Opt>,
    pub(super) body: Body,
    pub(super) services: Vec<Service>,
}

#[derive(Debug)]
pub(super) struct Import {
    pub(super) path: Name,
    pub(super) is_public: bool,
    /// Whether it may be missing (`weak`), or serves options alone (`option`).
    pub(super) is_optional: bool,
}

/// What a file and a message hold alike.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) messages: Vec<Message>,
    pub(super) enums: Vec<Enum>,
    pub(super) extends: Vec<Extend>,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: Name,
    pub(super) doc: Option<String>,
    pub(super) options: Vec<Opt>,
    pub(super) fields: Vec<Field>,
    pub(super) oneofs: Vec<Oneof>,
    pub(super) body: Body,
    /// The ranges that `extensions` opens.
    pub(super) extensions: Vec<Numbers>,
    pub(super) reserved: Vec<Numbers>,
    pub(super) reserved_names: Vec<Name>,
    pub(super) is_group: bool,
}

/// Inclusive numbers.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Oneof {
    pub(super) name: Name,
    pub(super) options: Vec<Opt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Optional,
    Required,
    Repeated,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) number: i64,
    pub(super) number_span: Span,
    pub(super) label: Option<(Label, Span)>,
    pub(super) ty: Ty,
    /// The oneof of the message that it belongs to.
    pub(super) oneof: Option<usize>,
    pub(super) options: Vec<Opt>,
    pub(super) doc: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Ty {
    Scalar(Scalar),
    Named(Name),
    Group(Name),
    Map(Scalar, Box<Ty>),
}

#[derive(Debug)]
pub(super) struct Extend {
    pub(super) target: Name,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: Name,
    pub(super) doc: Option<String>,
    pub(super) options: Vec<Opt>,
    pub(super) members: Vec<Member>,
    pub(super) reserved: Vec<Numbers>,
    pub(super) reserved_names: Vec<Name>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) number: i64,
    pub(super) number_span: Span,
    pub(super) options: Vec<Opt>,
    pub(super) doc: Option<String>,
}

#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: Name,
    pub(super) doc: Option<String>,
    pub(super) options: Vec<Opt>,
    pub(super) methods: Vec<Method>,
}

#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: Name,
    pub(super) input: Name,
    pub(super) output: Name,
    pub(super) is_client_streaming: bool,
    pub(super) is_server_streaming: bool,
    pub(super) options: Vec<Opt>,
    pub(super) doc: Option<String>,
}

/// An option: the parts of its name, of which the ones in parentheses are extensions, and its value.
#[derive(Debug, Clone)]
pub(super) struct Opt {
    pub(super) path: Vec<(String, bool)>,
    pub(super) value: Constant,
    pub(super) span: Span,
    pub(super) value_span: Span,
}

impl Opt {
    /// Whether it is the option of Protobuf itself that is called `name`.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(&self.path[..], [(only, false)] if only == name)
    }

    /// The feature that it sets: `features.NAME`.
    pub(super) fn feature(&self) -> Option<&str> {
        match &self.path[..] {
            [(features, false), (name, false)] if features == "features" => Some(name),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Constant {
    Word(String),
    Int { is_negative: bool, magnitude: u64 },
    Float(f64),
    Text(Vec<u8>),
    Message(Vec<(String, Constant)>),
    List,
}
