//! What `tenon explain` and `/problems/CODE` show for a code.

use tenon_errors::Code;

/// The page of a code, as Markdown.
#[must_use]
pub fn markdown(code: &Code) -> String {
    format!(
        "# {id} {name}\n\n**{title}.** Kind `{kind}`, fault of the {fault}, retry: {retry}.\n\n{page}\n",
        id = code.id,
        name = code.name,
        title = code.title,
        kind = code.kind.name(),
        fault = code.fault.name(),
        retry = code.retry.name(),
        page = code.page.trim(),
    )
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue;

    #[test]
    fn every_code_has_a_page_that_starts_with_its_id() {
        for code in catalogue::all() {
            let page = super::markdown(code);
            assert!(page.starts_with(&format!("# {} {}\n", code.id, code.name)));
        }
    }
}
