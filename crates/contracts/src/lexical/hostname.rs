//! Names of hosts: RFC 1123 section 2.1 with the A-labels of RFC 5890, and internationalized ones (RFC 5892).

use std::sync::LazyLock;

use regex::Regex;

use super::punycode;

const MAX_LABEL: usize = 63;
const MAX_NAME: usize = 253;

/// Labels of letters, digits and inner hyphens; one that starts with `xn--` stands for a label of other letters.
pub(super) fn is_hostname(text: &str) -> bool {
    text.len() <= MAX_NAME && text.split('.').all(is_ascii_label)
}

pub(super) fn is_idn_hostname(text: &str) -> bool {
    let mut length = 0;
    for label in text.split(['.', '。', '．', '｡']) {
        if label.is_ascii() {
            length += label.len() + 1;
            if !is_ascii_label(label) {
                return false;
            }
            continue;
        }
        let Some(encoded) = punycode::encode(label) else { return false };
        // With `xn--` in front and a dot behind.
        length += encoded.len() + 5;
        if encoded.len() + 4 > MAX_LABEL || !is_unicode_label(label) {
            return false;
        }
    }
    length <= MAX_NAME + 1
}

fn is_ascii_label(label: &str) -> bool {
    let is_plain = (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-');
    let encoded = match label.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("xn--") => &label[4..],
        _ => return is_plain,
    };
    let encoded = encoded.to_ascii_lowercase();
    // There is one A-label for each U-label: what is encoded otherwise is none.
    is_plain
        && punycode::decode(&encoded).is_some_and(|label| {
            !label.is_ascii()
                && is_unicode_label(&label)
                && punycode::encode(&label).as_deref() == Some(&*encoded)
        })
}

/// The code points of RFC 5892 that are letters and digits of a language, and stable under normalization as far as their
/// blocks tell; those that depend on their neighbours are judged by [`fits_context`].
static LETTERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^[a-z0-9\-\u{00B7}\u{00DF}\u{03C2}\u{0375}\u{05F3}\u{05F4}\u{06FD}\u{06FE}\u{0F0B}\u{200C}\u{200D}\u{3007}\u{30FB}[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}&&[^\u{0640}\u{07FA}\u{1100}-\u{11FF}\u{2100}-\u{214F}\u{302E}\u{302F}\u{3031}-\u{3035}\u{303B}\u{3131}-\u{318E}\u{A960}-\u{A97C}\u{D7B0}-\u{D7FB}\u{F900}-\u{FA0D}\u{FB00}-\u{FB4F}\u{FB50}-\u{FDFF}\u{FE70}-\u{FEFF}\u{FF00}-\u{FFEF}\u{1D400}-\u{1D7FF}]]]+$",
    )
    .ok()
});
static STARTS_WITH_MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{M}").ok());

fn is_unicode_label(label: &str) -> bool {
    let matches = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|regex| regex.is_match(label));
    let letters: Vec<char> = label.chars().collect();
    let has_reserved_hyphens = letters.get(2..4) == Some(&['-', '-']);
    matches(&LETTERS)
        && !matches(&STARTS_WITH_MARK)
        && !has_reserved_hyphens
        && letters.first() != Some(&'-')
        && letters.last() != Some(&'-')
        && (0..letters.len()).all(|at| fits_context(&letters, at))
}

/// The rules of RFC 5892 appendix A for code points that are good in some surroundings only.
fn fits_context(letters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| letters[at]);
    let after = letters.get(at + 1).copied();
    let has = |range: std::ops::RangeInclusive<char>| letters.iter().any(|c| range.contains(c));
    match letters[at] {
        '\u{00B7}' => before == Some('l') && after == Some('l'),
        '\u{0375}' => after.is_some_and(|c| matches!(c, '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}')),
        '\u{05F3}' | '\u{05F4}' => before.is_some_and(|c| matches!(c, '\u{0590}'..='\u{05FF}')),
        '\u{30FB}' => letters.iter().any(|c| {
            matches!(c, '\u{3041}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}')
        }),
        // A joiner stands after a virama.
        '\u{200C}' | '\u{200D}' => before.is_some_and(is_virama),
        '\u{0660}'..='\u{0669}' => !has('\u{06F0}'..='\u{06F9}'),
        '\u{06F0}'..='\u{06F9}' => !has('\u{0660}'..='\u{0669}'),
        _ => true,
    }
}

fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{094D}'
            | '\u{09CD}'
            | '\u{0A4D}'
            | '\u{0ACD}'
            | '\u{0B4D}'
            | '\u{0BCD}'
            | '\u{0C4D}'
            | '\u{0CCD}'
            | '\u{0D4D}'
            | '\u{0DCA}'
            | '\u{0E3A}'
            | '\u{0F84}'
            | '\u{1039}'
            | '\u{103A}'
            | '\u{1714}'
            | '\u{1734}'
            | '\u{17D2}'
    )
}
