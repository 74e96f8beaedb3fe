//! How callers show who they are, and where they have to.

use tenon_document::Node;
use tenon_errors::nearest;
use tenon_model::Str;

use super::Reader;
use crate::openapi::{
    model::{Flow, Location, Requirement, SecurityKind, SecurityScheme},
    version::Version,
};

impl<'d> Reader<'d> {
    pub(super) fn security_schemes(&mut self) -> Vec<SecurityScheme> {
        let holder = match self.version {
            Version::V2_0 => Some((self.root, "securityDefinitions")),
            _ => self.root.get("components").map(|components| (components, "securitySchemes")),
        };
        let Some((holder, key)) = holder else { return Vec::new() };
        let mut schemes = Vec::new();
        for (key, name, node) in self.access.map(holder, key) {
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "a security scheme") {
                continue;
            }
            let Some(kind) = self.security_kind(node, name) else { continue };
            schemes.push(SecurityScheme {
                name: Str::new(name),
                kind,
                deprecated: self.access.flag(node, "deprecated", false),
                doc: self.access.doc(node),
                place: key.place(),
            });
        }
        schemes
    }

    fn security_kind(&mut self, node: &'d Node, name: &str) -> Option<SecurityKind> {
        let what = format!("the security scheme `{name}`");
        let kind = self.access.needed_text(node, "type", &what)?;
        // What is missing keeps nobody from the operations that do not need it.
        let mut needed = |key| {
            if node.get(key).is_none() {
                let message = format!("{what} has no `{key}`, so nobody can follow it");
                self.access.note(node, message, format!("add `{key}`"));
            }
            Some(self.access.text(node, key).map(Str::new).unwrap_or_default())
        };
        match (kind, self.version) {
            ("apiKey", _) => {
                let key = needed("name")?;
                let place = needed("in")?;
                let location = match place.as_str() {
                    "query" => Location::Query,
                    "header" | "" => Location::Header,
                    "cookie" if self.version > Version::V2_0 => Location::Cookie,
                    _ => {
                        let message = format!("{what} is not allowed in `{place}`");
                        self.access.bad(node, message, "write `in: header`");
                        return None;
                    }
                };
                Some(SecurityKind::ApiKey { name: key, location })
            }
            ("basic", Version::V2_0) => {
                Some(SecurityKind::Http { scheme: Str::new("basic"), bearer_format: None })
            }
            ("http", version) if version > Version::V2_0 => {
                let scheme = Str::from(needed("scheme")?.to_lowercase());
                let bearer_format = self.access.text(node, "bearerFormat").map(Str::new);
                Some(SecurityKind::Http { scheme, bearer_format })
            }
            ("oauth2", Version::V2_0) => {
                let flow = needed("flow")?;
                let kind = match flow.as_str() {
                    "application" => "clientCredentials",
                    "accessCode" => "authorizationCode",
                    other => other,
                };
                Some(SecurityKind::OAuth2 { flows: vec![self.flow(node, kind)], metadata_url: None })
            }
            ("oauth2", _) => {
                let flows = self.access.map(node, "flows");
                if flows.is_empty() {
                    self.access.bad(node, format!("{what} has no `flows`"), "add `flows`");
                }
                let flows = flows.into_iter().map(|(_, kind, node)| self.flow(node, kind)).collect();
                let metadata_url = self.access.text(node, "oauth2MetadataUrl").map(Str::new);
                Some(SecurityKind::OAuth2 { flows, metadata_url })
            }
            ("openIdConnect", version) if version > Version::V2_0 => {
                Some(SecurityKind::OpenIdConnect { url: needed("openIdConnectUrl")? })
            }
            ("mutualTLS", version) if version >= Version::V3_1 => Some(SecurityKind::MutualTls),
            (other, version) => {
                let known: &[&str] = match version {
                    Version::V2_0 => &["basic", "apiKey", "oauth2"],
                    Version::V3_0 => &["apiKey", "http", "oauth2", "openIdConnect"],
                    _ => &["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"],
                };
                let hint = match nearest(other, known.iter().copied()) {
                    Some(meant) => format!("write `{meant}`"),
                    None => format!("write one of `{}`", known.join("`, `")),
                };
                let place = node.get("type").unwrap_or(node);
                self.access.bad(place, format!("{what} has the type `{other}`, which there is not"), hint);
                None
            }
        }
    }

    fn flow(&mut self, node: &'d Node, kind: &str) -> Flow {
        let known = ["implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization"];
        if !known.contains(&kind) {
            let hint =
                nearest(kind, known).map_or("remove it".to_owned(), |meant| format!("write `{meant}`"));
            self.access.bad(node, format!("there is no flow `{kind}` of OAuth 2.0"), hint);
        }
        let (needs_page, needs_token) = match kind {
            "implicit" => (true, false),
            "authorizationCode" => (true, true),
            _ => (false, true),
        };
        let what = format!("the flow `{kind}`");
        let mut url = |key: &str, is_needed: bool| {
            if is_needed && node.get(key).is_none() {
                let message = format!("{what} has no `{key}`, so nobody can follow it");
                self.access.note(node, message, format!("add `{key}`"));
            }
            self.access.text(node, key).map(Str::new)
        };
        Flow {
            kind: Str::new(kind),
            authorization_url: url("authorizationUrl", needs_page),
            token_url: url("tokenUrl", needs_token),
            refresh_url: url("refreshUrl", false),
            scopes: self
                .access
                .map(node, "scopes")
                .into_iter()
                .map(|(_, name, doc)| (Str::new(name), Str::new(doc.as_str().unwrap_or_default())))
                .collect(),
        }
    }

    /// The requirements of an operation: its own, or those at the top.
    pub(super) fn requirements(&mut self, node: &'d Node) -> Vec<Requirement> {
        let holder = if node.get("security").is_some() { node } else { self.root };
        let mut requirements = Vec::new();
        for node in self.access.list(holder, "security") {
            if !self.access.is_object(node, "a requirement") {
                continue;
            }
            let mut schemes = Vec::new();
            for (key, name, _) in crate::linked::Access::named(node) {
                let scopes = self.access.texts(node, name);
                if !self.scheme_names.contains(name) {
                    let known = self.schemes.iter().map(|scheme| scheme.name.as_str());
                    let hint = match nearest(name, known) {
                        Some(meant) => format!("write `{meant}`"),
                        None => "describe it among the security schemes".to_owned(),
                    };
                    let message = format!("there is no security scheme `{name}`, so nobody can follow it");
                    self.access.note(key, message, hint);
                }
                schemes.push((Str::new(name), scopes));
            }
            requirements.push(Requirement { schemes });
        }
        requirements
    }
}
