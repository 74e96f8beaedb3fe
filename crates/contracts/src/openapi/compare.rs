//! Descriptions as subjects of a comparison: parameters, media types, statuses and headers are parts of their operations.

use std::collections::HashMap;

use tenon_errors::Place;
use tenon_model::{Kind, Shape, Str};

use super::{
    model::{Description, Header, Location, MediaType, Request, SecurityKind, Serialization},
    read::{path_names, plain_path},
};
use crate::relate::{
    Role,
    operations::{Part, Subject, Way},
};

impl Description {
    /// The operations and webhooks as they are compared with those of another version.
    #[must_use]
    pub fn subjects(&self) -> Vec<Subject> {
        let mut schemes: HashMap<&str, String> = HashMap::new();
        for scheme in &self.security_schemes {
            let word = told(&scheme.kind);
            // Of several that work alike, each stands for a credential of its own.
            let is_alone = self.security_schemes.iter().filter(|it| told(&it.kind) == word).count() == 1;
            schemes.insert(&scheme.name, if is_alone { word } else { format!("{word} `{}`", scheme.name) });
        }
        let operations = self.operations.iter().map(|it| subject(it, false, &schemes));
        let webhooks = self.webhooks.iter().map(|it| subject(it, true, &schemes));
        let mut subjects: Vec<Subject> = operations.chain(webhooks).collect();
        // A path that is described twice is told apart by what its parameters are called.
        let mut counts: HashMap<String, usize> = HashMap::new();
        for subject in &subjects {
            *counts.entry(subject.key.clone()).or_default() += 1;
        }
        for subject in &mut subjects {
            if counts[&subject.key] > 1 {
                subject.key.clone_from(&subject.title);
            }
        }
        subjects
    }
}

fn subject(request: &Request, is_webhook: bool, schemes: &HashMap<&str, String>) -> Subject {
    // The service writes the requests of webhooks, and reads their replies.
    let (asked, answered) =
        if is_webhook { (Role::Reply, Role::Request) } else { (Role::Request, Role::Reply) };
    let mut parts = parameters(request, asked);
    if let Some(body) = &request.body {
        parts.push(presence("body", "the body", asked, body.required, &body.place));
        parts.extend(body.content.iter().map(|content| form(content, "body", "the body", asked)));
    }
    for reply in &request.replies {
        let key = format!("reply {}", reply.status);
        let title = format!("the reply {}", reply.status);
        parts.push(presence(&key, &title, answered, false, &reply.place));
        parts.extend(reply.content.iter().map(|content| form(content, &key, &title, answered)));
        parts.extend(reply.headers.iter().map(|it| header(it, &key, &title, answered)));
    }
    let kind = if is_webhook { "webhook " } else { "" };
    Subject {
        key: format!("{} {kind}{}", request.method, plain_path(&request.path)),
        title: format!("{} {kind}{}", request.method, request.path),
        parts,
        access: request.security.iter().map(|it| way(&it.schemes, schemes)).collect(),
        place: request.place.clone(),
    }
}

fn parameters(request: &Request, role: Role) -> Vec<Part> {
    let in_path = path_names(&request.path);
    let mut parts = Vec::new();
    for parameter in &request.parameters {
        let position = in_path.iter().position(|name| parameter.name == *name);
        let key = match (parameter.location, position) {
            // What a parameter of the path is called is nothing to those who ask.
            (Location::Path, Some(position)) => format!("path {position}"),
            (Location::Header, _) => format!("header {}", parameter.name.to_ascii_lowercase()),
            (location, _) => format!("{} {}", location.name(), parameter.name),
        };
        let title = format!("the {} parameter `{}`", parameter.location.name(), parameter.name);
        if parameter.allow_empty {
            let empty = format!("an empty value of {title}");
            parts.push(presence(&format!("{key} empty"), &empty, role, false, &parameter.place));
        }
        parts.push(Part {
            key,
            title,
            role,
            required: parameter.required,
            shape: Some(parameter.shape.clone()),
            facts: facts(&parameter.serialization, &parameter.shape),
            place: parameter.place.clone(),
        });
    }
    parts
}

fn presence(key: &str, title: &str, role: Role, required: bool, place: &Place) -> Part {
    Part {
        key: key.to_owned(),
        title: title.to_owned(),
        role,
        required,
        shape: None,
        facts: Vec::new(),
        place: place.clone(),
    }
}

fn form(content: &MediaType, key: &str, title: &str, role: Role) -> Part {
    let mut facts = vec![("stream", content.item.is_some().to_string())];
    for encoding in &content.encodings {
        if let (Some(style), "application/x-www-form-urlencoded") = (encoding.style, content.name.as_str()) {
            facts.push(("style of a property", format!("{}: {}", encoding.property, style.form.name())));
        }
    }
    Part {
        key: format!("{key} {}", content.name.to_ascii_lowercase().replace(' ', "")),
        title: format!("{title} as `{}`", content.name),
        role,
        required: false,
        shape: Some(content.item.clone().unwrap_or_else(|| content.shape.clone())),
        facts,
        place: content.place.clone(),
    }
}

fn header(header: &Header, key: &str, title: &str, role: Role) -> Part {
    Part {
        key: format!("{key} header {}", header.name.to_ascii_lowercase()),
        title: format!("the header `{}` of {title}", header.name),
        role,
        required: header.required,
        shape: Some(header.shape.clone()),
        facts: facts(&header.serialization, &header.shape),
        place: header.place.clone(),
    }
}

fn facts(serialization: &Serialization, shape: &Shape) -> Vec<(&'static str, String)> {
    match serialization {
        Serialization::Content(media_type) => vec![("style", media_type.to_string())],
        Serialization::Style(style) => {
            let mut facts = vec![("style", style.form.name().to_owned())];
            // What is written alone is the same, exploded or not.
            if is_composite(shape, 0) {
                facts.push(("`explode`", style.explode.to_string()));
            }
            facts
        }
    }
}

fn is_composite(shape: &Shape, depth: usize) -> bool {
    match &shape.resolved().kind {
        Kind::List(_) | Kind::Record(_) | Kind::Map(_) => true,
        Kind::Union(union) => depth < 8 && union.variants.iter().any(|(_, it)| is_composite(it, depth + 1)),
        _ => false,
    }
}

/// What is shown: the schemes as they work, whatever they are called, and their scopes.
fn way(schemes: &[(Str, Vec<Str>)], known: &HashMap<&str, String>) -> Way {
    let mut words = Vec::new();
    for (name, scopes) in schemes {
        let scheme = known.get(name.as_str()).cloned().unwrap_or_else(|| name.to_string());
        words.extend(scopes.iter().map(|scope| format!("{scheme} scope {scope}")));
        words.push(scheme);
    }
    words
}

fn told(kind: &SecurityKind) -> String {
    match kind {
        SecurityKind::ApiKey { name, location } => format!("apiKey {name} in {}", location.name()),
        SecurityKind::Http { scheme, .. } => format!("http {scheme}"),
        SecurityKind::OAuth2 { flows, .. } => {
            let flow = |flow: &super::model::Flow| {
                let urls = [&flow.authorization_url, &flow.token_url, &flow.refresh_url];
                let urls: Vec<&str> = urls.into_iter().flatten().map(Str::as_str).collect();
                format!("{} {}", flow.kind, urls.join(" "))
            };
            format!("oauth2 {}", flows.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        SecurityKind::OpenIdConnect { url } => format!("openIdConnect {url}"),
        SecurityKind::MutualTls => "mutualTLS".to_owned(),
    }
}
