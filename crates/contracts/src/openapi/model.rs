//! What a description of an HTTP API says, in one form for OpenAPI 2.0 to 3.2.

use tenon_errors::{Place, Report};
use tenon_model::{Shape, Str, Value};

use super::{style::Style, version::Version};
use crate::format::Definition;

/// A description of an HTTP API.
#[derive(Debug, Clone)]
pub struct Description {
    /// What it is written in.
    pub version: Version,
    /// What the API is called.
    pub title: Str,
    /// The version of the API, which is any text.
    pub api_version: Str,
    /// What it does.
    pub doc: Option<Str>,
    /// Where it is served, unless an operation says otherwise.
    pub servers: Vec<Server>,
    /// What can be asked of it, in the order of the document.
    pub operations: Vec<Request>,
    /// What it asks of its clients.
    pub webhooks: Vec<Request>,
    /// How callers show who they are.
    pub security_schemes: Vec<SecurityScheme>,
    /// Its types with names, in the order of the document.
    pub types: Vec<Definition>,
    /// The groups of its operations.
    pub tags: Vec<Tag>,
    /// What is legal and asserts nothing, or less than it seems to.
    pub notes: Vec<Report>,
}

/// A group of operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// What operations name.
    pub name: Str,
    /// A short name for people (3.2).
    pub summary: Option<Str>,
    /// What it is about.
    pub doc: Option<Str>,
    /// The tag that it is part of (3.2).
    pub parent: Option<Str>,
    /// What kind of tag it is: `nav`, `badge`, `audience` (3.2).
    pub kind: Option<Str>,
}

/// A request that is made, with its replies.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its `operationId`, or a name made of method and path.
    pub name: Str,
    /// Whether the description gives the name.
    pub is_named: bool,
    /// The method, in capitals where it is one of HTTP: `GET`.
    pub method: Str,
    /// The path with its parameters, `/orders/{id}`; the name of a webhook; the expression of a callback.
    pub path: Str,
    /// In a few words.
    pub summary: Option<Str>,
    /// What it does.
    pub doc: Option<Str>,
    /// The groups that it is in.
    pub tags: Vec<Str>,
    /// Whether the description advises against it.
    pub deprecated: bool,
    /// What it takes beside a body, in order.
    pub parameters: Vec<Parameter>,
    /// What it takes as its body.
    pub body: Option<Body>,
    /// What it answers, in the order of the document.
    pub replies: Vec<Reply>,
    /// The ways to show who is calling, of which one is enough; without any, nobody has to.
    pub security: Vec<Requirement>,
    /// Where it is served.
    pub servers: Vec<Server>,
    /// What the service asks of the caller later.
    pub callbacks: Vec<Callback>,
    /// Where it is declared.
    pub place: Place,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// In the path: `/orders/{id}`.
    Path,
    /// After `?`.
    Query,
    /// The whole of what follows `?` (3.2).
    QueryString,
    /// In a header; names are compared without regard to case.
    Header,
    /// In the header `Cookie`.
    Cookie,
}

impl Location {
    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::QueryString => "querystring",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// How a value is written where it is no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serialization {
    /// By a style.
    Style(Style),
    /// As this media type, and then escaped.
    Content(Str),
}

/// A parameter of a request.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub location: Location,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether the description advises against it.
    pub deprecated: bool,
    /// Whether `name=` without a value is allowed.
    pub allow_empty: bool,
    /// What it is for.
    pub doc: Option<Str>,
    /// How it is written.
    pub serialization: Serialization,
    /// What values it takes.
    pub shape: Shape,
    /// What it stands for where it is absent.
    pub default: Option<Value>,
    /// Where it is declared.
    pub place: Place,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether it has to be there.
    pub required: bool,
    /// What it is for.
    pub doc: Option<Str>,
    /// The forms that it may have, in order.
    pub content: Vec<MediaType>,
    /// Where it is declared.
    pub place: Place,
}

/// A form of a body.
#[derive(Debug, Clone)]
pub struct MediaType {
    /// Its name or range: `application/json`, `text/*`.
    pub name: Str,
    /// What values it takes.
    pub shape: Shape,
    /// What each item of a stream is, where it is one (3.2, `itemSchema`).
    pub item: Option<Shape>,
    /// How the properties of forms and multipart bodies are written.
    pub encodings: Vec<Encoding>,
    /// Where it is declared.
    pub place: Place,
}

/// How one property of a form or a multipart body is written.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The property; empty for the items of a stream or for parts by their position (3.2).
    pub property: Str,
    /// The media types that it may have.
    pub content_type: Option<Str>,
    /// How it is written in a form; `None` where its media type decides.
    pub style: Option<Style>,
    /// The headers of its part.
    pub headers: Vec<Header>,
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status: `200`, `4XX` or `default`.
    pub status: Str,
    /// When it is given.
    pub doc: Option<Str>,
    /// Its headers.
    pub headers: Vec<Header>,
    /// The forms that its body may have; none where it has no body.
    pub content: Vec<MediaType>,
    /// What can be asked with what it says.
    pub links: Vec<Link>,
    /// Where it is declared.
    pub place: Place,
}

impl Reply {
    /// Whether it says that all went well.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

/// A header of a reply or of a part.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name; names are compared without regard to case.
    pub name: Str,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether the description advises against it.
    pub deprecated: bool,
    /// What it says.
    pub doc: Option<Str>,
    /// How it is written.
    pub serialization: Serialization,
    /// What values it has.
    pub shape: Shape,
    /// Where it is declared.
    pub place: Place,
}

/// A request that can be made with what a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub name: Str,
    /// The operation that it leads to: its `operationId`, or a reference to it.
    pub operation: Str,
    /// What its parameters are, as constants in JSON or runtime expressions (`$response.body#/id`).
    pub parameters: Vec<(Str, Str)>,
    /// What its body is, in the same way.
    pub body: Option<Str>,
    /// What it is for.
    pub doc: Option<Str>,
}

/// A request that the service makes later.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Its name.
    pub name: Str,
    /// The requests; the path of each is the expression of its address.
    pub requests: Vec<Request>,
}

/// A place where an API is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address, with its variables in braces; relative ones are from where the description is.
    pub url: Str,
    /// A short name (3.2).
    pub name: Option<Str>,
    /// What it is for.
    pub doc: Option<Str>,
    /// What stands for the variables.
    pub variables: Vec<Variable>,
}

/// A variable of the address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: Str,
    /// What it is unless somebody chooses another.
    pub default: Str,
    /// What it may be; anything where this is empty.
    pub members: Vec<Str>,
    /// What it is for.
    pub doc: Option<Str>,
}

/// Schemes that all have to be followed, with the scopes or roles that are needed of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirement {
    /// The names of the schemes with their scopes; none where anonymous calls are allowed.
    pub schemes: Vec<(Str, Vec<Str>)>,
}

/// A way to show who is calling.
#[derive(Debug, Clone)]
pub struct SecurityScheme {
    /// What requirements call it.
    pub name: Str,
    /// How it works.
    pub kind: SecurityKind,
    /// Whether the description advises against it (3.2).
    pub deprecated: bool,
    /// What it is for.
    pub doc: Option<Str>,
    /// Where it is declared.
    pub place: Place,
}

/// How a caller shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityKind {
    /// A secret in a parameter.
    ApiKey {
        /// The name of the parameter.
        name: Str,
        /// Where it stands: query, header or cookie.
        location: Location,
    },
    /// A scheme of the header `Authorization` (RFC 9110 section 11).
    Http {
        /// Its name: `basic`, `bearer`.
        scheme: Str,
        /// What a bearer token looks like, for people.
        bearer_format: Option<Str>,
    },
    /// OAuth 2.0 (RFC 6749).
    OAuth2 {
        /// The ways to get a token.
        flows: Vec<Flow>,
        /// Where the server describes itself (RFC 8414; 3.2).
        metadata_url: Option<Str>,
    },
    /// OpenID Connect Discovery.
    OpenIdConnect {
        /// Where the server describes itself.
        url: Str,
    },
    /// A certificate of the client.
    MutualTls,
}

impl SecurityKind {
    /// How it is written in OpenAPI 3.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ApiKey { .. } => "apiKey",
            Self::Http { .. } => "http",
            Self::OAuth2 { .. } => "oauth2",
            Self::OpenIdConnect { .. } => "openIdConnect",
            Self::MutualTls => "mutualTLS",
        }
    }
}

/// A way to get a token of OAuth 2.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// `implicit`, `password`, `clientCredentials`, `authorizationCode` or `deviceAuthorization`.
    pub kind: Str,
    /// Where users consent.
    pub authorization_url: Option<Str>,
    /// Where tokens are given.
    pub token_url: Option<Str>,
    /// Where they are renewed.
    pub refresh_url: Option<Str>,
    /// What can be asked for, with what each means.
    pub scopes: Vec<(Str, Str)>,
}
