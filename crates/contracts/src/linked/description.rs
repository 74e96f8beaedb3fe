//! What descriptions of every kind have: `info`, schemas, and what is wrong with both.

use tenon_document::Node;
use tenon_errors::{Report, Reports};
use tenon_model::Str;

use super::{Access, Linked, Loaded};
use crate::json_schema::{Dialect, Embedded, Unfit, Within};

/// What the `info` of a description says.
#[derive(Debug, Default)]
pub(crate) struct Info {
    pub(crate) title: Str,
    pub(crate) version: Str,
    pub(crate) doc: Option<Str>,
}

impl<'d> Access<'d> {
    /// Reads the `info` of the description at `root`, which has to be there.
    pub(crate) fn info(&mut self, root: &'d Node) -> Info {
        let Some(info) = root.get("info") else {
            let hint = "add `info` with a title and a version";
            self.bad(root, "the description has no `info`", hint);
            return Info::default();
        };
        let version = info.get("version").and_then(Node::scalar_text);
        Info {
            title: self.needed_text(info, "title", "`info`").map(Str::new).unwrap_or_default(),
            version: version.map(Str::from).unwrap_or_default(),
            doc: self.doc(info),
        }
    }

    /// What was wrong with the description and its schemas, and what there is to note.
    pub(crate) fn finish_with(self, schemas: Embedded<'d>) -> (Reports, Vec<Report>) {
        let (mut problems, mut notes) = self.finish();
        let (of_schemas, notes_of_schemas) = schemas.finish();
        problems.extend(of_schemas);
        notes.extend(notes_of_schemas);
        (problems, notes)
    }
}

impl Linked {
    /// The schemas in the documents. A document with one of `keys` at its top is a description; any other one is a schema itself.
    /// `named` is the dialect that the description names, and `known` are the schemas that are likely to be
    /// asked for; the document is read as [`Unfit::without`] has it.
    pub(crate) fn schemas<'d>(
        &'d self,
        keys: &[&str],
        dialect: Dialect,
        named: Option<&str>,
        known: Vec<&'d Node>,
        unfit: &Unfit,
    ) -> Embedded<'d> {
        let within = |loaded: &'d Loaded| Within {
            address: &loaded.address,
            root: &loaded.root,
            is_description: keys.iter().any(|key| loaded.root.get(key).is_some()),
        };
        let others: Vec<Within<'d>> = self.documents.iter().skip(1).map(within).collect();
        let first = within(&self.documents[0]);
        Embedded::new(&first, &others, dialect, named, known, self.refused.clone(), unfit)
    }
}
