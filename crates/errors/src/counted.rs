//! A number of things, in words.

use std::fmt::Display;

/// A number and what it counts: `1 row`, `2 rows`.
#[must_use]
pub fn counted(count: impl Display, thing: &str) -> String {
    let count = count.to_string();
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {thing}{ending}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_one_is_singular() {
        let all = [0, 1, 2].map(|count| super::counted(count, "row"));
        assert_eq!(all, ["0 rows", "1 row", "2 rows"]);
    }
}
