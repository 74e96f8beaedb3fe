//! Block strings: the indentation that all their lines share, and the empty lines around them, are not part of the text
//! (specification, section 2.9.4, `BlockStringValue`).

/// The text that the inside of a block string stands for.
pub(super) fn value(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = raw.split('\n').collect();
    let common = lines.iter().skip(1).filter_map(|line| indent(line)).min().unwrap_or(0);
    for line in lines.iter_mut().skip(1) {
        *line = line.get(common..).unwrap_or_default();
    }
    let is_empty = |line: &&str| indent(line).is_none();
    let first = lines.iter().position(|line| !is_empty(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !is_empty(line)).map_or(first, |at| at + 1);
    lines[first..last].join("\n")
}

/// How many spaces and tabs a line begins with; `None` if it has nothing else.
fn indent(line: &str) -> Option<usize> {
    line.bytes().position(|byte| byte != b' ' && byte != b'\t')
}
