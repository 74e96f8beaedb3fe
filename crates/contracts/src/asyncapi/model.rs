//! What a description of messages says, in one form for AsyncAPI 2.x and 3.x, from the view of the application that it describes.

use tenon_errors::{Place, Report};
use tenon_model::{Shape, Str};

use super::version::Version;
use crate::{
    format::Definition,
    openapi::{Requirement, Variable},
};

/// A description of an application that sends and receives messages.
#[derive(Debug, Clone)]
pub struct Description {
    /// What it is written in.
    pub version: Version,
    /// The identifier of the application, an URI.
    pub id: Option<Str>,
    /// What the application is called.
    pub title: Str,
    /// The version of the application, which is any text.
    pub app_version: Str,
    /// What it does.
    pub doc: Option<Str>,
    /// The content type of messages that name none.
    pub default_content_type: Option<Str>,
    /// The brokers and servers that it talks to.
    pub servers: Vec<Server>,
    /// Where messages go through, in the order of the document.
    pub channels: Vec<Channel>,
    /// What it sends and receives, in the order of the document.
    pub operations: Vec<Exchange>,
    /// How it shows who it is: the names of the schemes with what they say, as JSON.
    pub security_schemes: Vec<(Str, Str)>,
    /// Its types with names: schemas, and the payloads of messages.
    pub types: Vec<Definition>,
    /// What is legal and asserts nothing, or less than it seems to.
    pub notes: Vec<Report>,
}

/// A broker or server.
#[derive(Debug, Clone)]
pub struct Server {
    /// What the description calls it.
    pub name: Str,
    /// Where it is: `url` in 2.x, `host` and `pathname` in 3.x; with variables in braces.
    pub url: Str,
    /// `kafka`, `amqp`, `mqtt`, ….
    pub protocol: Str,
    /// The version of the protocol.
    pub protocol_version: Option<Str>,
    /// What it is for.
    pub doc: Option<Str>,
    /// What stands for the variables.
    pub variables: Vec<Variable>,
    /// The ways to show who is calling, of which one is enough.
    pub security: Vec<Requirement>,
    /// What only its protocol knows.
    pub bindings: Vec<Binding>,
}

/// What only one protocol knows, kept as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The protocol.
    pub protocol: Str,
    /// What is said for it, as JSON.
    pub content: Str,
}

/// Where messages go through.
#[derive(Debug, Clone)]
pub struct Channel {
    /// What the description calls it; its address in 2.x.
    pub name: Str,
    /// Its address with parameters in braces; `None` where it is known only when it runs.
    pub address: Option<Str>,
    /// What it is for.
    pub doc: Option<Str>,
    /// The parameters of its address.
    pub parameters: Vec<Parameter>,
    /// What may go through it.
    pub messages: Vec<Message>,
    /// The names of the servers that have it; all of them where this is empty.
    pub servers: Vec<Str>,
    /// What only a protocol knows.
    pub bindings: Vec<Binding>,
    /// Where it is declared.
    pub place: Place,
}

/// A parameter of the address of a channel.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: Str,
    /// What it may be.
    pub shape: Shape,
    /// What it is unless somebody chooses another.
    pub default: Option<Str>,
    /// Where its value is in messages: `$message.payload#/user/id`.
    pub location: Option<Str>,
    /// What it is for.
    pub doc: Option<Str>,
}

/// What the application does with messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It sends them (2.x: `subscribe`, since others subscribe to them).
    Send,
    /// It receives them (2.x: `publish`).
    Receive,
}

impl Action {
    /// How it is written in 3.x.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
        }
    }
}

/// Messages that the application sends or receives.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What the description calls it, or a name made of action and channel.
    pub name: Str,
    /// Whether the description gives the name.
    pub is_named: bool,
    /// What the application does.
    pub action: Action,
    /// The position of its channel.
    pub channel: usize,
    /// What is sent or received: one of these.
    pub messages: Vec<Message>,
    /// In a few words.
    pub summary: Option<Str>,
    /// What it is for.
    pub doc: Option<Str>,
    /// The ways to show who is calling, of which one is enough.
    pub security: Vec<Requirement>,
    /// What is answered.
    pub reply: Option<Reply>,
    /// What only a protocol knows.
    pub bindings: Vec<Binding>,
    /// Where it is declared.
    pub place: Place,
}

/// An answer to a message.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Where in the request it is said where the answer goes: `$message.header#/replyTo`.
    pub address: Option<Str>,
    /// The position of the channel that it goes through.
    pub channel: Option<usize>,
    /// What is answered: one of these.
    pub messages: Vec<Message>,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it is called.
    pub name: Str,
    /// A short name for people.
    pub title: Option<Str>,
    /// What it says.
    pub doc: Option<Str>,
    /// The media type of its payload.
    pub content_type: Option<Str>,
    /// What its payload is described in: a media type, empty for the schemas of AsyncAPI.
    pub schema_format: Str,
    /// Its payload.
    pub payload: Shape,
    /// Its headers.
    pub headers: Option<Shape>,
    /// Where messages that belong together have the same value: `$message.header#/correlationId`.
    pub correlation: Option<Str>,
    /// Whether the description advises against it.
    pub deprecated: bool,
    /// What only a protocol knows.
    pub bindings: Vec<Binding>,
    /// Where it is declared.
    pub place: Place,
}
