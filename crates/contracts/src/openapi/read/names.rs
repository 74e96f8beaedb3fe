//! The names of operations: their `operationId`, or one made of method and path.

use tenon_document::Node;
use tenon_model::Str;

use super::Reader;

/// What a request is called that the description gives no name: `getOrdersById` for `GET /orders/{id}`.
fn derived(method: &str, path: &str) -> String {
    let mut name = method.to_lowercase();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let is_parameter = part.starts_with('{');
        if is_parameter {
            name.push_str("By");
        }
        for word in part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let mut characters = word.chars();
            name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
            name.push_str(characters.as_str());
        }
    }
    name
}

impl<'d> Reader<'d> {
    /// The name of a request, and whether it is given.
    pub(super) fn name_of(&mut self, node: &'d Node, method: &str, path: &str) -> (Str, bool) {
        if let Some(id) = self.access.text(node, "operationId").filter(|id| !id.is_empty()) {
            let value = node.get("operationId").unwrap_or(node);
            let name = Str::new(id);
            let Some(other) = self.names.get(&name) else {
                self.names.insert(name.clone(), value.place());
                return (name, true);
            };
            let message = format!(
                "the `operationId` `{id}` appears twice, in line {} before, so it names the first",
                other.line
            );
            self.access.note(value, message, "give each operation a name of its own");
        }
        let wanted = derived(method, path);
        let mut name = Str::from(wanted.clone());
        let number = self.numbers.entry(name.clone()).or_insert(2);
        while self.names.contains_key(&name) {
            name = Str::from(format!("{wanted}{number}"));
            *number += 1;
        }
        self.access.note(
            node,
            format!("`{} {path}` has no `operationId`, so it is called `{name}`", method.to_uppercase()),
            "add `operationId`",
        );
        self.names.insert(name.clone(), node.place());
        (name, false)
    }
}

#[cfg(test)]
mod tests {
    use super::derived;

    #[test]
    fn names_are_made_of_method_and_path() {
        for (method, path, expected) in [
            ("GET", "/orders/{id}", "getOrdersById"),
            ("GET", "/", "get"),
            ("post", "/order-lines/{order_id}/items.json", "postOrderLinesByOrderIdItemsJson"),
            ("DELETE", "/a/{b}/{c}", "deleteAByBByC"),
        ] {
            assert_eq!(derived(method, path), expected);
        }
    }
}
