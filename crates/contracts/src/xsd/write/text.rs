//! XML text with indented lines.

use crate::xml::{write_attribute, write_text};

#[derive(Default)]
pub(super) struct Text {
    out: Vec<u8>,
    depth: usize,
}

impl Text {
    pub(super) fn line(&mut self, line: &str) {
        self.indent();
        self.out.extend_from_slice(line.as_bytes());
        self.out.push(b'\n');
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n(b' ', self.depth * 2));
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, b">\n");
        self.depth += 1;
    }

    pub(super) fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(&format!("</{name}>"));
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, b"/>\n");
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &[u8]) {
        self.indent();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for (name, value) in attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'=');
            write_attribute(value, &mut self.out);
        }
        self.out.extend_from_slice(end);
    }

    /// The documentation of what is open.
    pub(super) fn doc(&mut self, doc: Option<&str>) {
        let Some(doc) = doc else { return };
        self.open("xs:annotation", &[]);
        self.indent();
        self.out.extend_from_slice(b"<xs:documentation>");
        write_text(doc, &mut self.out);
        self.out.extend_from_slice(b"</xs:documentation>\n");
        self.close("xs:annotation");
    }

    pub(super) fn finish(self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}
