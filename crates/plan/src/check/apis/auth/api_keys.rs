//! `apis.NAME.auth.api_keys`: long random texts that each belong to one owner.

use std::collections::HashMap;

use tenon_errors::{
    Report,
    catalogue::{
        project::{BAD_VALUE, MISSING_KEY},
        security::SHARED_API_KEY,
    },
};
use tenon_model::Name;
use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::api_key::KeyHash;

use super::{EXPIRES, expires, scopes};
use crate::{ApiKey, KeyMaterial, check::Context, parse::Object};

/// `apis.NAME.auth.api_keys.NAME`.
pub(crate) static API_KEY: Spec = Spec {
    name: "API key",
    doc: "A key, sent as `X-Api-Key` or `Authorization: Bearer`. It has either `hash` or `key`.",
    keys: &[
        Key::optional("hash", Value::Setting, "", "Its hash, which `tenon key make` prints beside the key."),
        Key::optional(
            "key",
            Value::Secret,
            "",
            "The secret that holds the key itself, at least 16 characters; `--dev` makes one.",
        ),
        Key::required("scopes", Value::List(&Value::Text), "What it allows."),
        Key::optional(
            "owner",
            Value::Name,
            "",
            "Whose it is, `caller.subject`, if that is not the name of the key. Two keys of an owner hold side by side while one replaces the other.",
        ),
        EXPIRES,
    ],
};

pub(super) fn api_keys(auth: Object<'_>, context: &mut Context<'_>) -> Vec<ApiKey> {
    let mut keys = Vec::new();
    let mut names = HashMap::new();
    for (name, _, node) in auth.named("api_keys") {
        let object = Object::new(node);
        let (scopes, expires) = (scopes(object, context), expires(object, context));
        let owner = object.text("owner").and_then(|owner| Name::new(&owner));
        let (node, material) = match (object.get("key"), object.get("hash")) {
            (Some(key), None) => {
                let Some(secret) = context.secret(key) else { continue };
                (key, KeyMaterial::Secret(secret))
            }
            (None, Some(hash)) => {
                let Some(text) = context.setting(hash) else { continue };
                let Some(parsed) = context.take_at(hash, KeyHash::parse(&text)) else { continue };
                (hash, KeyMaterial::Hash(parsed))
            }
            (None, None) => {
                let report = Report::new(&MISSING_KEY, format!("the API key `{name}` has no `hash`"));
                let hint = "write the `hash` that `tenon key make` prints, or `key` with the secret that holds the key";
                context.problem(report.at(node.place()).hint(hint));
                continue;
            }
            (Some(key), Some(_)) => {
                let report =
                    Report::new(&BAD_VALUE, format!("the API key `{name}` has both `hash` and `key`"));
                context.problem(report.at(key.place()).hint("keep one of them"));
                continue;
            }
        };
        if let Some(other) = names.insert(material.clone(), name.clone()) {
            let message = format!(
                "`{name}` and `{other}` have the same key, so their requests could not be told apart"
            );
            context.problem(
                Report::new(&SHARED_API_KEY, message).at(node.place()).hint("give each a key of its own"),
            );
            continue;
        }
        keys.push(ApiKey { owner: owner.unwrap_or_else(|| name.clone()), name, material, scopes, expires });
    }
    keys
}
