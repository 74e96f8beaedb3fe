//! Schemas of namespaces that many schemas refer to and few bring along. Only W3C defines what is in its namespaces, so that a
//! copy says what the file at the namespace's address says; a file of the project goes before it. The types of
//! SOAP's encoding are written here, as far as descriptions refer to them.

/// A schema that is known by its namespace.
pub(super) struct Known {
    pub(super) namespace: &'static str,
    /// What its places say: it is not a file of the project.
    pub(super) file: &'static str,
    pub(super) text: &'static str,
}

/// Each stands before those that it refers to.
pub(super) const ALL: &[Known] = &[
    Known {
        namespace: "http://www.w3.org/2000/09/xmldsig#",
        file: "(types of XML Signature)",
        text: include_str!("catalogue/xmldsig-core-schema.xsd"),
    },
    Known {
        namespace: "http://www.w3.org/1999/xlink",
        file: "(attributes of XLink)",
        text: include_str!("catalogue/xlink.xsd"),
    },
    Known {
        namespace: "http://schemas.xmlsoap.org/soap/encoding/",
        file: "(types of SOAP's encoding)",
        text: include_str!("catalogue/soap-encoding.xsd"),
    },
    Known {
        namespace: crate::xml::XML,
        file: "(attributes of XML)",
        text: include_str!("catalogue/xml.xsd"),
    },
];

/// Whether a place in `file` is in one of them, of which nobody is told.
pub(in crate::xsd) fn has_file(file: &str) -> bool {
    ALL.iter().any(|known| known.file == file)
}
