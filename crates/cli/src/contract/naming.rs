//! What contracts are called after.

/// What a contract of the type `name` is called: `order-line` for `shop.OrderLine` and `order_line`.
pub fn contract_name(name: &str) -> String {
    let last = name.rsplit(['.', ':', '/', '}']).next().unwrap_or(name);
    let mut out = String::with_capacity(last.len() + 4);
    let letters: Vec<char> = last.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let begins_word = letter.is_uppercase()
            && (before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit())
                || before.is_some_and(char::is_uppercase)
                    && letters.get(at + 1).is_some_and(|it| it.is_lowercase()));
        if begins_word && !out.ends_with('-') {
            out.push('-');
        }
        match letter {
            '_' | ' ' | '-' if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            '_' | ' ' | '-' => {}
            letter => out.extend(letter.to_lowercase()),
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_are_called_after_their_types() {
        for (name, expected) in [
            ("OrderLine", "order-line"),
            ("shop.v1.Order", "order"),
            ("order_line", "order-line"),
            ("HTTPRequest", "http-request"),
            ("orderID2X", "order-id2-x"),
            ("__a", "a"),
        ] {
            assert_eq!(contract_name(name), expected);
        }
    }
}
