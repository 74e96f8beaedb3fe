//! The suggestion for a name that nobody knows: the nearest one that somebody does.

/// A name of more letters is none that a person has mistyped.
const MOST_LETTERS: usize = 64;
/// So many candidates are looked at: a file with as many mistakes as names has to be reported in time.
const MOST_CANDIDATES: usize = 2_000;

/// The candidate nearest to `name`, if it is near enough that a person may have meant it: at most a third of the
/// letters differ (Damerau-Levenshtein with adjacent transpositions, case-insensitive).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut wanted = Vec::new();
    if !letters(name, &mut wanted) {
        return None;
    }
    let limit = (wanted.len() / 3).max(1);
    let (mut found, mut other, mut rows) = (None, Vec::new(), Rows::default());
    for candidate in candidates.into_iter().take(MOST_CANDIDATES) {
        // The one that comes first stays, so that only nearer ones count from here on.
        let most = found.map_or(limit, |(distance, _): (usize, _)| distance.saturating_sub(1));
        if letters(candidate, &mut other)
            && wanted.len().abs_diff(other.len()) <= most
            && let Some(distance) = rows.distance(&wanted, &other, most)
        {
            found = Some((distance, candidate));
            if distance == 0 {
                break;
            }
        }
    }
    found.map(|(_, candidate)| candidate)
}

/// The letters of `text` without their case; whether they are few enough.
fn letters(text: &str, into: &mut Vec<char>) -> bool {
    into.clear();
    into.extend(text.chars().flat_map(char::to_lowercase).take(MOST_LETTERS + 1));
    into.len() <= MOST_LETTERS
}

/// The rows of the table of distances that are needed at a time.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    previous: Vec<usize>,
    current: Vec<usize>,
}

impl Rows {
    /// How far apart `a` and `b` are, unless it is more than `most`.
    fn distance(&mut self, a: &[char], b: &[char], most: usize) -> Option<usize> {
        self.before.clear();
        self.previous.clear();
        self.previous.extend(0..=b.len());
        for (i, ca) in a.iter().enumerate() {
            self.current.clear();
            self.current.push(i + 1);
            let (before, previous, current) = (&self.before, &self.previous, &mut self.current);
            let mut least = i + 1;
            for (j, cb) in b.iter().enumerate() {
                let mut cost =
                    (previous[j] + usize::from(ca != cb)).min(previous[j + 1] + 1).min(current[j] + 1);
                if i > 0 && j > 0 && *ca == b[j - 1] && a[i - 1] == *cb {
                    cost = cost.min(before[j - 1] + 1);
                }
                current.push(cost);
                least = least.min(cost);
            }
            // A transposition may lead past one row, so two of them have to be too far.
            if least > most + 1 {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.previous);
            std::mem::swap(&mut self.previous, &mut self.current);
        }
        self.previous.last().copied().filter(|distance| *distance <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_slip_finds_the_name_that_was_meant() {
        assert_eq!(nearest("custmer", ["order", "customer"]), Some("customer"));
        assert_eq!(nearest("ordre", ["order", "customer"]), Some("order"));
        assert_eq!(nearest("Id", ["id"]), Some("id"));
    }

    #[test]
    fn a_name_unlike_all_others_gets_no_suggestion() {
        assert_eq!(nearest("weather", ["order", "customer"]), None);
        assert_eq!(nearest("anything", []), None);
    }

    #[test]
    fn the_first_of_those_that_are_equally_near_is_suggested() {
        assert_eq!(nearest("cat", ["bat", "cap", "cart"]), Some("bat"));
        assert_eq!(nearest("abcdef", ["abcxyf", "abcdxf", "abcdef"]), Some("abcdef"));
        assert_eq!(nearest("ab", ["ba"]), Some("ba"));
    }

    #[test]
    fn long_names_and_many_of_them_are_not_compared() {
        let long = "x".repeat(1 << 20);
        assert_eq!(nearest(&long, [long.as_str()]), None);
        assert_eq!(nearest("x", [long.as_str(), "y"]), Some("y"));
        let many = std::iter::repeat_n("far-away", 10_000).chain(["name"]);
        assert_eq!(nearest("nane", many), None);
    }
}
