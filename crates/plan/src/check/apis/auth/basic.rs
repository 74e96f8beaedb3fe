//! `apis.NAME.auth.basic`: names and passwords.

use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::password::PasswordHash;

use super::{EXPIRES, expires, scopes};
use crate::{BasicUser, check::Context, parse::Object};

/// `apis.NAME.auth.basic.NAME`.
pub(crate) static BASIC_USER: Spec = Spec {
    name: "user",
    doc: "Somebody who sends a password with the name, as `Authorization: Basic`.",
    keys: &[
        Key::required(
            "hash",
            Value::Setting,
            "The bcrypt hash of the password, as `tenon key password` and `htpasswd -B` write it.",
        ),
        Key::required("scopes", Value::List(&Value::Text), "What the user may do."),
        EXPIRES,
    ],
};

pub(super) fn users(auth: Object<'_>, context: &mut Context<'_>) -> Vec<BasicUser> {
    let mut users = Vec::new();
    for (name, _, node) in auth.named("basic") {
        let object = Object::new(node);
        let (scopes, expires) = (scopes(object, context), expires(object, context));
        let Some(node) = object.get("hash") else { continue };
        let Some(text) = context.setting(node) else { continue };
        let Some(hash) = context.take_at(node, PasswordHash::parse(&text)) else { continue };
        users.push(BasicUser { name, hash, scopes, expires });
    }
    users
}
