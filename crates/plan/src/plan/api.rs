//! APIs: operations, where they are exposed, and who may call them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use tenon_contracts::{Contract, format::Effect};
use tenon_errors::Place;
use tenon_model::{Field, Name, Shape, Str, units::Rate};
use tenon_security::{
    api_key::KeyHash, authorize::Access, certificate::CertificateName, jwt::DeclaredClaim,
    password::PasswordHash,
};

use super::{Flow, GrpcExposure, SoapExposure, Table};
use crate::check::kinds;

/// A set of operations that are served together.
#[derive(Debug)]
pub struct Api {
    /// Its name.
    pub name: Name,
    /// Where the project names it.
    pub place: Place,
    /// How callers prove who they are.
    pub auth: Auth,
    /// Which pages of other origins may call it from a browser; `None` for no page.
    pub cors: Option<Cors>,
    /// The path below which operations are served as REST, without a trailing slash; `None` if they are not.
    pub rest: Option<Str>,
    /// Where operations are served as GraphQL.
    pub graphql: Option<GraphqlExposure>,
    /// Where and how operations are served as SOAP.
    pub soap: Option<Arc<SoapExposure>>,
    /// The service by which operations are served as gRPC.
    pub grpc: Option<GrpcExposure>,
    /// The operations, in the order of the project.
    pub operations: Vec<Arc<Operation>>,
    /// Who may follow references to tables that no operation of this API reads. Rows of a table that is neither here nor
    /// read by an operation are not shown.
    pub references: BTreeMap<Name, Followed>,
}

/// Whether an API shows the rows of a table that only references lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// To whoever has this access.
    By(Access),
    /// To nobody: the references are left out.
    Hidden,
}

/// Which pages of other origins may call an API from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// The origins as browsers send them; `*` for every page.
    pub origins: Vec<Str>,
    /// How long a browser may remember what it was allowed.
    pub max_age: Duration,
}

/// How an API is served as GraphQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphqlExposure {
    /// The path.
    pub path: Str,
    /// Whether clients may ask for the schema.
    pub introspection: bool,
    /// The deepest selection.
    pub max_depth: usize,
    /// The largest answer, in bytes.
    pub max_answer: usize,
}

/// How callers prove who they are. Where nothing is listed, only open operations can be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Auth {
    /// API keys, sent as `X-Api-Key` or `Authorization: Bearer`.
    pub api_keys: Vec<ApiKey>,
    /// Users with passwords, sent as `Authorization: Basic`.
    pub basic: Vec<BasicUser>,
    /// Callers with client certificates.
    pub certificates: Vec<CertificateUser>,
    /// JSON Web Tokens, sent as `Authorization: Bearer`, by issuer.
    pub jwt: Vec<JwtAuth>,
    /// Issuers that are asked about tokens, sent as `Authorization: Bearer`.
    pub introspection: Vec<IntrospectionAuth>,
    /// The URL that clients know the API by, without a slash at the end; what it is guarded by is told if it is there.
    pub resource: Option<Str>,
}

impl Auth {
    /// How many callers are listed with what they may do.
    pub(crate) fn listed(&self) -> usize {
        self.api_keys.len() + self.basic.len() + self.certificates.len()
    }

    /// What those may do.
    pub(crate) fn listed_scopes(&self) -> impl Iterator<Item = &Str> {
        let keys = self.api_keys.iter().flat_map(|key| &key.scopes);
        let users = keys.chain(self.basic.iter().flat_map(|user| &user.scopes));
        users.chain(self.certificates.iter().flat_map(|user| &user.scopes))
    }

    /// Where it is told what the API is guarded by (RFC 9728, section 3): as a URL, and the path at this server.
    #[must_use]
    pub fn metadata(&self) -> Option<(Str, Str)> {
        let resource = self.resource.as_ref()?;
        let (scheme, rest) = resource.split_once("://")?;
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let path = format!("/.well-known/oauth-protected-resource{path}");
        Some((format!("{scheme}://{host}{path}").into(), path.into()))
    }
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// What it is called: it is not shown itself.
    pub name: Name,
    /// Who uses it: the principal's subject.
    pub owner: Name,
    /// How it is known.
    pub material: KeyMaterial,
    /// What it allows.
    pub scopes: Vec<Str>,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
}

/// How an API key is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyMaterial {
    /// By its hash.
    Hash(KeyHash),
    /// By the secret of this name, which holds it.
    Secret(Str),
}

/// A user with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicUser {
    /// Who it is: the principal's subject.
    pub name: Name,
    /// How the password is known.
    pub hash: PasswordHash,
    /// What the user may do.
    pub scopes: Vec<Str>,
    /// From when on the password is refused.
    pub expires: Option<Timestamp>,
}

/// A caller with a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateUser {
    /// Who it is: the principal's subject.
    pub name: Name,
    /// The name that the certificate has.
    pub of: CertificateName,
    /// What it allows.
    pub scopes: Vec<Str>,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
}

/// Which JSON Web Tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtAuth {
    /// The `iss` claim.
    pub issuer: Str,
    /// The `aud` claim is or contains one of these.
    pub audiences: Vec<Str>,
    /// Where the public keys are.
    pub key_set: KeySetLocation,
    /// Whether only access tokens by RFC 9068 are accepted.
    pub only_access_tokens: bool,
    /// How far clocks may differ.
    pub leeway: Duration,
    /// The claims that hold scopes; a claim inside of another is written with a dot.
    pub scope_claims: Vec<Str>,
    /// The claims that expressions see.
    pub claims: Vec<DeclaredClaim>,
}

/// An issuer that is asked about tokens (RFC 7662).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntrospectionAuth {
    /// Whose tokens these are.
    pub issuer: Str,
    /// Where it is asked: an `https://` (or loopback `http://`) URL.
    pub url: Str,
    /// The id that the API is known by there.
    pub client: Str,
    /// The name of the secret that goes with it.
    pub secret: Str,
    /// What `aud` in its answers is or contains; any if there are none.
    pub audiences: Vec<Str>,
    /// How long an answer counts.
    pub cache: Duration,
    /// How far clocks may differ.
    pub leeway: Duration,
    /// Where scopes stand in its answers.
    pub scope_claims: Vec<Str>,
    /// What expressions see of its answers.
    pub claims: Vec<DeclaredClaim>,
}

/// Where a JSON Web Key Set is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetLocation {
    /// A file of the project.
    File(Str),
    /// An `https://` (or loopback `http://`) URL.
    Url(Str),
    /// Where the issuer says, whose URL its name is (OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3).
    Discovered,
}

/// One operation of an API.
#[derive(Debug)]
pub struct Operation {
    /// Its name, unique in its API; the GraphQL field and OpenAPI `operationId`.
    pub name: Name,
    /// What the project says about it.
    pub doc: Option<Str>,
    /// Its REST route.
    pub route: Option<Route>,
    /// Who may call it.
    pub access: Access,
    /// What it does.
    pub kind: OperationKind,
    /// How often it may be called.
    pub limit: Option<RateLimit>,
    /// How long an answer may be served again.
    pub cache: Option<Duration>,
    /// The longest wait for it.
    pub timeout: Duration,
    /// The HTTP status of success.
    pub status: u16,
}

impl Operation {
    /// Whether it only reads of other systems what it answers.
    #[must_use]
    pub fn only_asks(&self) -> bool {
        let OperationKind::Send { flow, .. } = &self.kind else { return false };
        flow.stands_for.as_ref().is_some_and(|called| called.effect == Effect::Safe)
    }

    /// The fields of the input that a request gives in its query: those of a GET, which has no body, that a query can hold
    /// and the path does not. `None` where a request has a body.
    #[must_use]
    pub fn in_query(&self) -> Option<Vec<Field>> {
        let (OperationKind::Send { input, .. }, Some(route)) = (&self.kind, &self.route) else { return None };
        (route.method == "GET").then(|| route.in_query(&input.shape))
    }
}

impl Route {
    /// The fields of a record that are scalars, or lists of them, and not parameters of the path.
    pub(crate) fn in_query(&self, shape: &Shape) -> Vec<Field> {
        let in_path = |field: &Field| {
            self.segments.iter().any(|it| matches!(it, Segment::Parameter(name) if *name == field.name))
        };
        let is_held = |shape: &Shape| kinds::scalar(shape).is_some() || kinds::is_list_of_scalars(shape);
        let is_queried = |field: &&Field| !in_path(field) && is_held(&field.shape);
        let record = shape.as_record();
        record.map(|it| it.fields().iter().filter(is_queried).cloned().collect()).unwrap_or_default()
    }
}

/// What an operation does.
#[derive(Debug)]
pub enum OperationKind {
    /// Reads one row by its key; the route's parameters are the key columns.
    Get {
        /// The table.
        table: Arc<Table>,
    },
    /// Reads pages of rows.
    List {
        /// The table.
        table: Arc<Table>,
        /// The columns that may be filtered by.
        filter: Vec<Str>,
        /// The columns that may be sorted by; the first is the default order.
        sort: Vec<Str>,
        /// The page size unless the caller asks for less or more.
        page_size: usize,
        /// The largest page.
        max_page_size: usize,
    },
    /// Sends a message through a flow and answers with its reply; asks an operation of another system, which is a flow of one call.
    Send {
        /// The flow; one that [stands for](Flow::stands_for) the operation of another system is not among those of the plan.
        flow: Arc<Flow>,
        /// What the request follows; the flow's input.
        input: Arc<Contract>,
        /// What the reply follows.
        output: Arc<Contract>,
    },
}

/// A method and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method, in capitals.
    pub method: Str,
    /// The path below the API's base, as written: `/flights/{id}`.
    pub path: Str,
    /// The path, split.
    pub segments: Vec<Segment>,
}

/// A part of a path between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Literal(Str),
    /// Any text, the value of this parameter.
    Parameter(Str),
}

/// How often an operation may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many in how much time.
    pub rate: Rate,
    /// Whether each client (principal, or address where anonymous) has a limit of its own.
    pub per_client: bool,
}
